// Ranks in worker threads of one process, some of which are ended while they wait for others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { distributed, nn, ones, tensor } from '@mien/torch';

const TIMEOUT_MS = 15_000;

if (isMainThread) await main();
else work();

async function main() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const masterPort = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  await new Promise((resolve) => server.close(resolve));
  const start = (/** @type {number} */ rank, /** @type {string} */ job) =>
    new Worker(new URL(import.meta.url), { workerData: { rank, job, masterPort } });
  const message = async (/** @type {Worker} */ worker) => (await once(worker, 'message'))[0];

  const pair = [start(0, 'add'), start(1, 'add')];
  assert.deepEqual(await Promise.all(pair.map(message)), [3, 3]);
  await Promise.all(pair.map((worker) => once(worker, 'exit')));

  // Ended in an operation, and in the meeting: both at once, not after the time-out.
  const waiting = [start(0, 'wait'), start(1, 'stay')];
  await Promise.all(waiting.map(message));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = performance.now();
  await waiting[0]?.terminate();
  const alone = start(0, 'alone');
  await message(alone);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await alone.terminate();
  await waiting[1]?.terminate();
  assert.ok(performance.now() - began < TIMEOUT_MS / 2, 'workers end at once');

  // Ended in a backward pass that waits for the other rank's.
  const learning = [start(0, 'learn'), start(1, 'forward')];
  await Promise.all(learning.map(message));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const waited = performance.now();
  await learning[0]?.terminate();
  assert.ok(performance.now() - waited < TIMEOUT_MS / 2, 'a backward pass ends at once');
  await learning[1]?.terminate();

  const group = distributed.initProcessGroup({ rank: 0, worldSize: 1 });
  assert.equal(group.allReduce(ones([1])).item(), 1);
}

function work() {
  const { rank, job, masterPort } = workerData;
  const options = { rank, worldSize: 2, masterAddr: '127.0.0.1', masterPort, timeoutMs: TIMEOUT_MS };
  if (job === 'alone') {
    parentPort?.postMessage('meeting');
    distributed.initProcessGroup(options);
  }
  const group = distributed.initProcessGroup(options);
  if (job === 'add') parentPort?.postMessage(group.allReduce(tensor([rank + 1])).item());
  if (job === 'wait' || job === 'stay') parentPort?.postMessage('met');
  if (job === 'wait') group.barrier();
  if (job === 'learn' || job === 'forward') {
    const y = new nn.SyncBatchNorm(2).forward(ones([1, 2]).mul(rank).requiresGrad_());
    parentPort?.postMessage('forward');
    if (job === 'learn') y.square().sum().backward();
  }
  if (job === 'stay' || job === 'forward') setInterval(() => {}, 1000);
}
