// Where reading can begin late in a long video without decoding what is before: packets are counted instead, so that frames
// keep their numbers. Only where a packet is a frame, and only as long as what is decoded agrees.

import { askFfprobe, type VideoInfo } from './probe.js';

export interface Seek {
  /** Number of the first frame at or after the wanted time. */
  index: number;
  /** That frame's time, seconds. */
  time: number;
}

/** Formats that tell the time of every packet, and find a key frame without reading all before it. */
const CONTAINERS = ['mp4', 'matroska'];
/** Codecs of which a packet gives exactly one frame. */
const CODECS = ['h264', 'hevc', 'av1', 'vp9', 'mpeg4', 'mjpeg', 'prores', 'ffv1'];
/** Packets stand in the order of decoding; no frame is shown so many seconds later than its packet is read. */
const REORDERED = 5;

/** @returns undefined where only decoding tells the numbers of frames */
export async function findSeek(
  file: string,
  info: VideoInfo,
  from: number,
  signal?: AbortSignal,
): Promise<Seek | undefined> {
  const { container, codec, startTime } = info;
  if (!CODECS.includes(codec) || !CONTAINERS.some((name) => container.split(',').includes(name)))
    return undefined;
  const [numerator, denominator] = info.timeBase;
  const until = startTime + from + REORDERED;
  const entries = ['-select_streams', 'V:0', '-show_entries', 'packet=pts,flags', '-of', 'csv=p=0'];
  const lines = (await askFfprobe(file, [...entries, '-read_intervals', `%${until}`], signal))
    .trim()
    .split('\n');
  // ffmpeg's own shift of time stamps to the file's beginning
  const shift = Math.round((startTime * denominator) / numerator);
  const times: number[] = [];
  let firstKey = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const [pts = '', flags = ''] = line.split(',');
    if (flags.includes('D')) continue; // before the beginning of what is shown
    if (!/^-?\d+$/.test(pts) || flags.includes('C')) return undefined;
    const time = ((Number(pts) - shift) * numerator) / denominator;
    if (flags.includes('K')) firstKey = Math.min(firstKey, time);
    times.push(time);
  }
  times.sort((one, other) => one - other);
  const index = times.findIndex((time) => time >= from);
  const time = times[index];
  // Frames before the first key frame may not decode.
  return time === undefined || times[0] !== firstKey ? undefined : { index, time };
}
