// What is said when a video cannot be read or written: ffmpeg's own words, and the programs' absence.

import { DataError } from '../files/index.js';

/** A video that cannot be decoded, or only in part. */
export class VideoError extends DataError {}

/** What to say of a program that did not start. */
export function startingError(program: 'ffmpeg' | 'ffprobe', cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? 'is not in PATH; install ffmpeg' : `does not start (${message})`;
  return new Error(`${program} ${reason}, which reads and writes video`, { cause });
}

/** Complaints beyond these say nothing new. */
const MOST_LINES = 20;

/** The errors in ffmpeg's log; it runs with `-v level+…`, so that each line says how bad it is. */
export class Complaints {
  readonly #lines: string[] = [];

  /** @param line of the log */
  add(line: string): void {
    const [, text] = line.match(/\[(?:error|fatal|panic)\] (.+)/) ?? [];
    if (text === undefined || this.#lines.length >= MOST_LINES) return;
    const [context = ''] = line.match(/^\[[^\]]+ @ 0x[0-9a-f]+\]/) ?? [];
    this.#lines.push(`${context.replace(/ @ 0x[0-9a-f]+/, '')} ${text}`.trim()); // addresses differ each time
  }

  get first(): string | undefined {
    return this.#lines[0];
  }

  /** What ended the work usually stands last. */
  get all(): string {
    return this.#lines.join('; ');
  }
}

/** Cuts a text that comes in portions into lines. */
export function lineSplitter(onLine: (line: string) => void): (portion: string) => void {
  let rest = '';
  return (portion) => {
    const lines = (rest + portion).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
