// From a row's cells to a face with its labels.

import { DataError, show } from '../../files/index.js';
import { type FaceRow, type Occurrence, SPLITS, type Split } from '../face-row.js';
import { expressionIn, MAX_FRAME, splitOf, translated } from '../labelling.js';
import { missingTest, type ParsingRequest, rowCells } from './cells.js';

export interface ParsedRow {
  face: FaceRow;
  /** The expression's word, where the schema lacks it. */
  strangeExpression: string | undefined;
}

const someKnown = <T>(values: readonly T[]) =>
  values.some((value) => value !== undefined) ? values : undefined;

/**
 * @returns a function from a row's line and cells to its face; it throws DataError with line and column where a cell
 *   is malformed
 */
export function rowParser(request: ParsingRequest) {
  const { columns, options, schema } = request;
  const { dataset, threshold, frameFrom } = options;
  const isMissing = missingTest(options.missing);
  const [least, greatest] = options.affectRange;
  const frames = { min: frameFrom, max: MAX_FRAME, integer: true };

  return (row: number, cells: readonly (string | undefined)[]): ParsedRow => {
    const { text, number, occurrence, intensity, box, placeOf } = rowCells(request, isMissing, row, cells);

    const split = (): Split | undefined => {
      const word = text('split');
      if (word === undefined) return columns.split;
      const known = splitOf(translated(options.splits, word));
      if (known !== undefined) return known;
      throw new DataError(placeOf('split'), {
        found: show(word),
        expected: SPLITS.join(', '),
        hint: `Say what it means with --split-value ${show(word)}=train`,
      });
    };

    const affect = (field: 'valence' | 'arousal'): number | undefined => {
      const value = number(field, { min: least, max: greatest });
      if (value === undefined || (least === -1 && greatest === 1)) return value;
      return ((value - least) / (greatest - least)) * 2 - 1;
    };

    const frame = number('frame', frames);
    const word = text('expression');
    const expression =
      word === undefined ? undefined : expressionIn(schema, translated(options.classes, word));
    const intensities = columns.intensities.map(intensity);
    const units = columns.occurrences.map((index, k): Occurrence => {
      const known = occurrence(index);
      const strength = intensities[k];
      if (known !== undefined || threshold === undefined || strength === undefined) return known;
      return strength >= threshold ? 1 : 0;
    });
    return {
      strangeExpression: expression === undefined ? word : undefined,
      face: {
        dataset,
        image: text('image'),
        video: text('video'),
        split: split(),
        subject: text('subject'),
        clip: text('clip'),
        frame: frame === undefined ? undefined : frame - frameFrom,
        group: text('group'),
        box: box(),
        expression,
        valence: affect('valence'),
        arousal: affect('arousal'),
        actionUnits: someKnown(units),
        intensities: someKnown(intensities),
      },
    };
  };
}
