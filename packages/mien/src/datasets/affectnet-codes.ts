// AffectNet's codes (Mollahosseini et al. 2017), in both of its published forms.

import { type DataErrorPlace, parseNumber } from '../files/index.js';
import type { FaceRow } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';
import { expressionIn } from './labelling.js';

/** Codes 0, 1, …; 8 stands for another expression or none, 9 for raters who could not tell. */
const CODES = [
  'neutral',
  'happiness',
  'sadness',
  'surprise',
  'fear',
  'disgust',
  'anger',
  'contempt',
  'none of the eight',
  'uncertain',
  'no face',
];
const EXPRESSIONS = 8;
const NO_FACE = 10;

/** Valence and arousal where none was rated. */
const NOT_RATED = -2;

/** Points of its landmarks. */
const LANDMARKS = 68;

export interface AffectNetLabels {
  expression: number | undefined;
  valence: number | undefined;
  arousal: number | undefined;
}

/** @throws DataError at `place` for a code outside 0 … 10 */
export const parseExpressionCode = (
  text: string,
  place: DataErrorPlace & { row?: number; column?: string },
) => parseNumber(text, place, { min: 0, max: NO_FACE, integer: true });

/** @throws DataError at `place` for what is neither −1 … 1 nor −2 */
export function parseAffect(
  text: string,
  place: { file: string; row?: number; column?: string },
): number | undefined {
  return Number(text) === NOT_RATED && text.trim() !== ''
    ? undefined
    : parseNumber(text, place, { min: -1, max: 1 });
}

/** 68 points as 136 numbers. */
export const LANDMARK_NUMBERS = 2 * LANDMARKS;

/** The face's labels in the schema, or undefined when there is none and the face is to be dropped (it is counted). */
export function affectNetLabels(
  { expression: code, valence, arousal }: AffectNetLabels,
  place: { file: string; row?: number },
  context: ReadContext,
): Pick<FaceRow, 'expression' | 'valence' | 'arousal'> | undefined {
  const { schema, tally } = context;
  const word = code === undefined ? undefined : CODES[code];
  const at = place.row === undefined ? place.file : `${place.file}:${place.row}`;
  if (code === NO_FACE) {
    tally.drop('no face', at);
    return undefined;
  }
  const rated = code !== undefined && code < EXPRESSIONS && word !== undefined;
  const expression = rated ? expressionIn(schema, word) : undefined;
  const hasAffect = valence !== undefined || arousal !== undefined;
  if (expression === undefined && !hasAffect) {
    if (rated) dropOrThrow(context, `expression ${word}`, place, `one of ${schema.expressions.join(', ')}`);
    else tally.drop(`expression ${word ?? 'unknown'}, valence and arousal not rated`, at);
    return undefined;
  }
  if (rated && expression === undefined)
    tally.note(`expression ${word}, which schema ${schema.name} lacks: valence and arousal kept`, at);
  return { expression, valence, arousal };
}
