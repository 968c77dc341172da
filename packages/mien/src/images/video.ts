// Frames of a video, decoded by ffmpeg and streamed: memory does not grow with the video's length.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RgbImage } from './rgb.js';

/** A video that cannot be decoded, or only in part; the message is ffmpeg's own. */
export class VideoError extends Error {
  override readonly name = 'VideoError';
}

/** Larger frames are refused: their memory is asked for before they are there. */
const MOST_BYTES = 16_384 ** 2 * 3;
/** "P6", width, height and 255, each followed by one white-space character. */
const HEADER = /^P6\s(\d+) (\d+)\s255\s/;
const LONGEST_HEADER = 32;

/** Bytes of a stream, in portions of the length that is asked for. */
class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }

  /** The next bytes without taking them: `length`, or fewer at the stream's end. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#rest.length < length) if (!(await this.#next())) break;
    return this.#rest.subarray(0, length);
  }

  skip(length: number): void {
    this.#rest = this.#rest.subarray(length);
  }

  /** @returns whether the stream had enough bytes to fill `target` */
  async fill(target: Uint8Array): Promise<boolean> {
    for (let done = 0; done < target.length; ) {
      if (this.#rest.length === 0 && !(await this.#next())) return false;
      const part = this.#rest.subarray(0, target.length - done);
      target.set(part, done);
      done += part.length;
      this.skip(part.length);
    }
    return true;
  }
}

/**
 * Every frame as the container holds them, none dropped or doubled to keep a rate, turned as the container says.
 * The memory of a frame is used again for the next one.
 * @throws VideoError when the file is no video, or is damaged: then after the frames that could be decoded;
 *   Error when ffmpeg is not there
 */
export async function* readVideoFrames(file: string): AsyncGenerator<RgbImage> {
  // PPM is raw RGB with a header of some 15 bytes: frames say their own size, so no second program must be asked for it.
  const output = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-i', `file:${file}`, ...output], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  ffmpeg.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaints.length < 20) complaints.push(text);
  });
  const closed = once(ffmpeg, 'close');
  closed.catch(() => {}); // a program that cannot be started is told about below, after the pipe has ended
  try {
    const bytes = new ByteQueue(ffmpeg.stdout);
    let frame: RgbImage = { width: 0, height: 0, data: new Uint8Array(0) };
    for (;;) {
      const start = Buffer.from(await bytes.peek(LONGEST_HEADER)).toString('latin1');
      if (start === '') break;
      const [header = '', ...size] = start.match(HEADER) ?? [];
      const [width = 0, height = 0] = size.map(Number);
      const length = width * height * 3;
      if (length === 0 || length > MOST_BYTES) throw new VideoError(`frames of ${width} × ${height} pixels`);
      bytes.skip(header.length);
      if (frame.width !== width || frame.height !== height)
        frame = { width, height, data: new Uint8Array(length) };
      if (!(await bytes.fill(frame.data))) throw new VideoError('a frame that is cut off');
      yield frame;
    }
    const [code] = await closed;
    const [first = ''] = complaints.join('').trim().split('\n');
    const complaint = first.replace(/ @ 0x[0-9a-f]+/g, ''); // an address in memory, different each time
    if (code !== 0 || complaint !== '') throw new VideoError(complaint || `ffmpeg ended with ${code}`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('ffmpeg is not in PATH; install it to read video', { cause });
    throw cause;
  } finally {
    ffmpeg.kill('SIGKILL'); // where the reader has seen enough; a program that has ended is not touched
  }
}
