// Groups that come and go in one process, on new ports and on the same one. Two ranks.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { distributed, tensor } from '@mien/torch';

const rank = Number(process.env.RANK);
const first = distributed.initProcessGroup({ timeoutMs: 20_000 });
assert.throws(() => distributed.initProcessGroup(), /has a process group already/);
const addition = (/** @type {distributed.ProcessGroup} */ group) =>
  group.allReduce(tensor([group.rank + 1])).item();

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

for (let i = 0; i < 4; i++) {
  const masterPort = distributed.broadcastObject(await freePort());
  const second = new distributed.ProcessGroup({ masterPort, timeoutMs: 20_000 });
  assert.equal(addition(second), 3);
  assert.equal(addition(first), 3);
  second.destroy();
}
assert.throws(
  () => new distributed.DistributedDataParallel(/** @type {any} */ (null), { bucketCapMb: 0 }),
  /bucketCapMb/,
);
distributed.destroyProcessGroup();
distributed.destroyProcessGroup();

// The same port again and again, without any pause: a rank may come while the other has not left yet.
for (let i = 0; i < 4; i++) {
  const group = distributed.initProcessGroup({ timeoutMs: 20_000 });
  assert.equal(addition(group), 3);
  if (i % 2 === rank) await new Promise((resolve) => setTimeout(resolve, 30));
  distributed.destroyProcessGroup();
}

// A port that is taken: rank 0 says so, and rank 1 that rank 0 did not answer as it should.
const taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
await once(taken, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address());
if (rank === 0) {
  assert.throws(
    () => distributed.initProcessGroup({ masterPort: port, timeoutMs: 1000 }),
    /RendezvousError: .*no meeting at/,
  );
}
taken.close();
