// Which rows of an input go into the mixture.

import type { Split } from '../face-row.js';
import type { FaceTable } from '../face-table.js';
import type { Tally } from '../tally.js';
import type { MixInput } from './recipe.js';
import type { Labels, Relabel } from './relabel.js';

/** Something of what a task wants is known, and something is not. */
function isPartial({ valence, arousal, actionUnits = [] }: Labels): boolean {
  const known = actionUnits.filter((unit) => unit !== undefined).length;
  return (known > 0 && known < actionUnits.length) || (valence === undefined) !== (arousal === undefined);
}

/** `count` of the numbers 0 … n − 1, spread evenly; all of them where there are no more. */
export function spread(n: number, count: number): number[] {
  return n <= count
    ? Array.from({ length: n }, (_, i) => i)
    : Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

/**
 * At most so many rows of an expression, spread evenly over the rows that have it.
 * @param expressionOf the expression that a row is counted under, undefined where it is not counted
 */
export function capRows(
  rows: readonly number[],
  caps: Readonly<Record<string, number>>,
  expressionOf: (row: number) => string | undefined,
): number[] {
  const dropped = new Set<number>();
  for (const [expression, cap] of Object.entries(caps)) {
    const members = rows.filter((row) => expressionOf(row) === expression);
    const kept = new Set(spread(members.length, cap));
    members.forEach((row, i) => {
      if (!kept.has(i)) dropped.add(row);
    });
  }
  return dropped.size === 0 ? [...rows] : rows.filter((row) => !dropped.has(row));
}

/**
 * Row numbers of the input, in its order, after its settings `splits` to `caps`.
 * @param name of the input, for the tally of what was dropped
 */
export function selectRows(
  faces: FaceTable,
  input: MixInput,
  { labels, isBare, wasBare }: Relabel,
  name: string,
  tally: Tally,
): number[] {
  let rows = Array.from({ length: faces.length }, (_, row) => row);
  const keep = (reason: string, left: number[]) => {
    const dropped = rows.length - left.length;
    if (dropped > 0) tally.drop(reason, `${name}: ${dropped.toLocaleString('en')}`, dropped);
    rows = left;
  };
  const { splits, tasks, complete, every, thin, caps } = input;
  if (splits !== undefined)
    keep(
      `not in split ${splits.join(' or ')}`,
      rows.filter((row) => splits.includes(faces.split.get(row) as Split)),
    );
  keep(
    tasks === undefined ? 'no label left' : `no label for ${tasks.join(' or ')}`,
    rows.filter((row) => !isBare(row) || (tasks === undefined && wasBare(row))),
  );
  if (complete)
    keep(
      'partly labelled',
      rows.filter((row) => !isPartial(labels(row))),
    );
  if (every > 1)
    keep(
      `thinned out: one in ${every} kept`,
      rows.filter((_, i) => i % every === 0),
    );
  for (const { expression, every: n } of thin)
    keep(
      `thinned out: ${expression} where the row's number is a multiple of ${n}`,
      rows.filter((row, i) => i % n === 0 || labels(row).expression !== expression),
    );
  keep(
    'over the cap of its expression',
    capRows(rows, caps, (row) => labels(row).expression),
  );
  return rows;
}
