// How many frames a checkpoint's window has: the reference publishes those for clips in folders named `Seq_len=N`.

const LENGTH = 32;

/** Frames of a window, by the name of a folder above the file; where none says it, the reference's own default. */
export function windowLengthAt(file: string): number {
  const stated = /Seq_len=(\d+)/.exec(file)?.[1];
  return stated === undefined ? LENGTH : Number(stated);
}
