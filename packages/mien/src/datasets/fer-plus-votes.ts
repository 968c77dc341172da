// What ten raters' votes say about a face.

import type { LabelSchema } from '../labels/index.js';
import { expressionIn } from './labelling.js';

/** Columns of votes, in the order of the files. */
export const VOTE_CLASSES = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
  'unknown',
  'not a face',
] as const;

export interface MajorityRule {
  /** Single votes are taken for slips and not counted, as the FER+ generator does. */
  dropSingleVotes: boolean;
  /** So many votes suffice where the class has not more than half of them. */
  minVotes: number;
}

/** Either what the votes say, or why they say nothing (a phrase). */
export type Verdict<T> = { value: T; refused?: undefined } | { value?: undefined; refused: string };

const outside = (word: string, schema: LabelSchema) =>
  word === 'unknown' || word === 'not a face'
    ? `most votes for ${word}`
    : `most votes for ${word}, which schema ${schema.name} lacks`;

const sum = (votes: readonly number[]) => votes.reduce((total, vote) => total + vote, 0);

/**
 * The single most voted class, when it has more than half of the votes or `minVotes` of them, and is one of the schema.
 * @param votes one count per class of `VOTE_CLASSES`
 */
export function majority(
  votes: readonly number[],
  { dropSingleVotes, minVotes }: MajorityRule,
  schema: LabelSchema,
): Verdict<string> {
  const counted = dropSingleVotes ? votes.map((vote) => (vote === 1 ? 0 : vote)) : votes;
  const most = Math.max(...counted);
  if (most === 0) return { refused: 'no votes' };
  if (counted.indexOf(most) !== counted.lastIndexOf(most))
    return { refused: 'several classes with most votes' };
  if (2 * most <= sum(counted) && most < minVotes) return { refused: 'no majority' };
  const word = VOTE_CLASSES[counted.indexOf(most)] as string;
  const expression = expressionIn(schema, word);
  return expression === undefined ? { refused: outside(word, schema) } : { value: expression };
}

export interface SoftLabel {
  /** Shares, one per expression of the schema, sum 1. */
  shares: readonly number[];
  /** The expression with the largest share, where it is a single one. */
  expression: string | undefined;
}

/**
 * The distribution of the votes over the schema's expressions. Votes for other classes are left out and the rest made to
 * sum to 1; refused when more than half of the votes are left out.
 * @param votes one count per class of `VOTE_CLASSES`
 */
export function softLabel(votes: readonly number[], schema: LabelSchema): Verdict<SoftLabel> {
  const counts = schema.expressions.map((expression) => {
    const index = VOTE_CLASSES.findIndex((word) => expressionIn(schema, word) === expression);
    return votes[index] ?? 0;
  });
  const total = sum(votes);
  const inside = sum(counts);
  if (total === 0) return { refused: 'no votes' };
  if (2 * inside < total || inside === 0)
    return { refused: `most votes for classes that schema ${schema.name} lacks` };
  const most = Math.max(...counts);
  const single = counts.indexOf(most) === counts.lastIndexOf(most);
  return {
    value: {
      shares: counts.map((count) => count / inside),
      expression: single ? schema.expressions[counts.indexOf(most)] : undefined,
    },
  };
}
