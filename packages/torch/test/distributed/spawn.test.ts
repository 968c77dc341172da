import { distributed } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { supportFile } from './support/ranks.js';

const script = supportFile('child.mjs');

/** Starts `n` children and collects what they write, by rank. */
async function run(n: number, what: string, options: distributed.SpawnOptions = {}): Promise<string[][]> {
  const lines = Array.from({ length: n }, (): string[] => []);
  await distributed.spawnProcesses(n, script, {
    args: [what],
    timeoutMs: 30_000,
    onLine: (line, rank) => lines[rank]?.push(line),
    ...options,
  });
  return lines;
}

async function failure(promise: Promise<unknown>): Promise<distributed.ProcessError> {
  const error = await promise.then(
    () => new Error('expected an error'),
    (reason: unknown) => reason,
  );
  if (!distributed.isProcessError(error)) throw error;
  return error;
}

describe('spawnProcesses', () => {
  it('tells each process who it is, as torchrun does', async () => {
    const lines = await run(2, 'environment', { env: { EXTRA: 'yes', OMP_NUM_THREADS: '3' } });
    const told = lines.map(([first]) => JSON.parse(first as string));
    const port = told[0].MASTER_PORT;
    expect(Number(port)).toBeGreaterThan(0);
    const common = {
      WORLD_SIZE: '2',
      LOCAL_WORLD_SIZE: '2',
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: port,
      EXTRA: 'yes',
    };
    expect(told).toEqual([
      { RANK: '0', LOCAL_RANK: '0', ...common },
      { RANK: '1', LOCAL_RANK: '1', ...common },
    ]);
    expect(lines.map((all) => all.slice(1))).toEqual(Array(2).fill(['3', 'no newline at the end']));
  });

  it('ends the others when one fails, and says which and why', async () => {
    const error = await failure(run(3, 'fail'));
    expect(error).toMatchObject({
      rank: 1,
      exitCode: 7,
      signal: null,
      stderrTail: 'a first line\nout of luck',
    });
    expect(error.message).toBe('rank 1 exited with code 7:\na first line\nout of luck');
  });

  it('says which signal ended a process', async () => {
    expect(await failure(run(2, 'kill'))).toMatchObject({ rank: 0, signal: 'SIGKILL', exitCode: null });
  });

  it('ends all after the time-out, also those that ignore being asked', async () => {
    const error = await failure(run(2, 'stubborn', { timeoutMs: 1000 }));
    expect(error.rank).toBeUndefined();
    expect(error.message).toBe('ranks 0, 1 had not ended after 1000 ms');
  });

  it('ends all when it is aborted', async () => {
    const controller = new AbortController();
    const running = run(2, 'forever', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(running).rejects.toThrow('enough');
    await expect(run(2, 'forever', { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('refuses a number of processes that cannot be', async () => {
    await expect(run(0, 'environment')).rejects.toThrow(/expected a number of processes ≥ 1, found 0/);
  });
});
