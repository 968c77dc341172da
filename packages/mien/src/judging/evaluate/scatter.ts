// Some faces' valence and arousal beside the truth, for a figure.

import { Random } from '../../random/index.js';
import type { Estimates } from '../estimates.js';
import type { MemberEvaluation } from '../evaluation.js';
import type { Truth } from '../truth.js';

const MOST_POINTS = 2000;

/** Pairs of truth and estimate of the same faces for every member, drawn without replacement. @param rows that are judged */
export function scatterOf(
  { values }: NonNullable<Estimates['VA']>,
  { valenceArousal, valenceArousalKnown }: Truth,
  rows: Int32Array,
  seed: number,
): NonNullable<MemberEvaluation['scatter']> {
  const known = rows.filter((row) => valenceArousalKnown[2 * row] || valenceArousalKnown[2 * row + 1]);
  const random = Random.seeded(seed);
  const count = Math.min(known.length, MOST_POINTS);
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(known.length - i);
    [known[i], known[j]] = [known[j] as number, known[i] as number];
  }
  const pairs = (dimension: 0 | 1) =>
    Array.from(known.subarray(0, count), (row) => 2 * row + dimension)
      .filter((i) => valenceArousalKnown[i])
      .map((i): [number, number] => [valenceArousal[i] as number, values[i] as number]);
  return { valence: pairs(0), arousal: pairs(1) };
}
