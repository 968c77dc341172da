import { execFileSync, spawnSync } from 'node:child_process';

/** Runs ffmpeg, which must succeed. */
export function ffmpeg(args: readonly string[], input?: Uint8Array): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { input });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
}

/** Writes a lossless video (FFV1 in Matroska) of frames that are one grey each, or another as `output` says. */
export function writeVideo(
  file: string,
  greys: readonly number[],
  {
    width = 64,
    height = 48,
    output = ['-c:v', 'ffv1', '-pix_fmt', 'gbrp'],
  }: { width?: number; height?: number; output?: readonly string[] } = {},
): void {
  const frames = Buffer.concat(greys.map((grey) => Buffer.alloc(width * height * 3, grey)));
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '25', '-i', 'pipe:0'];
  ffmpeg([...raw, ...output, file], frames);
}

/** Times of a video's frames, seconds since the file's beginning, as ffprobe tells them. */
export function frameTimes(file: string): number[] {
  const entries = 'frame=best_effort_timestamp_time:format=start_time';
  const args = ['-v', 'error', '-select_streams', 'V:0', '-show_entries', entries, '-of', 'json', file];
  const { frames, format } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' }));
  return frames.map(
    (frame: { best_effort_timestamp_time: string }) =>
      Number(frame.best_effort_timestamp_time) - Number(format.start_time ?? 0),
  );
}
