// What a file says of the video in it, asked of ffprobe.

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { systemProblem } from '../files/index.js';
import { startingError, VideoError } from './errors.js';

export interface VideoInfo {
  /** Pixels of a frame as it is shown: turned as the file says. */
  width: number;
  height: number;
  /** Width of a pixel over its height; frames are not stretched by it. */
  pixelAspect: number;
  /** Frames a second, on average; 0 where the file does not tell. */
  frameRate: number;
  /** Frames a second that the time stamps are a raster of; of videos without a steady rate it may be very high. */
  nominalRate: number;
  /** From the beginning to the last frame's end, seconds. */
  duration: number | undefined;
  /** An estimate: by the file's header, or by duration and rate. */
  frames: number | undefined;
  hasSound: boolean;
  /** As ffmpeg names them: `h264`, `vp9`, …; `aac`, `opus`, … */
  codec: string;
  soundCodec: string | undefined;
  /** The file's formats, as ffmpeg names them: `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** Where the file's own clock stands at its beginning, seconds; times of frames count from there. */
  startTime: number;
  /** Numerator and denominator of the unit of the video's time stamps, seconds. */
  timeBase: readonly [number, number];
}

const number = z.coerce.number();
const STREAM = z.object({
  codec_type: z.string().optional(),
  codec_name: z.string().default('unknown'),
  width: z.number().default(0),
  height: z.number().default(0),
  sample_aspect_ratio: z.string().optional(),
  r_frame_rate: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  time_base: z.string().default('1/1000'),
  start_time: number.optional(),
  duration: number.optional(),
  nb_frames: number.optional(),
  disposition: z.object({ attached_pic: z.number().default(0) }).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
});
const PROBE = z.object({
  streams: z.array(STREAM).default([]),
  format: z.object({ format_name: z.string(), start_time: number.optional(), duration: number.optional() }),
});
type Stream = z.infer<typeof STREAM>;

/** Formats by which ffmpeg shows texts as pictures. */
const TEXTS = ['tty', 'bin', 'xbin', 'adf', 'idf'];

/** `30000/1001` or `16:11` as two numbers; undefined where it says nothing. */
export function parseRatio(text = ''): readonly [number, number] | undefined {
  const [, numerator, denominator] = text.match(/^(\d+)[/:](\d+)$/) ?? [];
  const ratio = [Number(numerator), Number(denominator)] as const;
  return ratio[0] > 0 && ratio[1] > 0 ? ratio : undefined;
}

function quotient(text: string | undefined, otherwise: number): number {
  const [numerator, denominator] = parseRatio(text) ?? [otherwise, 1];
  return numerator / denominator;
}

/** @throws VideoError where nothing can be read */
async function refuseUnreadable(file: string): Promise<void> {
  const expected = 'a video';
  const found = await stat(file).catch((cause) => {
    throw new VideoError({ file }, { found: systemProblem(cause), expected, cause });
  });
  if (found.isDirectory()) throw new VideoError({ file }, { found: 'a folder', expected });
  if (found.isFile() && found.size === 0)
    throw new VideoError({ file }, { found: 'an empty file', expected });
}

/** Names of files are taken as they are, also where ffmpeg would see a protocol or a pattern in them. */
export const inputName = (file: string): string => `file:${file}`;

/** What ffprobe prints. @throws VideoError with ffprobe's complaint; Error when it is not there */
export async function askFfprobe(file: string, args: string[], signal?: AbortSignal): Promise<string> {
  try {
    const all = ['-v', 'error', ...args, '-i', inputName(file)];
    return (await promisify(execFile)('ffprobe', all, { maxBuffer: Number.POSITIVE_INFINITY, signal }))
      .stdout;
  } catch (cause) {
    signal?.throwIfAborted();
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    if (typeof code !== 'number') throw startingError('ffprobe', cause);
    const lines = stderr.trim().split('\n');
    const complaint = lines.at(-1)?.replace(`${inputName(file)}: `, '');
    const found = `no video that can be read (ffmpeg says: ${complaint})`;
    throw new VideoError({ file }, { found, expected: 'a video', cause });
  }
}

/** Whether the file turns its frames by a quarter. */
function liesOnItsSide({ side_data_list }: Stream): boolean {
  const angle = side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  return Math.abs((Math.abs(angle) % 180) - 90) < 1;
}

/** Which kinds of streams there are instead of a video. */
function kindsOf(streams: readonly Stream[]): string {
  const kinds = streams.map(({ codec_type, codec_name, disposition }) =>
    codec_type === 'audio'
      ? `sound (${codec_name})`
      : disposition?.attached_pic
        ? 'a cover picture'
        : codec_type,
  );
  return kinds.length === 0
    ? 'a file without streams'
    : `${[...new Set(kinds)].join(' and ')} without a video`;
}

async function probe(file: string, signal: AbortSignal | undefined) {
  await refuseUnreadable(file);
  const output = await askFfprobe(file, ['-show_streams', '-show_format', '-of', 'json'], signal);
  return PROBE.parse(JSON.parse(output));
}

/** The codec of a file's first sound, whether or not it has a video. @throws as `probeVideo` */
export async function soundCodecOf(file: string): Promise<string | undefined> {
  const { streams } = await probe(file, undefined);
  return streams.find(({ codec_type }) => codec_type === 'audio')?.codec_name;
}

/**
 * @throws VideoError when the file cannot be read, or is no video: then it says what was found;
 *   Error when ffprobe is not there
 */
export async function probeVideo(
  file: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<VideoInfo> {
  const { streams, format } = await probe(file, signal);
  const expected = 'a video';
  if (TEXTS.includes(format.format_name)) throw new VideoError({ file }, { found: 'a text', expected });
  const video = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && !disposition?.attached_pic,
  );
  if (video === undefined) throw new VideoError({ file }, { found: kindsOf(streams), expected });
  const { width, height } = video;
  if (width === 0 || height === 0)
    throw new VideoError({ file }, { found: 'a video whose frames have no known size', expected });
  const nominalRate = quotient(video.r_frame_rate, 0);
  const frameRate = quotient(video.avg_frame_rate, nominalRate);
  const startTime = format.start_time ?? 0;
  const { duration: ofStream, start_time: start = startTime } = video;
  const duration = ofStream === undefined ? format.duration : start - startTime + ofStream;
  const estimate = duration === undefined ? 0 : Math.round(duration * frameRate);
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  return {
    ...(liesOnItsSide(video) ? { width: height, height: width } : { width, height }),
    pixelAspect: quotient(video.sample_aspect_ratio, 1),
    frameRate,
    nominalRate,
    duration,
    frames: video.nb_frames ?? (estimate > 0 ? estimate : undefined),
    hasSound: sound !== undefined,
    codec: video.codec_name,
    soundCodec: sound?.codec_name,
    container: format.format_name,
    startTime,
    timeBase: parseRatio(video.time_base) ?? [1, 1000],
  };
}

/** Beyond it a nominal rate is the clock's, not the frames'. */
const HIGHEST_RATE = 120;

/**
 * The constant rate to write a video with so that its frames stay: the nominal one where that is the frames' own,
 * else the average; 25 where neither is known.
 */
export function steadyRate({ frameRate, nominalRate }: Pick<VideoInfo, 'frameRate' | 'nominalRate'>): number {
  const isOwn = nominalRate > 0 && nominalRate <= Math.min(HIGHEST_RATE, 2 * frameRate);
  const rate = isOwn ? nominalRate : frameRate;
  return rate > 0 ? Math.min(rate, HIGHEST_RATE) : 25;
}
