// The faces that are read worst. Of the frames of a clip, which resemble each other, one a task.

import type { Task } from '../../labels/index.js';
import type { Estimates } from '../estimates.js';
import type { Mistake } from '../evaluation.js';
import type { Truth } from '../truth.js';

/** How badly a row is read; 0: it is right, or not known. */
type Badness = (row: number) => number;

/** Rows with the largest badness, the worst first, one of a clip; of equals the first. */
function worstRows(badness: Badness, { clip, length }: Truth, count: number): number[] {
  const worst = new Map<number, { row: number; badness: number }>();
  for (let row = 0; row < length; row++) {
    const value = badness(row);
    if (value <= 0) continue;
    const code = clip.codes[row] as number;
    if (value > (worst.get(code)?.badness ?? 0)) worst.set(code, { row, badness: value });
  }
  return [...worst.values()]
    .sort((one, other) => other.badness - one.badness || one.row - other.row)
    .slice(0, count)
    .map(({ row }) => row);
}

const number = (value: number): string => value.toFixed(2).replace('-', '−');

interface Reading {
  badness: Badness;
  what(row: number): string;
}

/** Bad is a wrong class that is held for probable. */
function expressionReading(
  { classes, probabilities }: NonNullable<Estimates['EXPR']>,
  { expression, expressionKnown, schema }: Truth,
): Reading {
  const { expressions } = schema;
  const probability = (row: number) =>
    probabilities?.[row * expressions.length + (classes[row] as number)] ?? 1;
  return {
    badness: (row) => (expressionKnown[row] && classes[row] !== expression[row] ? probability(row) : 0),
    what(row) {
      const [fact, guess] = [expressions[expression[row] as number], expressions[classes[row] as number]];
      return `${fact} read as ${guess}${probabilities ? ` (${number(probability(row))})` : ''}`;
    },
  };
}

/** Bad is a wrong decision on a unit whose probability is far from the truth; a face is as bad as its worst unit. */
function actionUnitReading(
  { decisions, probabilities }: NonNullable<Estimates['AU']>,
  { actionUnits, actionUnitsKnown, schema }: Truth,
): Reading {
  const units = schema.actionUnits.length;
  const unitBadness = (i: number) => {
    const [decision, fact] = [decisions[i] as number, actionUnits[i] as number];
    if (!actionUnitsKnown[i] || decision === fact) return 0;
    return probabilities ? Math.abs((probabilities[i] as number) - fact) : 1;
  };
  const worstUnit = (row: number) => {
    let worst = row * units;
    for (let i = worst + 1; i < (row + 1) * units; i++) if (unitBadness(i) > unitBadness(worst)) worst = i;
    return worst;
  };
  return {
    badness: (row) => unitBadness(worstUnit(row)),
    what(row) {
      const i = worstUnit(row);
      const [fact, guess] = actionUnits[i] ? ['present', 'absent'] : ['absent', 'present'];
      const probability = probabilities ? ` (${number(probabilities[i] as number)})` : '';
      return `${schema.actionUnits[i % units]} ${fact}, read as ${guess}${probability}`;
    },
  };
}

/** Bad is a point far from the truth. */
function valenceArousalReading(
  { values }: NonNullable<Estimates['VA']>,
  { valenceArousal, valenceArousalKnown }: Truth,
): Reading {
  const difference = (i: number) =>
    valenceArousalKnown[i] ? (values[i] as number) - (valenceArousal[i] as number) : 0;
  return {
    badness: (row) => Math.hypot(difference(2 * row), difference(2 * row + 1)),
    what: (row) =>
      ['valence', 'arousal']
        .flatMap((name, k) => {
          const i = 2 * row + k;
          if (!valenceArousalKnown[i]) return [];
          return [`${name} ${number(valenceArousal[i] as number)} read as ${number(values[i] as number)}`];
        })
        .join(', '),
  };
}

/** @param count of each task, at most */
export function mistakesOf({ EXPR, AU, VA }: Estimates, truth: Truth, count: number): Mistake[] {
  const readings: [Task, Reading | undefined][] = [
    ['EXPR', EXPR && expressionReading(EXPR, truth)],
    ['AU', AU && actionUnitReading(AU, truth)],
    ['VA', VA && valenceArousalReading(VA, truth)],
  ];
  return readings.flatMap(([task, reading]) =>
    reading === undefined
      ? []
      : worstRows(reading.badness, truth, count).map((row) => ({
          row,
          task,
          what: reading.what(row),
          badness: reading.badness(row),
        })),
  );
}
