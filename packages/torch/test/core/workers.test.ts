import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ones, receiveTensor, shareTensor, zeros } from '@mien/torch';
import { describe, expect, it } from 'vitest';

const start = (workerData: object): Worker =>
  new Worker(new URL('support/worker.mjs', import.meta.url), { workerData });

const message = async (worker: Worker): Promise<never> => (await once(worker, 'message'))[0] as never;

describe('workers', () => {
  it('train while the main thread’s timer keeps ticking', async () => {
    const worker = start({ job: 'forever' });
    await message(worker);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await sleep(500);
    clearInterval(timer);
    await worker.terminate();
    // Blocked for the whole time the timer would tick once at most.
    expect(ticks).toBeGreaterThan(10);
  });

  it('give the result of the main thread, several of them at a time', async () => {
    const seeds = [3, 3, 4];
    const workers = seeds.map((seed) => start({ job: 'train', seed, steps: 1 }));
    const [a, b, c] = (await Promise.all(workers.map(message))) as { loss: number }[];
    expect(Number.isFinite(a?.loss)).toBe(true);
    expect([a, b, c].every((result) => result !== undefined)).toBe(true);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('may be ended in the middle of their work, again and again', async () => {
    for (let i = 0; i < 8; i++) {
      const worker = start({ job: 'forever' });
      await message(worker);
      await sleep(i * 7);
      await worker.terminate();
    }
    expect(ones([2]).add(1).toArray()).toEqual([2, 2]);
  });

  it('work on each other’s tensors in place', async () => {
    const worker = start({ job: 'double' });
    const x = ones([2, 3]);
    worker.postMessage(shareTensor(x));
    const answer = await message(worker);
    expect((answer as { shape: number[] }).shape).toEqual([2, 3]);
    expect(x.toArray()).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ]);
    expect(receiveTensor((answer as { offer: never }).offer).item()).toBe(12);
    await worker.terminate();
    expect(x.sum().item()).toBe(12);
  });

  it('leave alive what a dead worker shared', async () => {
    const worker = start({ job: 'double' });
    worker.postMessage(shareTensor(zeros([2]).add(3)));
    const { offer } = (await message(worker)) as { offer: never };
    await worker.terminate();
    expect(receiveTensor(offer).item()).toBe(12);
  });
});
