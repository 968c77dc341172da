// Videos to measure with, made of the sample video with one face.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const SAMPLE = fileURLToPath(
  import.meta.resolve('mien').replace(/dist\/index\.js$/, 'assets/samples/talking-face.mp4'),
);
/** What is longer is the encoded frames again and again, without encoding them again. */
const ENCODED_SECONDS = 60;

function ffmpeg(...args) {
  const { status } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}`);
}

/** The sample video again and again: 16:9, H.264, without sound. @param height even, such as 360, 2160 @returns the file */
export function repeatedSample(file, { seconds, rate = 25, height = 360 }) {
  const encoded = seconds > ENCODED_SECONDS ? `${file}.part.mp4` : file;
  const width = Math.round((height * 8) / 9) * 2;
  const filter = `fps=${rate},scale=-2:${height},pad=${width}:${height}:(ow-iw)/2:0`;
  const length = ['-t', String(Math.min(seconds, ENCODED_SECONDS))];
  const again = ['-stream_loop', '-1'];
  ffmpeg(
    ...again,
    '-i',
    SAMPLE,
    '-an',
    ...length,
    '-vf',
    filter,
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    encoded,
  );
  if (encoded !== file) ffmpeg(...again, '-i', encoded, '-c', 'copy', '-t', String(seconds), file);
  return file;
}
