// Parts of the comparison with the reference, run on a folder.

import { checkParity, PARTS, type ParityOutcome } from 'mien/parity';

/** Every case of the parts whose names match. */
export async function outcomes(folder: string, names: RegExp): Promise<ParityOutcome[]> {
  const parts = PARTS.filter(({ name }) => names.test(name));
  const all: ParityOutcome[] = [];
  for await (const one of checkParity(folder, undefined, parts)) all.push(one);
  return all;
}
