// Checkpoints of the reference system: every value follows a pattern of its place, so that reading them can be checked.

import { type RawStateDict, type RawTensor, readPth } from '@mien/torch';
import { listCheckpoints, unpackCheckpoint } from './checkpoint-files.js';
import { inTemporaryFolder } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

/** Entries of a network for pictures, of one for clips, and of the backbone alone with its classifier. */
const ENTRIES = { image: 360, sequence: 390, backbone: 320 };

/** Numbers that the pattern takes, −1 … 1, one after the other in another order. */
const PERIOD = 61;
/** In large tensors one of so many is compared; it shares no factor with the period. */
const STEP = 97;
const SMALL = 10_000;

/** Of float32, of numbers up to about 1. */
const TOLERANCE = 1e-6;

/** p of element i of entry k. */
const pattern = (i: number, k: number, offset: number): number =>
  (((i * 7919 + (k + offset) * 104_729) % PERIOD) - 30) / 30;

/** What an element of an entry is, given p. */
function expectedOf(key: string, shape: readonly number[]): (p: number) => number {
  if (key.endsWith('running_var')) return (p) => 1 + p ** 2 / 2;
  if (key.endsWith('running_mean')) return (p) => p / 20;
  if (/(_bn|\.bn[01])\.weight$/.test(key)) {
    const head = /\.bn[01]\.weight$/.test(key);
    const least = head ? 0.6 : /_(increase|proj)_bn\./.test(key) ? 0.35 : 0.8;
    return (p) => least + 0.2 * p;
  }
  if (key.includes('bias')) return (p) => p / 10;
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const scale = Math.sqrt(3 / fanIn) * (key.includes('conv1_7x7_s2') ? 0.02 : 1);
  return (p) => scale * p;
}

function numbersOf({ dtype, data }: RawTensor): Float32Array | BigInt64Array {
  const { buffer, byteOffset, byteLength } = data;
  return dtype === 'int64'
    ? new BigInt64Array(buffer, byteOffset, byteLength / 8)
    : new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** The largest error of an entry. */
function errorOf(key: string, tensor: RawTensor, k: number, offset: number): number {
  const values = numbersOf(tensor);
  if (key.endsWith('num_batches_tracked')) return Math.abs(Number(values[0]) - (7 + (k % 5)));
  const expected = expectedOf(key, tensor.shape);
  const step = values.length > SMALL ? STEP : 1;
  let largest = 0;
  for (let i = 0; i < values.length; i += step) {
    const error = Math.abs(Number(values[i]) - expected(pattern(i, k, offset)));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

/** Which offset the file was made with: its first entry tells. */
function offsetOf([first]: readonly [string, RawTensor][]): number {
  const errors = Array.from({ length: PERIOD }, (_, offset) =>
    first === undefined ? 0 : errorOf(first[0], first[1], 0, offset),
  );
  return errors.indexOf(Math.min(...errors));
}

function* checkNetwork(name: string, tensors: RawStateDict, entries: number): Generator<ParityCase> {
  yield {
    name: `${name}, entries`,
    error: Math.abs(tensors.size - entries),
    tolerance: 0,
    note: `${tensors.size} entries`,
  };
  const all = [...tensors];
  const offset = offsetOf(all);
  let [error, note] = [0, `offset ${offset}`];
  all.forEach(([key, tensor], k) => {
    const one = errorOf(key, tensor, k, offset);
    if (one <= error) return;
    error = one;
    note = `offset ${offset}, ${key}`;
  });
  yield { name: `${name}, values`, error, tolerance: TOLERANCE, note };
}

export const CHECKPOINTS: ParityPart = {
  name: 'checkpoints',
  needs: ['checkpoints'],
  check: (_, checkpoints) =>
    inTemporaryFolder(async function* (temporary) {
      for (const checkpoint of await listCheckpoints(checkpoints)) {
        const { name, network } = checkpoint;
        const tensors = (await readPth(await unpackCheckpoint(checkpoint, temporary))).stateDict();
        if (network === undefined)
          yield {
            name: `${name}, entries`,
            error: Math.abs(tensors.size - ENTRIES.backbone),
            tolerance: 0,
            note: `${tensors.size} entries`,
          };
        else yield* checkNetwork(name, tensors, network === 'cnn' ? ENTRIES.image : ENTRIES.sequence);
      }
    }),
};
