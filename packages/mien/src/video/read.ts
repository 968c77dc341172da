// Frames of a video or a camera with their numbers and times; memory does not grow with the video's length.

import { type Camera, cameraArguments, refuseMissingCamera } from './camera.js';
import { type Decoded, streamFrames, type VideoFrame } from './frames.js';
import { inputName, probeVideo, steadyRate, type VideoInfo } from './probe.js';
import { findSeek, type Seek } from './seek.js';

/** A file, or a camera. */
export type VideoSource = string | Camera;

export interface ReadVideoOptions {
  /** Seconds since the beginning: no frames before it. */
  from?: number | undefined;
  /** Seconds since the beginning: no frames at it or after. */
  to?: number | undefined;
  /** Only frames whose number divides by it. */
  every?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** From so many seconds on, counting packets is quicker than decoding. */
const SEEK_FROM = 20;

/** What was decoded after a jump is not what the packets promised. */
class SeekFailure extends Error {}

const chosen = (conditions: string[]): string[] =>
  conditions.length === 0 ? [] : [`select='${conditions.join('*')}'`];

/** Frames of another size than the first (some recordings change it) are fitted into it. */
const fitted = ({ width, height }: VideoInfo): string[] => [
  `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
  'format=rgb24',
  `pad=${width}:${height}:-1:-1`,
];

function readAll(
  file: string,
  info: VideoInfo,
  { from = 0, to, every = 1, signal }: ReadVideoOptions,
): AsyncGenerator<VideoFrame> {
  const conditions: string[] = [];
  if (from > 0) conditions.push(`gte(pts*${info.timeBase.join('/')},${from})`);
  if (every > 1) conditions.push(`not(mod(n,${every}))`);
  return streamFrames({
    name: file,
    input: ['-i', inputName(file)],
    timeBase: info.timeBase,
    after: [...chosen(conditions), ...fitted(info)],
    indexOf: ({ count, time = Number.NaN }) =>
      count % every === 0 && (from <= 0 || time >= from) ? count : undefined,
    size: info,
    interval: 1 / steadyRate(info),
    to,
    signal,
  });
}

/** @throws SeekFailure before the first frame */
function readLate(
  file: string,
  info: VideoInfo,
  seek: Seek,
  { from = 0, to, every = 1, signal }: ReadVideoOptions,
): AsyncGenerator<VideoFrame> {
  // Numbers count from the first frame that is wanted: ffmpeg's variable 0.
  const counted = `st(0,ld(0)+1)*not(mod(ld(0)-1+${seek.index % every},${every}))`;
  let first: number | undefined;
  const indexOf = ({ count, time = Number.NaN }: Decoded): number | undefined => {
    if (!(time >= from)) return undefined;
    if (first === undefined && time !== seek.time) throw new SeekFailure();
    first ??= count;
    const index = seek.index + count - first;
    return index % every === 0 ? index : undefined;
  };
  return streamFrames({
    name: file,
    input: ['-noaccurate_seek', '-ss', `${from}`, '-copyts', '-start_at_zero', '-i', inputName(file)],
    timeBase: info.timeBase,
    after: [`select='if(gte(pts*${info.timeBase.join('/')},${from}),${counted},0)'`, ...fitted(info)],
    indexOf,
    size: info,
    interval: 1 / steadyRate(info),
    to,
    signal,
  });
}

async function* readFile(file: string, options: ReadVideoOptions): AsyncGenerator<VideoFrame> {
  const { from = 0, signal } = options;
  const info = await probeVideo(file, { signal });
  const seek = from < SEEK_FROM ? undefined : await findSeek(file, info, from, signal);
  if (seek !== undefined)
    try {
      yield* readLate(file, info, seek, options);
      return;
    } catch (error) {
      if (!(error instanceof SeekFailure)) throw error;
    }
  yield* readAll(file, info, options);
}

function readCamera(
  camera: Camera,
  { from = 0, to, every = 1, signal }: ReadVideoOptions,
): AsyncGenerator<VideoFrame> {
  refuseMissingCamera(camera, process.platform);
  const conditions = every > 1 ? [`not(mod(n,${every}))`] : [];
  if (from > 0) conditions.push(`gte(pts*1/1000000,${from})`);
  return streamFrames({
    name: camera.camera,
    input: cameraArguments(camera, process.platform),
    timeBase: [1, 1_000_000],
    before: ['setpts=PTS-STARTPTS'],
    after: chosen(conditions),
    indexOf: ({ count, time = Number.NaN }) =>
      count % every === 0 && (from <= 0 || time >= from) ? count : undefined,
    interval: 1 / 30,
    live: true,
    to,
    signal,
  });
}

/**
 * Every frame as the container holds them, none dropped or doubled to keep a rate, turned as the container says. Frames of a
 * camera that come while the reader is busy are dropped: it gets the newest.
 * @throws VideoError when the source is no video, or is damaged: then after the frames that could be decoded;
 *   RangeError on options that make no sense; Error when ffmpeg is not there; the signal's reason
 */
export async function* readVideo(
  source: VideoSource,
  options: ReadVideoOptions = {},
): AsyncGenerator<VideoFrame> {
  const { from = 0, to = Number.POSITIVE_INFINITY, every = 1 } = options;
  if (!(from >= 0 && Number.isFinite(from) && to > from))
    throw new RangeError(`reading from ${from} to ${to} seconds; expected 0 ≤ from < to`);
  if (!(Number.isInteger(every) && every >= 1))
    throw new RangeError(`every ${every} frames; expected a whole number from 1`);
  yield* typeof source === 'string' ? readFile(source, options) : readCamera(source, options);
}
