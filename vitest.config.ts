import { defineConfig } from 'vitest/config';

// Tests import the packages by name, as users do, and so run what was built: `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks', // each file in its own process: a native crash then fails one file, not the run
    maxWorkers: 2,
    // Two files run at a time: a team of OpenMP threads for each would wait for the other's cores.
    env: { OMP_NUM_THREADS: '1' },
  },
});
