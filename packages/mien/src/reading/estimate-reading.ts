// What was decided of one face, by name.

import type { Estimates } from '../judging/index.js';
import type { FaceReading } from './frames.js';

const named = <Value>(names: readonly string[], at: (i: number) => Value): Record<string, Value> =>
  Object.fromEntries(names.map((name, i) => [name, at(i)]));

/** @param row of the face among the estimates', whose probabilities are known */
export function estimateReading(
  { schema: { actionUnits, expressions }, EXPR, AU, VA }: Estimates,
  row: number,
): Pick<FaceReading, 'expression' | 'actionUnits' | 'valence' | 'arousal'> {
  const [firstClass, firstUnit] = [row * expressions.length, row * actionUnits.length];
  return {
    ...(EXPR && {
      expression: {
        label: expressions[EXPR.classes[row] as number] as string,
        probabilities: named(expressions, (k) => EXPR.probabilities?.[firstClass + k] as number),
      },
    }),
    ...(AU && {
      actionUnits: named(actionUnits, (k) => ({
        probability: AU.probabilities?.[firstUnit + k] as number,
        present: AU.decisions[firstUnit + k] === 1,
      })),
    }),
    ...(VA && { valence: VA.values[2 * row] as number, arousal: VA.values[2 * row + 1] as number }),
  };
}
