// mien data import table FILE: a user's own table.

import { basename, dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type FaceTableOptions, FIELDS, type Field, readFaceTable } from '../../../datasets/index.js';
import { TABLE_FORMATS, type TableFormat } from '../../../files/index.js';
import { type ActionUnit, isActionUnit } from '../../../labels/index.js';
import { collect, integer, pairs } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

type Fields = Partial<Record<Field, string>>;

interface Options extends CommonOptions, Fields {
  images?: string;
  dataset?: string;
  format?: TableFormat;
  delimiter?: string;
  box?: string[];
  au?: Record<ActionUnit, string>;
  occurrenceSuffix?: string;
  intensitySuffix?: string;
  threshold?: number;
  frameFrom: number;
  splitValue?: Record<string, string>;
  class?: Record<string, string>;
  missing?: string[];
  affectRange: [number, number];
  keepUnlabelled?: boolean;
}

const FIELD_HELP: Readonly<Record<Field, string>> = {
  image: 'path of the picture below --images',
  video: 'path of a video below --images, instead of a picture',
  frame: 'number of the frame in its clip or video',
  expression: "expression, in any data set's spelling",
  valence: 'valence',
  arousal: 'arousal',
  subject: 'the person',
  clip: 'the video or sequence that the picture belongs to',
  split: 'train, validation or test; also one of these words, for all rows',
  group: 'a group that scores are also reported for',
};

function delimiter(text: string): string {
  const character = text === '\\t' ? '\t' : text;
  if (character.length !== 1) throw new InvalidArgumentError('expected one character');
  return character;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}

function range(text: string): [number, number] {
  const [min, max, ...rest] = text.split(',').map(number);
  if (min === undefined || max === undefined || rest.length > 0 || min >= max)
    throw new InvalidArgumentError('expected MIN,MAX such as 1,9');
  return [min, max];
}

function box(text: string): string[] {
  const columns = text.split(',').map((name) => name.trim());
  if (columns.length !== 4) throw new InvalidArgumentError('expected X,Y,WIDTH,HEIGHT: four columns');
  return columns;
}

function actionUnit(text: string, before: Record<string, string> = {}): Record<string, string> {
  const after = pairs('AU1=COLUMN')(text, before);
  if (!Object.keys(after).every(isActionUnit)) throw new InvalidArgumentError('expected AU1=COLUMN');
  return after;
}

export function define(command: Command): void {
  commonOptions(command)
    .argument('<file>', '.csv, .tsv, .jsonl or .parquet')
    .option('--images <dir>', "where the pictures' paths start (default: the table's folder)")
    .option('--dataset <name>', "name of the data set (default: the file's name)")
    .addOption(
      new Option('--format <name>', "of the table (default: by the file's extension)").choices(TABLE_FORMATS),
    )
    .option(
      '--delimiter <character>',
      'what stands between the cells of a CSV (default: a comma)',
      delimiter,
    );
  for (const field of FIELDS) command.option(`--${field} <column>`, FIELD_HELP[field]);
  command
    .option('--box <columns>', 'X,Y,WIDTH,HEIGHT: four columns, pixels', box)
    .option('--au <unit=column>', 'occurrence of an action unit: 0, 1 or missing; repeatable', actionUnit)
    .option('--occurrence-suffix <text>', 'ending of the columns found by name, such as _c')
    .option('--intensity-suffix <text>', 'ending of columns of intensity (default: _i, _intensity)')
    .option('--threshold <number>', 'intensity from which on a unit without occurrence is present', number)
    .option('--frame-from <number>', "number of a clip's first frame in the table", integer(0), 0)
    .option(
      '--split-value <value=split>',
      'what a split is called in the table; repeatable',
      pairs('A=train'),
    )
    .option('--class <value=expression>', 'such as 0=neutral; repeatable', pairs('VALUE=EXPRESSION'))
    .option('--missing <value>', 'spelling of a missing value, beside the empty cell; repeatable', collect)
    .option('--affect-range <min,max>', 'scale of valence and arousal in the table', range, [-1, 1])
    .option('--keep-unlabelled', 'keep rows in which no label is known')
    .addHelpText(
      'after',
      '\nA field whose option is not given has the column of its own name, if there is one. Instead of a\n' +
        'column, a pattern may name several: --image "FER2013{split}/{image}".\n' +
        'Action units have the columns named after them: AU1, au01, "AU 1".',
    )
    .action(async (table: string, { out, schema, strict, ...options }: Options) => {
      const columns: Fields = {};
      for (const field of FIELDS) if (options[field] !== undefined) columns[field] = options[field];
      const dataset = options.dataset ?? basename(table).replace(/\..*$/s, '');
      const images = options.images ?? dirname(table);
      const common: CommonOptions = { out, schema, ...(strict === undefined ? {} : { strict }) };
      await runImport<FaceTableOptions>(common, 'rows', {
        command: 'import table',
        read: readFaceTable,
        options: {
          table,
          format: options.format,
          delimiter: options.delimiter,
          images,
          dataset,
          columns,
          box: options.box,
          actionUnits: options.au ?? {},
          occurrenceSuffix: options.occurrenceSuffix,
          intensitySuffix: options.intensitySuffix,
          threshold: options.threshold,
          frameFrom: options.frameFrom,
          splits: options.splitValue ?? {},
          classes: options.class ?? {},
          missing: options.missing ?? [],
          affectRange: options.affectRange,
          unlabelled: options.keepUnlabelled ?? false,
        },
        roots: { [dataset]: images },
      });
    });
}
