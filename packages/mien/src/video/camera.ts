// Cameras, as ffmpeg opens them on each system.

import { existsSync, readdirSync } from 'node:fs';
import { VideoError } from './errors.js';

export interface Camera {
  /** `/dev/video0` on Linux; a camera's number or name on macOS; its name on Windows. */
  camera: string;
  /** ffmpeg's input device, where it is not the system's one for cameras: `x11grab`, `lavfi`, … */
  format?: string;
}

/** @returns ffmpeg's arguments up to and including the input; @throws Error on a system without a device for cameras */
export function cameraArguments({ camera, format }: Camera, platform: NodeJS.Platform): string[] {
  if (format !== undefined) return ['-f', format, '-i', camera];
  if (platform === 'linux') return ['-f', 'v4l2', '-i', camera];
  if (platform === 'darwin') return ['-f', 'avfoundation', '-framerate', '30', '-i', `${camera}:none`];
  if (platform === 'win32') return ['-f', 'dshow', '-i', `video=${camera}`];
  throw new Error(`cameras of ${platform} are not known; name ffmpeg's input device as the camera's format`);
}

/** ffmpeg says "no such file" of a device; here it is said which ones there are. @throws VideoError */
export function refuseMissingCamera({ camera, format }: Camera, platform: NodeJS.Platform): void {
  if (platform !== 'linux' || format !== undefined || existsSync(camera)) return;
  const devices = readdirSync('/dev').filter((name) => /^video\d+$/.test(name));
  const expected =
    devices.length === 0 ? 'a camera; none is connected' : `one of /dev/${devices.join(', /dev/')}`;
  throw new VideoError({ file: camera }, { found: 'no such device', expected });
}
