// Reads so many frames of a video and prints how much memory that took at most.
import { readVideo } from 'mien/video';

const [file, most] = [process.argv[2], Number(process.argv[3])];
let frames = 0;
for await (const { release } of readVideo(file)) {
  release();
  if (++frames === most) break;
}
const peakMegabytes = Number((process.resourceUsage().maxRSS / 1024).toFixed(1));
console.log(JSON.stringify({ frames, peakMegabytes }));
