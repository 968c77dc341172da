import { distributed, ones, tensor } from '@mien/torch';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, HAS_GLOO, supportFile } from './support/ranks.js';

const { readLaunchEnvironment, spawnProcesses } = distributed;

/** The error that `body` throws. */
function caught(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error');
}

afterEach(() => distributed.destroyProcessGroup());

describe('the launch environment', () => {
  const complete = {
    RANK: '1',
    WORLD_SIZE: '4',
    LOCAL_RANK: '0',
    MASTER_ADDR: 'node-0.local',
    MASTER_PORT: '29500',
  };

  it('is what torchrun sets', () => {
    expect(readLaunchEnvironment({}, complete)).toEqual({
      rank: 1,
      worldSize: 4,
      localRank: 0,
      masterAddr: 'node-0.local',
      masterPort: 29500,
    });
  });

  it('comes after what is given', () => {
    expect(readLaunchEnvironment({ rank: 2, masterPort: 1 }, { ...complete, RANK: 'x' })).toMatchObject({
      rank: 2,
      masterPort: 1,
    });
  });

  it('is refused with every variable that is missing or malformed', () => {
    const error = caught(() =>
      readLaunchEnvironment({}, { RANK: '-1', WORLD_SIZE: 'two', MASTER_PORT: '70000' }),
    );
    if (!distributed.isLaunchEnvironmentError(error)) throw error;
    expect(error.problems).toEqual([
      "RANK is '-1'; expected an integer ≥ 0",
      "WORLD_SIZE is 'two'; expected an integer ≥ 1",
      'LOCAL_RANK is not set; expected an integer ≥ 0',
      'MASTER_ADDR is not set; expected a host name or address',
      "MASTER_PORT is '70000'; expected a port, 1 to 65535",
    ]);
    expect(error.message).toContain('RANK');
    expect(() => readLaunchEnvironment({}, { ...complete, RANK: '4' })).toThrow(/RANK is 4 and WORLD_SIZE 4/);
  });

  it('is what initProcessGroup looks at', () => {
    expect(() => distributed.initProcessGroup()).toThrow(/RANK is not set.*MASTER_PORT is not set/);
    expect(distributed.isInitialized()).toBe(false);
  });
});

describe.runIf(!HAS_GLOO)('without Gloo', () => {
  it('says that c10d is off in this build', () => {
    expect(() =>
      distributed.initProcessGroup({ rank: 0, worldSize: 1, masterAddr: '127.0.0.1', masterPort: 1 }),
    ).toThrow('c10d is off in this build');
  });
});

describe.skipIf(!HAS_GLOO)('a process group', () => {
  it('of one needs nobody', () => {
    const group = distributed.initProcessGroup({ rank: 0, worldSize: 1 });
    expect(distributed.allReduce(tensor([3]), { op: 'avg' }).toArray()).toEqual([3]);
    expect(distributed.allGather(tensor([3])).map((t) => t.toArray())).toEqual([[3]]);
    expect(group.reduceScatter(ones([2, 2])).shape).toEqual([2, 2]);
    expect(distributed.broadcastObject({ a: 1 })).toEqual({ a: 1 });
    expect(distributed.allGatherObject('x')).toEqual(['x']);
    distributed.barrier();
    expect([distributed.getRank(), distributed.getWorldSize()]).toEqual([0, 1]);
  });

  it('is the only default of its thread', () => {
    distributed.initProcessGroup({ rank: 0, worldSize: 1 });
    expect(() => distributed.initProcessGroup({ rank: 0, worldSize: 1 })).toThrow(
      /already.*destroyProcessGroup/,
    );
    distributed.destroyProcessGroup();
    expect(() => distributed.barrier()).toThrow(/call initProcessGroup first/);
    distributed.initProcessGroup({ rank: 0, worldSize: 1 });
    expect(distributed.isInitialized()).toBe(true);
  });

  it('names the ranks that never come', async () => {
    const masterPort = await freePort();
    const options = { rank: 1, worldSize: 4, masterAddr: '127.0.0.1', masterPort, timeoutMs: 400 };
    const alone = caught(() => distributed.initProcessGroup({ ...options, rank: 0 }));
    if (!distributed.isRendezvousError(alone)) throw alone;
    expect(alone).toMatchObject({
      rank: 0,
      worldSize: 4,
      timeoutMs: 400,
      timedOut: true,
      missing: [1, 2, 3],
    });
    expect(alone.message).toContain(`ranks 1, 2, 3 of 4 did not come to 127.0.0.1:${masterPort}`);

    const unanswered = caught(() => distributed.initProcessGroup(options));
    if (!distributed.isRendezvousError(unanswered)) throw unanswered;
    expect(unanswered).toMatchObject({ missing: [0], timedOut: true });
    expect(unanswered.message).toMatch(/nobody answered at 127\.0\.0\.1:\d+, where rank 0 should be/);
    expect(distributed.isInitialized()).toBe(false);
  });

  it('refuses settings that cannot be', () => {
    const make = (options: distributed.ProcessGroupOptions) => () =>
      new distributed.ProcessGroup({ rank: 0, worldSize: 1, ...options });
    expect(make({ timeoutMs: 0 })).toThrow(/timeoutMs: expected an integer from 1/);
    expect(make({ rank: 3, worldSize: 2, masterAddr: 'x', masterPort: 1 })).toThrow(/expected a rank below/);
    expect(make({ backend: 'mpi' as never })).toThrow(/expected gloo or nccl, found 'mpi'/);
    expect(make({ worldSize: 2, masterAddr: 'x', masterPort: 0 })).toThrow(
      /masterPort: expected an integer from 1/,
    );
  });

  it('may come and go, on new ports and on the same one', async () => {
    await spawnProcesses(2, supportFile('lifecycle.mjs'), { timeoutMs: 50_000, onLine: () => {} });
  });

  it('may live in a worker, also one that is ended while it waits', async () => {
    await spawnProcesses(1, supportFile('worker-ranks.mjs'), { timeoutMs: 50_000 });
  });
});

describe.skipIf(!HAS_GLOO)('collectives do what their formulas say', () => {
  for (const n of [2, 3]) {
    it(`on ${n} ranks`, async () => {
      await spawnProcesses(n, supportFile('collectives.mjs'), { timeoutMs: 50_000 });
    });
  }
});
