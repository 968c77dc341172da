// Makes tensors outside of every scope, forgets them, and prints what became of them. argv: nothing, or `large`.
import { setImmediate as turn } from 'node:timers/promises';
import { liveTensors, ones } from '@mien/torch';

if (process.argv[2] === 'large') {
  let peakBytes = 0;
  for (let i = 0; i < 400; i++) {
    ones([2000, 2000]);
    await turn();
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }
  process.stdout.write(JSON.stringify({ peakBytes }));
} else {
  for (let i = 0; i < 2000; i++) ones([3]);
  const made = liveTensors();
  for (let i = 0; i < 10; i++) {
    globalThis.gc();
    await turn();
  }
  process.stdout.write(JSON.stringify({ made, left: liveTensors() }));
}
