// The outputs of several models made one.

import type { LabelSchema, Task } from '../labels/index.js';
import type { Tuning } from '../models/index.js';
import { sigmoid } from '../models/runners/index.js';
import { applyCalibration } from './calibration/index.js';
import type { ModelOutput } from './estimates.js';
import { decideProbabilities, probabilitiesOf, softmax } from './probabilities.js';

/**
 * What of EXPR and AU is averaged: probabilities, logits, or the members' own decisions, so that the majority decides and
 * of equals the smallest value. Valence and arousal are always means of values.
 */
export const ENSEMBLES = ['probabilities', 'logits', 'votes'] as const;
export type EnsembleRule = (typeof ENSEMBLES)[number];

export interface CombineOptions {
  /** Default: `ensemble`, or the only member's. */
  name?: string | undefined;
  /** Default: `probabilities` */
  how?: EnsembleRule | undefined;
  /** Of each member: its calibration comes before the mean, and its thresholds decide its votes. */
  memberTunings?: readonly (Tuning | undefined)[] | undefined;
}

const widthOf = ({ expressions, actionUnits }: LabelSchema, task: Task) =>
  ({ EXPR: expressions.length, AU: actionUnits.length, VA: 2 })[task];

/** @throws RangeError if the outputs are not of the same faces and labels */
function checkOutputs(outputs: readonly ModelOutput[], tunings: readonly unknown[] | undefined): void {
  const [first] = outputs;
  if (first === undefined) throw new RangeError('no model; expected at least one');
  if (tunings && tunings.length !== outputs.length)
    throw new RangeError(`${tunings.length} tunings of ${outputs.length} models`);
  for (const output of outputs) {
    if (output.length !== first.length)
      throw new RangeError(`${output.name} has ${output.length} faces, and ${first.name} ${first.length}`);
    if (JSON.stringify(output.schema) !== JSON.stringify(first.schema))
      throw new RangeError(`${output.name} and ${first.name} have different label schemas`);
    for (const task of ['EXPR', 'AU', 'VA'] as const) {
      const [values, width] = [output[task], widthOf(output.schema, task)];
      if (values && values.length !== output.length * width)
        throw new RangeError(
          `${task} of ${output.name} has ${values.length} values; expected ${width} for each of ${output.length} faces`,
        );
    }
  }
}

/** Log odds are finite, also of a probability that is 0. */
const logOf = (p: number) => Math.log(Math.max(p, Number.MIN_VALUE));

/** log p − log(1 − p) of the mean p of σ(logit): both are summed up, so that neither loses its digits near 0. */
function meanUnits(members: readonly Float32Array[]): Float32Array {
  return (members[0] as Float32Array).map((_, i) => {
    let [present, absent] = [0, 0];
    for (const member of members) {
      present += sigmoid(member[i] as number);
      absent += sigmoid(-(member[i] as number));
    }
    return logOf(present) - logOf(absent);
  });
}

/** log of the mean softmax: logits of just that. */
function meanClasses(members: readonly Float32Array[], classes: number): Float32Array {
  const result = new Float32Array((members[0] as Float32Array).length);
  const [row, sum] = [new Float64Array(classes), new Float64Array(classes)];
  for (let start = 0; start < result.length; start += classes) {
    sum.fill(0);
    for (const member of members) {
      softmax(member, start, row);
      for (let k = 0; k < classes; k++) (sum[k] as number) += row[k] as number;
    }
    for (let k = 0; k < classes; k++) result[start + k] = logOf((sum[k] as number) / members.length);
  }
  return result;
}

function mean(members: readonly Float32Array[]): Float32Array {
  return (members[0] as Float32Array).map((_, i) => {
    let sum = 0;
    for (const member of members) sum += member[i] as number;
    return sum / members.length;
  });
}

/** Logits whose probabilities are the shares of votes. */
function unitVotes(decisions: readonly Uint8Array[]): Float32Array {
  return Float32Array.from(decisions[0] as Uint8Array, (_, i) => {
    let votes = 0;
    for (const one of decisions) votes += one[i] as number;
    return logOf(votes / decisions.length) - logOf(1 - votes / decisions.length);
  });
}

function classVotes(choices: readonly Int32Array[], classes: number): Float32Array {
  const votes = new Float64Array((choices[0] as Int32Array).length * classes);
  for (const one of choices)
    one.forEach((choice, row) => {
      (votes[row * classes + choice] as number)++;
    });
  return Float32Array.from(votes, (count) => logOf(count / choices.length));
}

/**
 * One output of several. Its logits are those of the mean probabilities, the mean logits, or the shares of votes, so that it
 * is calibrated, smoothed and decided like the output of one model. A task is the mean of those that have it.
 * @throws RangeError if the outputs are not of the same faces and labels
 */
export function combine(
  outputs: readonly ModelOutput[],
  { name, how = 'probabilities', memberTunings }: CombineOptions = {},
): ModelOutput {
  checkOutputs(outputs, memberTunings);
  const [first] = outputs as [ModelOutput];
  if (outputs.length === 1) return { ...first, name: name ?? first.name };
  const { schema, length } = first;
  const members = outputs.map((output, m) => applyCalibration(output, memberTunings?.[m]?.calibration));
  const having = (task: Task) => members.flatMap((member) => member[task] ?? []);
  const [EXPR, AU, VA] = [having('EXPR'), having('AU'), having('VA')];
  const classes = schema.expressions.length;
  const combined: ModelOutput = { name: name ?? 'ensemble', schema, length };
  if (how === 'votes') {
    const decided = members.map((member, m) =>
      decideProbabilities(probabilitiesOf(member), memberTunings?.[m]?.thresholds),
    );
    const choices = decided.flatMap((one) => one.EXPR?.classes ?? []);
    const decisions = decided.flatMap((one) => one.AU?.decisions ?? []);
    if (choices.length > 0) combined.EXPR = classVotes(choices, classes);
    if (decisions.length > 0) combined.AU = unitVotes(decisions);
  } else {
    if (EXPR.length > 0) combined.EXPR = how === 'logits' ? mean(EXPR) : meanClasses(EXPR, classes);
    if (AU.length > 0) combined.AU = how === 'logits' ? mean(AU) : meanUnits(AU);
  }
  if (VA.length > 0) combined.VA = mean(VA);
  return combined;
}
