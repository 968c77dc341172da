import { spawnSync } from 'node:child_process';

/** Writes a lossless video (FFV1 in Matroska) of frames that are one grey each. */
export function writeVideo(file: string, greys: readonly number[], { width = 64, height = 48 } = {}): void {
  const frames = Buffer.concat(greys.map((grey) => Buffer.alloc(width * height * 3, grey)));
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${width}x${height}`,
    '-r',
    '25',
    '-i',
    'pipe:0',
  ];
  const output = ['-c:v', 'ffv1', '-pix_fmt', 'gbrp', file];
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...input, ...output], {
    input: frames,
  });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
}
