// How much models differ about each face: an uncertainty that costs nothing more once there is an ensemble.

import type { Task } from '../labels/index.js';
import type { Probabilities } from './probabilities.js';

/**
 * Mutual information of the class and the member (Houlsby et al. 2011), in nats: the entropy of the mean minus the mean of
 * the entropies, computed as the mean divergence KL(p_m ‖ mean), which is the same and exactly 0 where all are equal.
 */
function ofClasses(members: readonly Float32Array[], classes: number): Float32Array {
  const [first] = members as [Float32Array];
  return Float32Array.from({ length: first.length / classes }, (_, row) => {
    let information = 0;
    for (let i = row * classes; i < (row + 1) * classes; i++) {
      const mean = meanAt(members, i);
      for (const member of members) {
        const p = member[i] as number;
        if (p > 0) information += p * Math.log(p / mean);
      }
    }
    return Math.max(0, information / members.length);
  });
}

/** Mean over a row's columns of the members' standard deviation, divided by their number. */
function ofNumbers(members: readonly Float32Array[], width: number): Float32Array {
  const [first] = members as [Float32Array];
  return Float32Array.from({ length: first.length / width }, (_, row) => {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      const mean = meanAt(members, i);
      let squares = 0;
      for (const member of members) squares += ((member[i] as number) - mean) ** 2;
      sum += Math.sqrt(squares / members.length);
    }
    return sum / width;
  });
}

/** From differences to the first, so that of equal numbers it is just that number. */
function meanAt(members: readonly Float32Array[], i: number): number {
  const first = members[0]?.[i] as number;
  let differences = 0;
  for (const member of members) differences += (member[i] as number) - first;
  return first + differences / members.length;
}

/** @param members at least one; a task counts where two have it */
export function disagreementOf(members: readonly Probabilities[]): Partial<Record<Task, Float32Array>> {
  const { expressions, actionUnits } = (members[0] as Probabilities).schema;
  const having = (task: Task) => members.flatMap((member) => member[task] ?? []);
  const [EXPR, AU, VA] = [having('EXPR'), having('AU'), having('VA')];
  return {
    ...(EXPR.length > 1 && { EXPR: ofClasses(EXPR, expressions.length) }),
    ...(AU.length > 1 && { AU: ofNumbers(AU, actionUnits.length) }),
    ...(VA.length > 1 && { VA: ofNumbers(VA, 2) }),
  };
}
