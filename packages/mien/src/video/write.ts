// Pictures with times become a video of constant rate with sound, encoded by ffmpeg as they come.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { DataError, OutputFile } from '../files/index.js';
import type { RgbImage } from '../images/index.js';
import {
  type Container,
  containerOf,
  encodingArguments,
  listEncoders,
  rationalRate,
  type Sound,
} from './encoding.js';
import { Complaints, lineSplitter, startingError } from './errors.js';
import { inputName, soundCodecOf } from './probe.js';

export interface VideoWriterOptions {
  /** Of the pictures, pixels; odd ones are filled up by a black line. */
  width: number;
  height: number;
  /** Frames a second. Pictures are shown again, or left out, to keep it. */
  rate: number;
  /** Whose sound goes along; nothing where that file has none. The video then begins at the sound's `from`, else with its first picture. */
  sound?: Sound | undefined;
}

export interface VideoWriter {
  /**
   * @param picture may be changed as soon as this returns
   * @param time seconds, by the clock of the source; each frame of the video shows the latest picture that is not after it
   * @returns when more may come
   * @throws DataError with ffmpeg's complaint when nothing can be written
   */
  write(picture: RgbImage, time: number): Promise<void>;
  /** Gives the file its name, over an older one. @throws DataError when it is not whole: then nothing is left */
  close(): Promise<void>;
  /** Leaves nothing. After `close` it does nothing. */
  abort(): Promise<void>;
}

/** Pictures on their way to ffmpeg. */
const MOST_WAITING = 4;
/** Time stamps are rounded to a millisecond in some files: so much later is not late, seconds. */
const ROUNDING = 1e-3;

/** A picture, and how many need it: the writer, while it may be shown again, and each of its frames on the way. */
interface Held {
  bytes: Uint8Array;
  needs: number;
}

type Ffmpeg = ChildProcessByStdio<Writable, null, Readable>;

class FfmpegWriter implements VideoWriter {
  readonly #options: VideoWriterOptions;
  readonly #output: OutputFile;
  readonly #rate: readonly [number, number];
  readonly #complaints = new Complaints();
  readonly #free: Uint8Array[] = [];
  readonly #started: Promise<Ffmpeg>;
  #ffmpeg: Ffmpeg | undefined;
  #ended: Promise<number | null> | undefined;
  /** Frames that were handed to ffmpeg. */
  #frames = 0;
  #waiting = 0;
  #latest: Held | undefined;
  #origin: number | undefined;
  /** Of the latest picture, seconds since the video's beginning. */
  #time = 0;
  #failure: Error | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #wake: () => void = () => {};

  constructor(file: string, container: Container, options: VideoWriterOptions) {
    this.#options = options;
    this.#rate = rationalRate(options.rate);
    this.#origin = options.sound === undefined ? undefined : (options.sound.from ?? 0);
    this.#output = new OutputFile(file);
    this.#started = this.#start(container);
    this.#started.catch((error) => this.#fail(error));
  }

  async #start(container: Container): Promise<Ffmpeg> {
    const { width, height, sound } = this.#options;
    const [encoders, codec] = await Promise.all([listEncoders(), sound && soundCodecOf(sound.file)]);
    const withSound =
      sound && codec ? { sound: { ...sound, codec, input: inputName(sound.file) } } : undefined;
    const words = encodingArguments({ width, height, rate: this.#rate, container, encoders, ...withSound });
    if (this.#state === 'closed') throw new Error('writing was given up');
    const ffmpeg = spawn('ffmpeg', [...words, inputName(this.#output.temporary)], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#ffmpeg = ffmpeg;
    ffmpeg.stdin.on('error', () => {}); // ffmpeg has ended; why is told when it has closed
    ffmpeg.stderr.setEncoding('utf8').on(
      'data',
      lineSplitter((line) => this.#complaints.add(line)),
    );
    this.#ended = once(ffmpeg, 'close').then(
      ([code]) => {
        if (code !== 0 || this.#state === 'open') this.#fail(this.#problem(code));
        return code;
      },
      (cause) => {
        this.#fail(startingError('ffmpeg', cause));
        return null;
      },
    );
    return ffmpeg;
  }

  #problem(code: number | null): DataError {
    const found = `that ffmpeg ended with ${code} (it says: ${this.#complaints.all || 'nothing'})`;
    return new DataError({ file: this.#output.file }, { found, expected: 'a video that can be written' });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#output.discard();
    this.#wake();
  }

  async write(picture: RgbImage, time: number): Promise<void> {
    const { width, height } = this.#options;
    if (this.#state !== 'open') throw new Error(`${this.#output.file} is written and closed`);
    if (picture.width !== width || picture.height !== height)
      throw new RangeError(
        `a picture of ${picture.width} × ${picture.height} pixels in a video of ${width} × ${height}`,
      );
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = this.#free.pop() ?? new Uint8Array(width * height * 3);
    bytes.set(picture.data);
    this.#origin ??= time;
    const since = Math.max(this.#time, time - this.#origin);
    const before = this.#latest;
    this.#latest = { bytes, needs: 1 };
    this.#time = since;
    if (before !== undefined) await this.#show(before, since - this.#tolerance);
    else await this.#started;
  }

  /** How much later than a frame a picture may be that is shown in it, seconds. */
  get #tolerance(): number {
    return Math.min(ROUNDING, (0.25 * this.#rate[1]) / this.#rate[0]);
  }

  /** The picture fills all frames that are still to come before `end`, seconds, and is then given back. */
  async #show(held: Held, end: number): Promise<void> {
    const { stdin } = await this.#started;
    const [numerator, denominator] = this.#rate;
    while ((this.#frames * denominator) / numerator < end) {
      this.#frames++;
      this.#waiting++;
      held.needs++;
      stdin.write(held.bytes, () => {
        this.#waiting--;
        this.#release(held);
        this.#wake();
      });
      while (this.#waiting >= MOST_WAITING && this.#failure === undefined) await this.#news();
      if (this.#failure !== undefined) throw this.#failure;
    }
    this.#release(held);
  }

  #release(held: Held): void {
    held.needs--;
    if (held.needs === 0) this.#free.push(held.bytes);
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#latest === undefined)
        throw new DataError({ file: this.#output.file }, { found: 'no picture to write into this video' });
      const [numerator, denominator] = this.#rate;
      await this.#show(this.#latest, this.#time + denominator / numerator - this.#tolerance);
      this.#state = 'closing';
      this.#ffmpeg?.stdin.end();
      await this.#ended;
      if (this.#failure !== undefined) throw this.#failure;
      this.#state = 'closed';
      this.#output.commit();
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#fail(new Error('writing was given up'));
    this.#ffmpeg?.kill('SIGKILL');
    await this.#started.catch(() => {});
    await this.#ended;
  }
}

/**
 * Writes H.264 into .mp4, .mov and .mkv, VP9 into .webm. Where ffmpeg lacks these encoders, MPEG-4 and VP8.
 * @throws DataError on another ending, or where the file cannot be written; RangeError on sizes and rates that make no sense
 */
export function createVideoWriter(file: string, options: VideoWriterOptions): VideoWriter {
  const { width, height, rate } = options;
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0))
    throw new RangeError(`a video of ${width} × ${height} pixels`);
  if (!(rate > 0 && rate <= 1000)) throw new RangeError(`${rate} frames a second; expected 0 … 1000`);
  return new FfmpegWriter(file, containerOf(file), options);
}
