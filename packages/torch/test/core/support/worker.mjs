// A worker that trains, reads tensors that were passed to it, or is ended in the middle of its work.
import { parentPort, workerData } from 'node:worker_threads';
import { generator, liveTensors, receiveTensor, shareTensor } from '@mien/torch';
import { parameters, step, train } from './training.mjs';

const { job } = workerData;
if (job === 'train') parentPort.postMessage(train(workerData.seed, workerData.steps));
if (job === 'forever') {
  const source = generator({ seed: 1 });
  const params = parameters(1);
  parentPort.postMessage('started');
  for (;;) step(params, source, 48);
}
if (job === 'double') {
  parentPort.once('message', (offer) => {
    const x = receiveTensor(offer);
    x.mul_(2);
    const sum = x.sum();
    parentPort.postMessage({ shape: x.shape, offer: shareTensor(sum), live: liveTensors() });
  });
}
