import { setTimeout as wait } from 'node:timers/promises';
import { ahead } from 'mien/streams';
import { describe, expect, it } from 'vitest';

/** Numbers from 0; `made` tells how many there were. */
function numbers(count: number, failAt = Number.POSITIVE_INFINITY) {
  const state = { made: 0, isStopped: false };
  async function* stream() {
    try {
      for (let i = 0; i < count; i++) {
        await wait(0);
        if (i === failAt) throw new Error(`no ${i}`);
        state.made++;
        yield i;
      }
    } finally {
      state.isStopped = true;
    }
  }
  return { state, stream: stream() };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 40; i++) await wait(1);
}

describe('a stream that runs ahead', () => {
  it('gives all items in their order', async () => {
    const given: number[] = [];
    for await (const one of ahead(numbers(50).stream, { most: 4 })) given.push(one);
    expect(given).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('makes as many as may wait while none is taken, by number and by weight', async () => {
    for (const [options, waiting] of [
      [{ most: 5 }, 5],
      [{ most: 5, mostWeight: 20, weightOf: () => 10 }, 2],
      [{ most: 5, mostWeight: 1, weightOf: () => 10 }, 1],
    ] as const) {
      const { state, stream } = numbers(50);
      const running = ahead(stream, options);
      await running.next();
      await settled();
      expect(state.made).toBe(1 + waiting);
      await running.return(undefined);
    }
  });

  it('fails where its source fails, after the items before', async () => {
    const given: number[] = [];
    const reading = async () => {
      for await (const one of ahead(numbers(50, 3).stream, { most: 10 })) given.push(one);
    };
    await expect(reading()).rejects.toThrow('no 3');
    expect(given).toEqual([0, 1, 2]);
  });

  it('stops its source when it is left', async () => {
    const { state, stream } = numbers(1000);
    for await (const one of ahead(stream, { most: 3 })) if (one === 5) break;
    expect(state.isStopped).toBe(true);
    expect(state.made).toBeLessThan(12);
  });
});
