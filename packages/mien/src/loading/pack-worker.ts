// A packing thread: opens pictures, brings them to the pack's size, encodes them.

import { parentPort } from 'node:worker_threads';
import { encodeJpeg } from '../images/index.js';
import { isFatal, openImage, reasonOf } from './image-source.js';
import type { PackFormat } from './pack-format.js';
import { resizeShorterEdge } from './resize.js';
import { CLOSE } from './threads.js';

export interface PackSettings {
  format: PackFormat;
  /** The shorter side becomes so many pixels. */
  size: number;
  /** Smaller pictures are made larger too. */
  enlarge: boolean;
  /** Of JPEG, 1 … 100. */
  quality: number;
}

export interface PackRequest {
  chunk: number;
  paths: readonly string[];
  settings: PackSettings;
}

export interface PackedImage {
  bytes: Uint8Array;
  width: number;
  height: number;
}

export interface PackReply {
  chunk: number;
  /** One for each path: a picture, or why there is none. */
  images: (PackedImage | string)[];
  fatal?: { path: string; message: string };
}

/** Sides are stored in 16 bits. */
const LONGEST_SIDE = 0xffff;

async function packImage(
  path: string,
  { format, size, enlarge, quality }: PackSettings,
): Promise<PackedImage> {
  const opened = await openImage(path);
  const image =
    enlarge || Math.min(opened.width, opened.height) > size ? resizeShorterEdge(opened, size) : opened;
  const { width, height } = image;
  if (Math.max(width, height) > LONGEST_SIDE)
    throw new Error(`${width} × ${height} pixels: too long to pack`);
  const bytes = format === 'jpeg' ? await encodeJpeg(image, quality) : image.data.slice();
  return { bytes, width, height };
}

async function pack({ chunk, paths, settings }: PackRequest): Promise<PackReply> {
  const reply: PackReply = { chunk, images: [] };
  for (const path of paths) {
    try {
      reply.images.push(await packImage(path, settings));
    } catch (error) {
      if (isFatal(error)) return { ...reply, fatal: { path, message: error.message } };
      reply.images.push(reasonOf(error));
    }
  }
  return reply;
}

const port = parentPort;
let served = Promise.resolve();
port?.on('message', (request: PackRequest | typeof CLOSE) => {
  served = served.then(async () => {
    if (request === CLOSE) port.close();
    else port.postMessage(await pack(request));
  });
});
