// What is read, decoded: videos frame by frame, pictures.

import { open } from 'node:fs/promises';
import { DataError, NO_SUCH_FILE, statIfThere, systemProblem } from '../../files/index.js';
import { decodeShown, type RgbImage } from '../../images/index.js';
import { readVideo, type VideoSource } from '../../video/index.js';
import type { DecodedFrame } from './stages.js';
import type { ReadOptions } from './types.js';

const READABLE = 'a video or a picture';

const PICTURES: readonly (readonly [at: number, bytes: RegExp])[] = [
  [0, /^\xff\xd8\xff/],
  [0, /^\x89PNG/],
  [0, /^BM/],
  [0, /^RIFF....WEBP/s],
  [0, /^(II\*\0|MM\0\*)/],
  [4, /^ftyp(avif|heic|heix|mif1|msf1)/],
];

/** Whether a file is a picture, by its first bytes. @throws DataError when it cannot be read */
export async function isPicture(file: string): Promise<boolean> {
  const found = await statIfThere(file);
  if (found === undefined) throw new DataError({ file }, { found: NO_SUCH_FILE, expected: READABLE });
  if (found.isDirectory()) throw new DataError({ file }, { found: 'a folder', expected: READABLE });
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0);
      const start = buffer.toString('latin1', 0, bytesRead);
      return PICTURES.some(([at, bytes]) => bytes.test(start.slice(at)));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new DataError({ file }, { found: systemProblem(cause), expected: READABLE, cause });
  }
}

/** Frames of a video or a camera. @throws VideoError after the frames that could be decoded */
export async function* framesOfVideo(
  source: VideoSource,
  { from, to, every, signal, times }: ReadOptions,
): AsyncGenerator<DecodedFrame> {
  const name = typeof source === 'string' ? source : source.camera;
  let asked = performance.now();
  for await (const { index, time, picture, release } of readVideo(source, { from, to, every, signal })) {
    if (times !== undefined) times.decode += performance.now() - asked;
    const { width, height } = picture;
    yield { source: name, frame: index, time, width, height, picture, release };
    asked = performance.now();
  }
}

/** Larger pictures are decoded smaller, 100 MB each, unless they are to be given out. */
const MOST_PIXELS = 2 ** 25;

/**
 * A picture as a frame.
 * @param whole decodes it in its own size, however large
 * @throws DataError when it does not open
 */
export async function frameOfPicture(
  source: string | Uint8Array | RgbImage,
  { whole }: { whole: boolean },
): Promise<DecodedFrame> {
  const name = typeof source === 'string' ? source : 'picture';
  const facts = { source: name, frame: 0, time: undefined, release: () => {} };
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) {
    const { width, height, data } = source;
    if (data.length !== width * height * 3)
      throw new DataError(
        { file: name },
        { found: `${data.length} bytes`, expected: `${width} × ${height} × 3` },
      );
    return { ...facts, width, height, picture: { width, height, data: data.slice() } };
  }
  try {
    return { ...facts, ...(await decodeShown(source, whole ? {} : { mostPixels: MOST_PIXELS })) };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = code === undefined ? message : systemProblem(cause);
    throw new DataError({ file: name }, { found, expected: 'a picture', cause });
  }
}
