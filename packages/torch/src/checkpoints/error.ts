/**
 * What went wrong, for programs that want to react:
 *
 * - `io`: the operating system refused (no such file, a folder, no permission);
 * - `truncated`: the file ends before its content does;
 * - `corrupt`: the bytes contradict the format;
 * - `refused`: the file asks for a type or function that is not plain data; nothing was executed;
 * - `unsupported`: a legitimate file, but of a kind that is not read here;
 * - `limit`: the content would take more memory or more steps than allowed;
 * - `invalid`: the caller's arguments cannot be served (an unknown name, an ambiguous state dict).
 */
export type CheckpointErrorCode =
  | 'io'
  | 'truncated'
  | 'corrupt'
  | 'refused'
  | 'unsupported'
  | 'limit'
  | 'invalid';

/** Where an error was found. */
export interface CheckpointErrorPlace {
  /** The file's path, as the caller gave it. */
  readonly file: string;
  /** Byte offset in the file, or in `entry`. */
  readonly offset?: number | undefined;
  /** Entry of the zip archive that `offset` counts in. */
  readonly entry?: string | undefined;
  /** The error underneath, where there is one. */
  readonly cause?: unknown;
}

/**
 * The only error that reading or writing a checkpoint throws. Its message names the file, says what was found and
 * what was expected, and where in the file.
 */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  readonly code: CheckpointErrorCode;
  /** The file's path, as the caller gave it. */
  readonly file: string;
  /** Byte offset in the file, or in `entry`, where one is known. */
  readonly offset: number | undefined;
  /** Entry of the zip archive that `offset` counts in. */
  readonly entry: string | undefined;

  constructor(code: CheckpointErrorCode, what: string, place: CheckpointErrorPlace) {
    const inside = place.entry === undefined ? '' : ` of ${place.entry}`;
    const at = place.offset === undefined ? '' : ` (at byte ${place.offset}${inside})`;
    super(`${place.file}: ${what}${at}`, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.file = place.file;
    this.offset = place.offset;
    this.entry = place.entry;
  }
}

/** Whether `error` is a {@link CheckpointError}. */
export function isCheckpointError(error: unknown): error is CheckpointError {
  return error instanceof CheckpointError;
}

/** What `error` says, for messages that carry another error's words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The longest name that a message repeats whole. */
const SHOWN = 120;

/** A name from a file, cut where it is long: names may have megabytes. */
export function clip(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** The same in quotes, with control characters made visible. */
export function quote(text: string): string {
  return JSON.stringify(clip(text));
}
