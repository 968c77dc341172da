// Running the two sides of a comparison in processes of their own, one after the other.
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** Runs a command that prints one JSON line last, and adds the process's peak memory. Undefined where it can't run. */
export function runJson(command, args, env = {}) {
  const result = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}`);
  return JSON.parse(result.stdout.trim().split('\n').at(-1));
}

/** A Python that can import torch: $PYTHON, python3 on the PATH, or the system's. */
export function pythonWithTorch() {
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean);
  return candidates.find(
    (python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const round = (number, digits = 2) => Number(number.toFixed(digits));

/** Where something was measured, and how busy it was there. */
export const machine = () => ({ cpu: cpus()[0]?.model, load: round(loadavg()[0], 1) });

export const print = (record) => console.log(JSON.stringify(record));

/** Seconds of the fastest of some calls: noise only ever adds time. */
export async function fastest(rounds, run) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await run();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}
