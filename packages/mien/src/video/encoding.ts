// How a video is encoded, by its file's ending and by what ffmpeg was built with.

import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { DataError } from '../files/index.js';
import { startingError } from './errors.js';

export interface Container {
  /** ffmpeg's name of it. */
  format: string;
  /** Encoders of pictures, best first. */
  encoders: readonly string[];
  soundEncoders: readonly string[];
  /** Codecs of sound that it takes as they are and that players expect in it; undefined: all. */
  sound: readonly string[] | undefined;
  options: readonly string[];
}

const H264 = ['libx264', 'libopenh264', 'mpeg4'];
const QUICKTIME = {
  encoders: H264,
  soundEncoders: ['aac'],
  sound: ['aac', 'mp3', 'ac3', 'eac3', 'alac'],
  options: ['-movflags', '+faststart'], // the index first, so that players need not load all of it
};
const CONTAINERS: Readonly<Record<string, Container>> = {
  '.mp4': { format: 'mp4', ...QUICKTIME },
  '.mov': { format: 'mov', ...QUICKTIME },
  '.mkv': { format: 'matroska', encoders: H264, soundEncoders: ['aac'], sound: undefined, options: [] },
  '.webm': {
    format: 'webm',
    encoders: ['libvpx-vp9', 'libvpx'],
    soundEncoders: ['libopus', 'libvorbis'],
    sound: ['opus', 'vorbis'],
    options: [],
  },
};

/** Quality that shows no difference at a glance, at the speed of reading faces. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  libx264: ['-preset', 'veryfast', '-crf', '20'],
  libopenh264: ['-q:v', '20'],
  mpeg4: ['-q:v', '3'],
  'libvpx-vp9': ['-deadline', 'realtime', '-cpu-used', '7', '-row-mt', '1', '-crf', '30', '-b:v', '0'],
  libvpx: ['-deadline', 'realtime', '-cpu-used', '7', '-crf', '10', '-b:v', '8M'],
  aac: ['-b:a', '160k'],
};

/** @throws DataError on another ending */
export function containerOf(file: string): Container {
  const ending = extname(file);
  const container = CONTAINERS[ending.toLowerCase()];
  if (container !== undefined) return container;
  const expected = `the ending ${Object.keys(CONTAINERS).join(', ')}`;
  throw new DataError({ file }, { found: ending === '' ? 'no ending' : `the ending ${ending}`, expected });
}

/** Names of all encoders that this ffmpeg has. */
export async function listEncoders(): Promise<ReadonlySet<string>> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-hide_banner', '-v', 'error', '-encoders']).catch(
    (cause) => {
      throw startingError('ffmpeg', cause);
    },
  );
  return new Set([...stdout.matchAll(/^ [VA][A-Z.]{5} (\S+)/gm)].map(([, name]) => name as string));
}

function bestOf(encoders: readonly string[], available: ReadonlySet<string>): string {
  const best = encoders.find((name) => available.has(name));
  if (best !== undefined) return best;
  throw new Error(`this ffmpeg has none of the encoders ${encoders.join(', ')}`);
}

/** A rate as players write it: whole, a whole one × 1000/1001, or to four places. */
export function rationalRate(rate: number): readonly [number, number] {
  const isClose = (other: number) => Math.abs(other / rate - 1) < 1e-5;
  const whole = Math.round(rate);
  if (isClose(whole)) return [whole, 1];
  const television = Math.round(rate * 1.001) * 1000;
  if (isClose(television / 1001)) return [television, 1001];
  return [Math.max(1, Math.round(rate * 10_000)), 10_000];
}

export interface Sound {
  /** A video or a sound file. */
  file: string;
  /** The part that is kept, seconds since the file's beginning. Default: all. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface EncodingPlan {
  width: number;
  height: number;
  rate: readonly [number, number];
  container: Container;
  encoders: ReadonlySet<string>;
  sound?: { codec: string; input: string } & Sound;
}

/** @returns ffmpeg's arguments but for the output's name: raw frames come on its input. */
export function encodingArguments(plan: EncodingPlan): string[] {
  const { width, height, rate, container, encoders, sound } = plan;
  const raw = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${width}x${height}`];
  const pictures = [...raw, '-framerate', rate.join('/'), '-i', 'pipe:0'];
  // Colours as in high-definition television, and marked so: players guess otherwise. Sizes must be even.
  const filters =
    'pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1';
  const marks = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  const encoder = bestOf(container.encoders, encoders);
  const video = ['-map', '0:v', '-vf', filters, '-c:v', encoder, ...(SETTINGS[encoder] ?? []), ...marks];
  const end = [...container.options, '-f', container.format];
  const start = ['-hide_banner', '-v', 'level+error', '-y'];
  if (sound === undefined) return [...start, ...pictures, ...video, ...end];
  const { from = 0, to, codec, input } = sound;
  const isCut = from > 0 || to !== undefined;
  const cut = [...(from > 0 ? ['-ss', `${from}`] : []), ...(to === undefined ? [] : ['-to', `${to}`])];
  // Cut exactly, sound must be encoded again: packets are too long.
  const isCopied = !isCut && (container.sound?.includes(codec) ?? true);
  const soundEncoder = isCopied ? 'copy' : bestOf(container.soundEncoders, encoders);
  const audio = ['-map', '1:a:0', '-c:a', soundEncoder, ...(SETTINGS[soundEncoder] ?? [])];
  return [...start, ...pictures, ...cut, '-i', input, ...video, ...audio, ...end];
}
