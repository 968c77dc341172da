// Reads one video and prints how many frames it had and how much memory that took at most.
import { openReader } from 'mien';

const [file, ...models] = process.argv.slice(2);
const reader = await openReader({ models });
const start = performance.now();
let frames = 0;
for await (const _ of reader.read(file)) frames++;
const seconds = (performance.now() - start) / 1000;
await reader.close();
console.log(
  JSON.stringify({
    frames,
    framesPerSecond: Number((frames / seconds).toFixed(1)),
    peakMegabytes: Number((process.resourceUsage().maxRSS / 1024).toFixed(1)),
  }),
);
