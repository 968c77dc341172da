// Small JPEGs decoded on the calling thread: libjpeg-turbo compiled to WebAssembly, of the package @cwasm/jpeg-turbo.
// Bit for bit what Pillow and sharp decode, without sharp's cost of a pipeline for each picture, which is several times
// that of decoding a face crop. The package's own function gives RGBA and loses memory when a file is broken, so its
// module is called directly.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RgbImage } from './rgb.js';

/** TypeScript's libraries declare it for browsers only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

interface TurboJpeg {
  memory: { buffer: ArrayBuffer };
  malloc(bytes: number): number;
  free(at: number): void;
  tjInitDecompress(): number;
  tjDecompressHeader3(...handleBytesLengthWidthHeightSubsamplingColours: number[]): number;
  tjDecompress2(...handleBytesLengthPixelsWidthPitchHeightFormatFlags: number[]): number;
}

/** One decompressor with its buffers, used for one picture after another. */
interface Decoder {
  turbo: TurboJpeg;
  handle: number;
  header: number;
  input: { at: number; size: number };
  output: { at: number; size: number };
}

/** TurboJPEG's names of pixel formats (TJPF) and of a file's colour spaces (TJCS). */
const RGB = 0;
const CMYK = 11;
const CMYK_SPACES: readonly number[] = [3, 4];

/** Above this, decoding would hold up the calling thread: sharp does it beside JavaScript. */
const MOST_PIXELS = 2 ** 20;
/** The memory that a file is copied to is kept. */
const MOST_BYTES = 2 ** 24;

let module: object | undefined;
let decoder: Decoder | undefined;

function newDecoder(): Decoder {
  if (module === undefined) {
    const main = createRequire(import.meta.url).resolve('@cwasm/jpeg-turbo');
    module = new WebAssembly.Module(readFileSync(join(main, '../jpeg-turbo.wasm')));
  }
  // libjpeg leaves by longjmp when a file is broken; here that becomes an exception, after which the instance is dropped.
  const leave = () => {
    throw new Error('broken JPEG');
  };
  const names = ['environ_sizes_get', 'environ_get', 'proc_exit', 'fd_close', 'fd_seek', 'fd_write'];
  const { exports } = new WebAssembly.Instance(module, {
    env: { setjmp: () => 0, longjmp: leave },
    wasi_snapshot_preview1: Object.fromEntries(
      names.map((name) => [name, name === 'environ_sizes_get' ? () => 0 : leave]),
    ),
  });
  const turbo = exports as unknown as TurboJpeg;
  const none = { at: 0, size: 0 };
  return { turbo, handle: turbo.tjInitDecompress(), header: turbo.malloc(16), input: none, output: none };
}

/** A buffer of at least `size` bytes: `buffer`, or a new one instead of it. */
function atLeast(turbo: TurboJpeg, buffer: { at: number; size: number }, size: number) {
  if (buffer.size >= size) return buffer;
  if (buffer.size > 0) turbo.free(buffer.at);
  const at = turbo.malloc(2 * size);
  if (at === 0) throw new Error('out of memory');
  return { at, size: 2 * size };
}

/** As Pillow converts, whatever the file's profile says: it takes every CMYK JPEG as stored inverted, as Adobe does. */
function rgbOfInvertedCmyk(cmyk: Uint8Array, pixels: number): Uint8Array {
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const light = cmyk[pixel * 4 + 3] as number;
    for (let c = 0; c < 3; c++) {
      const product = (255 - (cmyk[pixel * 4 + c] as number)) * light + 128;
      rgb[pixel * 3 + c] = light - (((product >> 8) + product) >> 8);
    }
  }
  return rgb;
}

function decode(bytes: Uint8Array): RgbImage | undefined {
  decoder ??= newDecoder();
  const { turbo, handle, header } = decoder;
  decoder.input = atLeast(turbo, decoder.input, bytes.length);
  const input = decoder.input.at;
  new Uint8Array(turbo.memory.buffer).set(bytes, input);
  const fields = [header, header + 4, header + 8, header + 12];
  if (turbo.tjDecompressHeader3(handle, input, bytes.length, ...fields) !== 0) return undefined;
  const [width = 0, height = 0, , colours = 0] = new Uint32Array(turbo.memory.buffer, header, 4);
  const isCmyk = CMYK_SPACES.includes(colours);
  const pixels = width * height;
  if (pixels > MOST_PIXELS && !isCmyk) return undefined;
  const size = pixels * (isCmyk ? 4 : 3);
  decoder.output = atLeast(turbo, decoder.output, size);
  const output = decoder.output.at;
  const format = isCmyk ? CMYK : RGB;
  if (turbo.tjDecompress2(handle, input, bytes.length, output, width, 0, height, format, 0) !== 0)
    return undefined;
  const data = new Uint8Array(turbo.memory.buffer, output, size);
  return { width, height, data: isCmyk ? rgbOfInvertedCmyk(data, pixels) : data.slice() };
}

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

/**
 * Decodes a JPEG of up to 2^20 pixels (CMYK: of any number) at once; undefined for whatever needs sharp: other formats,
 * larger pictures, files of more than 16 MB, and files that are broken or cut off, about which sharp has the last word.
 */
export function decodeJpeg(bytes: Uint8Array): RgbImage | undefined {
  if (!isJpeg(bytes) || bytes.length > MOST_BYTES) return undefined;
  try {
    return decode(bytes);
  } catch {
    decoder = undefined;
    return undefined;
  }
}
