// Prints the resident memory and the number of live tensors early in a training and at its end.
import { generator, liveTensors } from '@mien/torch';
import { parameters, step } from './training.mjs';

const [warmUp, steps] = [200, 2000];
const source = generator({ seed: 1 });
const params = parameters(1);
const state = () => ({ rss: process.memoryUsage.rss(), live: liveTensors() });
for (let i = 0; i < warmUp; i++) step(params, source, 48);
globalThis.gc?.();
const before = state();
for (let i = 0; i < steps; i++) step(params, source, 48);
globalThis.gc?.();
process.stdout.write(JSON.stringify({ before, after: state() }));
