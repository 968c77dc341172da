// The error for everything that is wrong in a user's file.

export interface DataErrorPlace {
  file: string;
  /** From 1, as editors count lines; of a table without lines (Parquet), the row from 1. */
  row?: number | undefined;
  column?: string | undefined;
}

export interface DataErrorWords {
  /** What stands there. */
  found: string;
  /** What should stand there. */
  expected?: string | undefined;
  /** What to do about it: a sentence. */
  hint?: string | undefined;
  cause?: unknown;
}

/** A file that cannot be used: its message names the file, the row, what was found and what was expected. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly file: string;
  readonly row: number | undefined;
  readonly column: string | undefined;
  readonly found: string;
  readonly expected: string | undefined;

  constructor({ file, row, column }: DataErrorPlace, { found, expected, hint, cause }: DataErrorWords) {
    const place = [
      row === undefined ? file : `${file}:${row}`,
      column === undefined ? '' : `, column ${column}`,
    ];
    const words = [`found ${found}`, expected === undefined ? '' : `; expected ${expected}`];
    super(
      `${place.join('')}: ${words.join('')}${hint === undefined ? '' : `. ${hint}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.file = file;
    this.row = row;
    this.column = column;
    this.found = found;
    this.expected = expected;
  }
}

export const isDataError = (error: unknown): error is DataError => error instanceof DataError;

/** The longest text that a message repeats whole. */
const SHOWN = 60;

/** A value from a file in quotes, control characters visible, cut where it is long. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** What is said of a file that is not there. */
export const NO_SUCH_FILE = 'no such file';

const SYSTEM_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: NO_SUCH_FILE,
  ENOTDIR: NO_SUCH_FILE, // a file where its path has a folder
  EISDIR: 'a folder',
  EACCES: 'no permission to read it',
  ELOOP: 'a loop of links',
};

/** What an error of the operating system about reading a file means, as a phrase; any other error's own message. */
export function systemProblem(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return SYSTEM_PROBLEMS[code] ?? message;
}
