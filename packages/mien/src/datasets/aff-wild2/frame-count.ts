// How many frames a video says it has, by its header alone, as OpenCV's CAP_PROP_FRAME_COUNT tells it: the lengths of the
// reference's test files come from there, although a header may be wrong.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DataError } from '../../files/index.js';
import { parseRatio } from '../../video/index.js';

interface Probe {
  streams?: {
    nb_frames?: string;
    r_frame_rate?: string;
    avg_frame_rate?: string;
    duration?: string;
  }[];
  format?: { duration?: string };
}

const ENTRIES = 'stream=nb_frames,r_frame_rate,avg_frame_rate,duration:format=duration';

/** `30000/1001` as a number; 0 where it says nothing. */
function rate(text?: string): number {
  const [numerator, denominator] = parseRatio(text) ?? [0, 1];
  return numerator / denominator;
}

/**
 * OpenCV's rule (`cap_ffmpeg_impl.hpp`, `get_total_frames`): the stream's own count, else duration × rate, rounded.
 * @returns undefined where the header tells neither
 */
export function frameCountOf({ streams, format }: Probe): number | undefined {
  const stream = streams?.[0];
  const count = Number(stream?.nb_frames ?? 0);
  if (count > 0) return count;
  const seconds = Number(format?.duration ?? stream?.duration ?? 0);
  const perSecond = rate(stream?.r_frame_rate) || rate(stream?.avg_frame_rate);
  const frames = Math.floor(seconds * perSecond + 0.5);
  return frames > 0 ? frames : undefined;
}

/**
 * Frames of the first video stream, by the header.
 * @param ffprobe the program
 * @throws DataError when there is no ffprobe, or the file is no video that tells its length
 */
export async function containerFrameCount(video: string, ffprobe = 'ffprobe'): Promise<number> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    ENTRIES,
    '-of',
    'json',
    '-i',
    video,
  ];
  let output: string;
  try {
    output = (await promisify(execFile)(ffprobe, args)).stdout;
  } catch (cause) {
    const { code, stderr = '' } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT')
      throw new DataError(
        { file: ffprobe },
        {
          found: 'no such program',
          expected: 'ffprobe, to count the frames of videos',
          hint: 'Install ffmpeg, or choose --length crops or a file of lengths',
          cause,
        },
      );
    const found = `no video that can be read (${stderr.trim().split('\n')[0]})`;
    throw new DataError({ file: video }, { found, expected: 'a video', cause });
  }
  const frames = frameCountOf(JSON.parse(output));
  if (frames === undefined)
    throw new DataError(
      { file: video },
      {
        found: 'no number of frames and no duration in its header',
        expected: 'a video that tells its length',
        hint: 'Choose --length crops or a file of lengths',
      },
    );
  return frames;
}
