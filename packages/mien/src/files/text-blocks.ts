// Long text files, a piece at a time: tables with millions of rows must not stand in memory as one string.

import { createReadStream } from 'node:fs';
import { DataError } from './errors.js';
import { decodeText, readingError } from './lines.js';

/** A longer line is no row of a table but another kind of file. */
export const LONGEST_LINE = 4 << 20;

const LINE_FEED = 10;

/** Whole lines; the last block of a file may end without a line end. */
export interface TextBlock {
  text: string;
  /** The line that it begins with, from 1. */
  firstLine: number;
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

export function lineTooLong(file: string, row: number): DataError {
  const most = `${LONGEST_LINE >> 20} MiB`;
  return new DataError({ file, row }, { found: `a line longer than ${most}`, expected: 'a row of a table' });
}

/**
 * Reads a text file in blocks of whole lines: UTF-8, with or without a byte order mark.
 * @throws DataError when the file cannot be read, is no UTF-8 text, or has a line longer than `LONGEST_LINE`
 */
export async function* readTextBlocks(file: string): AsyncGenerator<TextBlock> {
  let firstLine = 1;
  let rest = new Uint8Array(0); // the beginning of a line whose end has not come yet
  const decoded = (bytes: Uint8Array): TextBlock => {
    const block = { text: decodeText(file, bytes, firstLine), firstLine };
    firstLine += countLineFeeds(bytes);
    return block;
  };
  const stream = createReadStream(file);
  try {
    for await (const bytes of stream as AsyncIterable<Uint8Array>) {
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      if (end > 0) {
        yield decoded(Buffer.concat([rest, bytes.subarray(0, end)]));
        rest = bytes.slice(end);
      } else rest = Buffer.concat([rest, bytes]);
      if (rest.length > LONGEST_LINE) throw lineTooLong(file, firstLine);
    }
  } catch (error) {
    throw error instanceof DataError ? error : readingError(file, error);
  } finally {
    stream.destroy();
  }
  if (rest.length > 0) yield decoded(rest);
}
