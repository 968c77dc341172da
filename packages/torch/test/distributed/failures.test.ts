import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { HAS_GLOO, type Rank, reports, startRanks } from './support/ranks.js';

interface Report {
  name: string;
  rank: number;
  operation: string;
  timedOut: boolean;
  timeoutMs: number;
  message: string;
}

let ranks: Rank[] = [];
const run = async (n: number, what: string, timeoutMs: number): Promise<void> => {
  ranks = await startRanks(n, 'failing.mjs', [what, String(timeoutMs)]);
};
const allReady = () => Promise.all(ranks.map((rank) => rank.printed('ready')));
const endings = (some: Rank[] = ranks) => Promise.all(some.map(({ ended }) => ended));
const WELL = { code: 0, signal: null };

afterEach(() => {
  for (const { process } of ranks) process.kill('SIGKILL');
});

describe.skipIf(!HAS_GLOO)('when a peer', () => {
  it('is killed in the middle of an operation, the others get an error and end cleanly', async () => {
    await run(3, 'loop', 4000);
    await allReady();
    await sleep(200);
    ranks[1]?.process.kill('SIGKILL');
    const survivors = [ranks[0], ranks[2]] as Rank[];
    expect(await endings(survivors)).toEqual([WELL, WELL]);
    survivors.forEach((survivor, i) => {
      const [first, second] = reports<Report>(survivor);
      expect(first).toMatchObject({ name: 'CollectiveError', rank: 2 * i, timeoutMs: 4000 });
      expect(first?.operation).toBe('allReduce(sum) of float32[1000000]');
      expect(first?.message).toMatch(
        /^rank [02] of 3: allReduce\(sum\) of float32\[1000000\] failed: .*time-out 4000 ms/,
      );
      expect(second?.message).toMatch(/barrier failed: an operation before it failed: /);
    });
  });

  it('that keeps the store is killed, the others get an error too', async () => {
    await run(2, 'loop', 4000);
    await allReady();
    ranks[0]?.process.kill('SIGKILL');
    expect(await endings([ranks[1] as Rank])).toEqual([WELL]);
    expect(reports<Report>(ranks[1] as Rank)[0]).toMatchObject({ name: 'CollectiveError', rank: 1 });
  });

  it('hangs, the others give up after the time-out', async () => {
    await run(2, 'loop', 1500);
    await allReady();
    ranks[1]?.process.kill('SIGSTOP');
    expect(await endings([ranks[0] as Rank])).toEqual([WELL]);
    expect(reports<Report>(ranks[0] as Rank)[0]).toMatchObject({ timedOut: true, timeoutMs: 1500 });
  });

  it('leaves with an operation under way, all processes end cleanly', async () => {
    await run(2, 'leave', 4000);
    expect(await endings()).toEqual([WELL, WELL]);
    expect(reports<Report>(ranks[0] as Rank)[0]).toMatchObject({ operation: 'barrier' });
  });
});

it.skipIf(!HAS_GLOO)('tells of a peer that leaves before the backward pass of a layer', async () => {
  await run(2, 'backward', 4000);
  expect(await endings()).toEqual([WELL, WELL]);
  expect(reports<Report>(ranks[0] as Rank)[0]).toMatchObject({
    name: 'CollectiveError',
    rank: 0,
    operation: 'the backward pass of SyncBatchNorm over 3 channels of float32',
    timeoutMs: 4000,
  });
});

describe.skipIf(!HAS_GLOO)('ranks that ask for different things', () => {
  it('are told so, each of them, instead of being ended by Gloo', async () => {
    await run(2, 'disagree', 8000);
    expect(await endings()).toEqual([WELL, WELL]);
    for (const rank of ranks) {
      expect(reports<Report>(rank)[0]?.message).toMatch(
        /different operations: rank 0: allReduce\(sum\) of float32\[1000\]; rank 1: allReduce\(sum\) of float32\[10\]/,
      );
    }
  });

  it('are told so also where two exchange a message', async () => {
    await run(2, 'disagree-on-message', 8000);
    expect(await endings()).toEqual([WELL, WELL]);
    expect(reports<Report>(ranks[0] as Rank)[0]?.message).toMatch(/rank 1 expects another dtype or shape/);
    expect(reports<Report>(ranks[1] as Rank)[0]?.message).toMatch(/rank 0 sends another dtype or shape/);
  });
});

it.skipIf(!HAS_GLOO)(
  'waits no longer than asked, can wait again, and may end without leaving the group',
  async () => {
    await run(2, 'impatient', 8000);
    expect(await endings()).toEqual([WELL, WELL]);
    const [report] = reports<Report>(ranks[0] as Rank);
    expect(report).toMatchObject({ timedOut: true });
    expect(report?.message).toContain('it had not ended after 100 ms of waiting');
  },
);
