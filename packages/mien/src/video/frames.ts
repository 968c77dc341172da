// Frames out of an ffmpeg that decodes: raw pixels through a pipe, time stamps through its log. Decoding runs a few frames
// ahead of whoever reads; a live source does not wait, and its older frames are dropped.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { RgbImage } from '../images/index.js';
import { Complaints, lineSplitter, startingError, VideoError } from './errors.js';
import { openPipe } from './pipe.js';

export interface VideoFrame {
  /** Its number in the whole video, from 0, also where reading began later; of a camera, in what was captured. */
  index: number;
  /** Seconds since the video's beginning by its own time stamps; never less than the frame before. */
  time: number;
  picture: RgbImage;
  /** Its memory may be used again for a later frame. A frame that is not released stays as it is. */
  release(): void;
}

/** A frame that ffmpeg decodes: its number in what is decoded, and its time stamp in seconds where it has one. */
export interface Decoded {
  count: number;
  time: number | undefined;
}

export interface FrameStreamOptions {
  /** What is read, for messages. */
  name: string;
  /** ffmpeg's arguments up to and including the input. */
  input: readonly string[];
  /** Unit of the time stamps, seconds. */
  timeBase: readonly [number, number];
  /** Filters ahead of all others. */
  before?: readonly string[];
  /** Filters that choose and shape frames. */
  after: readonly string[];
  /** The number of a frame that `after` lets through, undefined of one that it does not. */
  indexOf: (decoded: Decoded) => number | undefined;
  /** Reading ends before the first frame from this time on, seconds. */
  to?: number | undefined;
  /** Of the frames that come out; without it, that of the first one decoded. */
  size?: { width: number; height: number };
  /** Seconds between frames without time stamps. */
  interval: number;
  /** Frames come by a clock of their own: none waits. */
  live?: boolean;
  signal?: AbortSignal | undefined;
}

/** Larger frames are refused: their memory is asked for before they are there. */
const MOST_PIXELS = 16_384 ** 2;
/** Frames that are decoded ahead: enough for an uneven reader; fewer of large ones. */
const AHEAD = { bytes: 32e6, least: 2, most: 8 };
/** Frames that come close together would get the same time in the output's coarser unit, and then be refused. */
const APART = 'setpts=1000*N/TB';
const STAMP = /_showinfo_\d+ @ \S+ \[info\] n: *(\d+) pts: *(-?\d+|NOPTS)\b.*? s:(\d+)x(\d+)/;

class FrameStream {
  readonly #options: FrameStreamOptions;
  readonly #complaints = new Complaints();
  readonly #pictures: RgbImage[] = [];
  readonly #stamps: { index: number; time: number }[] = [];
  readonly #free: Uint8Array[] = [];
  #size = { width: 0, height: 0 };
  #ahead = AHEAD.least;
  /** Memory that is being filled; before the size of frames is known, of the first byte alone. */
  #filling: Uint8Array = new Uint8Array(1);
  #filled = 0;
  #reader: Socket | undefined;
  #waiting = false;
  #lastTime = 0;
  #decoded = 0;
  #reachedTo = false;
  #pixelsEnded = false;
  #closed = false;
  #failure: unknown;
  #wake: () => void = () => {};

  constructor(options: FrameStreamOptions) {
    this.#options = options;
  }

  async *frames(): AsyncGenerator<VideoFrame> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const { reader, writer } = await openPipe({
      memory: () => this.#filling.subarray(this.#filled),
      onRead: (length) => this.#onPixels(length),
    });
    this.#reader = reader;
    reader.on('end', () => {
      this.#pixelsEnded = true;
      this.#wake();
    });
    reader.on('error', (error) => this.#fail(error));
    const ffmpeg = spawn('ffmpeg', this.#arguments(), { stdio: ['ignore', writer, 'pipe'] });
    writer.destroy(); // the child has its own
    const closed = once(ffmpeg, 'close');
    closed.then(
      () => {
        this.#closed = true;
        this.#wake();
      },
      (cause) => this.#fail(startingError('ffmpeg', cause)),
    );
    this.#listen(ffmpeg);
    const abort = () => this.#fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure;
        const frame = this.#take();
        if (frame !== undefined) yield frame;
        else if (this.#reachedTo && this.#stamps.length === 0) return;
        else if (this.#pixelsEnded && this.#closed)
          break; // stamps may come later than pixels
        else await this.#news();
      }
      this.#complain((await closed)[0]);
    } finally {
      signal?.removeEventListener('abort', abort);
      ffmpeg.kill('SIGKILL'); // where the reader has seen enough; a program that has ended is not touched
      reader.destroy();
      await closed.catch(() => {});
    }
  }

  #arguments(): string[] {
    const { input, timeBase, before = [], after } = this.#options;
    const stamped = [...before, `settb=${timeBase.join('/')}`, 'showinfo=checksum=0'];
    const filters = [...stamped, ...after, APART];
    const output = ['-map', '0:V:0', '-vf', filters.join(','), '-fps_mode', 'passthrough'];
    // One thread for the encoder, which only copies: with more, each frame waits there for the next one.
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-threads', '1', 'pipe:1'];
    return ['-hide_banner', '-nostdin', '-nostats', '-v', 'level+info', ...input, ...output, ...raw];
  }

  #listen(ffmpeg: ChildProcess): void {
    const onLine = lineSplitter((line) => {
      const [, count, pts, width, height] = line.match(STAMP) ?? [];
      if (count === undefined) this.#complaints.add(line);
      else this.#onStamp(Number(count), Number(pts), { width: Number(width), height: Number(height) });
    });
    ffmpeg.stderr?.setEncoding('utf8').on('data', (portion: string) => {
      try {
        onLine(portion);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #onStamp(count: number, pts: number, size: { width: number; height: number }): void {
    const { timeBase, indexOf, to = Number.POSITIVE_INFINITY, interval } = this.#options;
    this.#decoded++;
    if (this.#reachedTo) return;
    // As the filters compute it, so that both choose the same frames.
    const stamp = Number.isNaN(pts) ? undefined : (pts * timeBase[0]) / timeBase[1];
    const time = Math.max(this.#lastTime, stamp ?? (count === 0 ? 0 : this.#lastTime + interval));
    this.#lastTime = time;
    const index = indexOf({ count, time: stamp });
    if (time >= to) this.#reachedTo = true;
    else if (index !== undefined) this.#stamps.push({ index, time });
    if (this.#size.width === 0) this.#start(size);
    this.#dropOld();
    this.#wake();
  }

  /** The size of frames is known, and they may come. */
  #start(decoded: { width: number; height: number }): void {
    const { name: file, size = decoded } = this.#options;
    const { width, height } = size;
    if (width * height > MOST_PIXELS)
      throw new VideoError(
        { file },
        { found: `frames of ${width} × ${height} pixels`, expected: 'at most 16,384 × 16,384' },
      );
    this.#size = { width, height };
    const bytes = width * height * 3;
    this.#ahead = Math.max(AHEAD.least, Math.min(AHEAD.most, Math.floor(AHEAD.bytes / bytes)));
    this.#reader?.resume();
  }

  #memory(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(this.#size.width * this.#size.height * 3);
  }

  #onPixels(length: number): boolean {
    if (this.#filling.length === 1) {
      const [first = 0] = this.#filling;
      this.#filling = this.#memory();
      this.#filling[0] = first;
    }
    this.#filled += length;
    if (this.#filled < this.#filling.length) return true;
    this.#pictures.push({ ...this.#size, data: this.#filling });
    this.#filling = this.#memory();
    this.#filled = 0;
    this.#dropOld();
    this.#wake();
    this.#waiting = !this.#options.live && this.#pictures.length >= this.#ahead;
    return !this.#waiting;
  }

  /** A live source's frames but the newest. */
  #dropOld(): void {
    if (this.#options.live)
      while (Math.min(this.#pictures.length, this.#stamps.length) > 1) this.#take()?.release();
  }

  #take(): VideoFrame | undefined {
    const [picture] = this.#pictures;
    const [stamp] = this.#stamps;
    if (picture === undefined || stamp === undefined) return undefined;
    this.#pictures.shift();
    this.#stamps.shift();
    if (this.#waiting) {
      this.#waiting = false;
      this.#reader?.resume();
    }
    let isReleased = false;
    const release = () => {
      if (!isReleased && this.#free.length < this.#ahead) this.#free.push(picture.data);
      isReleased = true;
    };
    return { ...stamp, picture, release };
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** @throws VideoError where ffmpeg had something to complain about */
  #complain(code: number | null): void {
    const { name: file } = this.#options;
    const complaint = this.#complaints.first ?? (code === 0 ? undefined : `it ended with ${code}`);
    if (this.#decoded === 0) {
      const found = `no frame that can be decoded${complaint === undefined ? '' : ` (ffmpeg says: ${complaint})`}`;
      throw new VideoError({ file }, { found, expected: 'a video' });
    }
    if (complaint === undefined && this.#filled === 0 && this.#stamps.length === 0) return;
    const found = `a video that is damaged or breaks off (ffmpeg says: ${complaint ?? 'nothing'}); ${this.#decoded} frames could be decoded`;
    throw new VideoError({ file }, { found });
  }
}

/**
 * @throws VideoError when nothing can be decoded, or not all of it: then after the frames that could be;
 *   Error when ffmpeg is not there; the signal's reason
 */
export const streamFrames = (options: FrameStreamOptions): AsyncGenerator<VideoFrame> =>
  new FrameStream(options).frames();
