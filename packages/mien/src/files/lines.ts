// Text files of labels, read whole: they are small, and a wrong line must be named.

import { readFile } from 'node:fs/promises';
import { DataError, show, systemProblem } from './errors.js';

export interface TextLines {
  readonly file: string;
  /** Without line ends; line k of the file is `lines[k - 1]`. */
  readonly lines: readonly string[];
}

/** What an operating system's error about reading a text file means to a user. */
export function readingError(file: string, cause: unknown): DataError {
  return new DataError({ file }, { found: systemProblem(cause), expected: 'a text file', cause });
}

/** Where the first byte that is no UTF-8 stands, as a line counted from `line`. */
function lineOfBadByte(bytes: Uint8Array, line: number): number {
  let start = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let end = bytes.indexOf(10); ; end = bytes.indexOf(10, start)) {
    const stop = end < 0 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
    line++;
  }
}

/**
 * Text of whole lines; a byte order mark is passed over.
 * @param firstLine where in the file `bytes` begin
 * @throws DataError with its line when there is something else than UTF-8 text
 */
export function decodeText(file: string, bytes: Uint8Array, firstLine = 1): string {
  if (firstLine === 1 && isUtf16(bytes))
    throw new DataError(
      { file, row: 1 },
      { found: 'UTF-16 text', expected: 'UTF-8', hint: 'Convert it with iconv' },
    );
  const text = decodeUtf8(file, bytes, firstLine);
  const zero = text.indexOf('\0');
  if (zero < 0) return text;
  const row = firstLine - 1 + text.slice(0, zero).split('\n').length;
  throw new DataError({ file, row }, { found: 'a zero byte', expected: 'text' });
}

const isUtf16 = (bytes: Uint8Array) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

function decodeUtf8(file: string, bytes: Uint8Array, firstLine: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: firstLine > 1 }).decode(bytes);
  } catch (cause) {
    throw new DataError(
      { file, row: lineOfBadByte(bytes, firstLine) },
      {
        found: 'bytes that are no UTF-8',
        expected: 'UTF-8',
        hint: 'Convert Latin-1 with iconv -f latin1 -t utf-8',
        cause,
      },
    );
  }
}

/**
 * Reads a text file as lines: UTF-8, with or without a byte order mark, LF or CRLF, with or without a last line end.
 * @throws DataError when the file cannot be read or is no UTF-8 text
 */
export async function readTextLines(file: string): Promise<TextLines> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw readingError(file, error);
  }
  const text = decodeText(file, bytes);
  if (text === '') return { file, lines: [] };
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (text.includes('\r'))
    return { file, lines: lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) };
  return { file, lines };
}

/** Decimal numbers as data files write them; not `''`, `0x1f`, `Infinity` or `NaN`, which `Number` would take. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * A finite decimal number.
 * @param text blanks around it do not matter
 * @throws DataError at `place` when it is none, or outside `range`
 */
export function parseNumber(
  text: string,
  place: { file: string; row?: number; column?: string },
  range?: { min: number; max: number; integer?: boolean },
): number {
  const trimmed = text.trim();
  const value = Number(trimmed);
  const fits =
    DECIMAL.test(trimmed) &&
    Number.isFinite(value) &&
    (range === undefined ||
      (value >= range.min && value <= range.max && (!range.integer || Number.isInteger(value))));
  if (fits) return value;
  const kind = range?.integer ? 'an integer' : 'a number';
  const expected = range === undefined ? kind : `${kind} from ${range.min} to ${range.max}`;
  throw new DataError(place, { found: show(text), expected });
}
