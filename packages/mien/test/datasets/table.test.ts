import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FaceTableOptions, readFaceTable } from 'mien/datasets';
import { NumberColumn, readTable, TextColumn, writeParquet } from 'mien/files';
import { ABAW1, ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { SHARED } from '../support/golden.js';
import { importRows } from '../support/importing.js';
import { tableOptions } from '../support/table-options.js';
import { unpackFile } from '../support/tar.js';

/** Imports a table beside empty pictures 1.jpg … 9.jpg. */
function imported(text: string, more: Partial<FaceTableOptions> = {}, name = 't.csv', schema = ABAW1) {
  const pictures = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i + 1}.jpg`, '']));
  const root = folderWith({ [name]: text, ...pictures });
  return importRows(readFaceTable, tableOptions(join(root, name), more), { schema });
}

const UNITS = {
  none: [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined],
};

describe('import table', () => {
  it('finds columns by their names, and says which it did not use', async () => {
    const { rows, noted } = await imported(
      [
        'image,expression,valence,arousal,subject,clip,frame,split,group,AU1,au02,AU 4,AU12_i,yaw',
        '1.jpg,Happy,0.5,-0.25,ann,c1,3,Train,adult,1,0,1.0,0.75,12',
        '2.jpg,,,,,,,,,,,1,,',
      ].join('\n'),
    );
    expect(rows).toEqual([
      {
        dataset: 'mine',
        image: '1.jpg',
        expression: 'happiness',
        valence: 0.5,
        arousal: -0.25,
        subject: 'ann',
        clip: 'c1',
        frame: 3,
        split: 'train',
        group: 'adult',
        actionUnits: [1, 0, 1, undefined, undefined, undefined, undefined, undefined],
        intensities: [...UNITS.none.slice(0, 4), 0.75, ...UNITS.none.slice(0, 3)],
      },
      { dataset: 'mine', image: '2.jpg', actionUnits: [undefined, undefined, 1, ...UNITS.none.slice(3)] },
    ]);
    expect(noted).toEqual({ 'columns that were not used': 1 });
  });

  it('takes columns by option, pieces of several, and one split for all rows', async () => {
    const { rows } = await imported('n;id;who;emotion;smile\n1;a;7;3;true\n', {
      delimiter: ';',
      columns: { image: '{n}.jpg', subject: 'p{who}', expression: 'emotion', split: 'validation' },
      actionUnits: { AU12: 'smile' },
      classes: { '3': 'fear' },
    });
    expect(rows).toEqual([
      {
        dataset: 'mine',
        image: '1.jpg',
        subject: 'p7',
        split: 'validation',
        expression: 'fear',
        actionUnits: [undefined, undefined, undefined, undefined, 1, undefined, undefined, undefined],
      },
    ]);
  });

  it('makes presence of intensity where only that is known', async () => {
    const { rows } = await imported('image,AU1,AU1_r,AU02_r,AU4_r\n1.jpg,0,0.9,0.5,0.49\n2.jpg,,0.9,,\n', {
      intensitySuffix: '_r',
      threshold: 0.5,
    });
    expect(rows.map(({ actionUnits }) => actionUnits?.slice(0, 3))).toEqual([
      [0, 1, 0],
      [1, undefined, undefined],
    ]);
    expect(rows[0]?.intensities?.slice(0, 3)).toEqual([0.9, 0.5, 0.49]);
  });

  it("reads OpenFace's columns by their endings", async () => {
    const { rows } = await imported('image,AU01_r,AU01_c\n1.jpg,1.25,1.0\n', {
      occurrenceSuffix: '_c',
      intensitySuffix: '_r',
    });
    expect([rows[0]?.actionUnits?.[0], rows[0]?.intensities?.[0]]).toEqual([1, 1.25]);
  });

  it('takes other spellings of a missing value, and of the same number', async () => {
    const { rows, dropped } = await imported(
      'image,valence,arousal,expression\n1.jpg,-5.0,NA,sad\n2.jpg,-5,-5,NA\n3.jpg,0.5,0.5,fear\n',
      { missing: ['-5', 'NA'] },
    );
    expect(rows).toEqual([
      { dataset: 'mine', image: '1.jpg', expression: 'sadness' },
      { dataset: 'mine', image: '3.jpg', expression: 'fear', valence: 0.5, arousal: 0.5 },
    ]);
    expect(dropped).toEqual({ 'no label': 1 });
  });

  it('counts frames from any number, and maps other scales of valence and arousal', async () => {
    const { rows } = await imported('image,frame,valence,arousal\n1.jpg,1,1,9\n2.jpg,2,5,3\n', {
      frameFrom: 1,
      affectRange: [1, 9],
    });
    expect(rows.map(({ frame, valence, arousal }) => [frame, valence, arousal])).toEqual([
      [0, -1, 1],
      [1, 0, -0.5],
    ]);
  });

  it('keeps other labels of a face whose expression the schema lacks', async () => {
    const { rows, dropped, noted } = await imported(
      'image,expression,AU1\n1.jpg,contempt,1\n2.jpg,contempt,\n',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).not.toHaveProperty('expression');
    expect(dropped).toEqual({ 'expression contempt': 1 });
    expect(noted).toEqual({ 'expression contempt not in the schema, other labels kept': 1 });
  });

  it('keeps several faces of a picture with their boxes, and drops one listed twice', async () => {
    const { rows, dropped } = await imported(
      'image,x,y,w,h,expression\n1.jpg,0,0,5,5,sad\n1.jpg,6,0,5,5,happy\n1.jpg,0,0,5,5,fear\n',
      { box: ['x', 'y', 'w', 'h'] },
    );
    expect(rows.map(({ box }) => box?.x)).toEqual([0, 6]);
    expect(dropped).toEqual({ 'a face listed before': 1 });
  });

  it('takes frames of videos', async () => {
    const { rows } = await imported('video,frame,AU1\n1.jpg,0,1\n1.jpg,1,0\n');
    expect(rows.map(({ video, frame }) => [video, frame])).toEqual([
      ['1.jpg', 0],
      ['1.jpg', 1],
    ]);
  });

  it('makes absolute paths relative, and drops pictures outside the folder or not there', async () => {
    const root = folderWith({ 'set/1.jpg': '', '2.jpg': '' });
    const images = join(root, 'set');
    writeFileSync(
      join(root, 't.csv'),
      ['image,expression', `${images}/1.jpg,sad`, '../2.jpg,sad', 'x/3.jpg,sad', ',sad'].join('\n'),
    );
    const { rows, dropped } = await importRows(readFaceTable, tableOptions(join(root, 't.csv'), { images }));
    expect(rows.map(({ image }) => image)).toEqual(['1.jpg']);
    expect(dropped).toEqual({
      'a path outside the folder of pictures': 1,
      'no such file': 1,
      'no name of a picture': 1,
    });
  });

  it('keeps faces without labels when asked', async () => {
    const { rows } = await imported('image,expression\n1.jpg,\n2.jpg,contempt\n', { unlabelled: true });
    expect(rows).toEqual([
      { dataset: 'mine', image: '1.jpg' },
      { dataset: 'mine', image: '2.jpg' },
    ]);
  });

  it('reads the same faces from CSV, TSV, JSON Lines and Parquet', async () => {
    const csv = await imported(
      'image,expression,valence,arousal,AU7\n1.jpg,sad,0.1,0.2,1\n2.jpg,,0.3,-1,\n',
      {},
      't.csv',
      ABAW3,
    );
    const tsv = await imported(
      'image\texpression\tvalence\tarousal\tAU7\n1.jpg\tsad\t0.1\t0.2\t1\n2.jpg\t\t0.3\t-1\t\n',
      {},
      't.tsv',
      ABAW3,
    );
    const json = await imported(
      '{"image":"1.jpg","expression":"sad","valence":0.1,"arousal":0.2,"AU7":true}\n{"image":"2.jpg","valence":0.3,"arousal":-1,"AU7":null}\n',
      {},
      't.jsonl',
      ABAW3,
    );
    const root = folderWith({ '1.jpg': '', '2.jpg': '' });
    const column = (kind: 'float64' | 'int32', values: (number | undefined)[]) => {
      const numbers = new NumberColumn(kind);
      for (const value of values) numbers.push(value);
      return numbers;
    };
    const texts = (values: (string | undefined)[]) => {
      const made = new TextColumn();
      for (const value of values) made.push(value);
      return made;
    };
    const file = join(root, 't.parquet');
    const columns = [
      { name: 'image', type: 'STRING' as const, column: texts(['1.jpg', '2.jpg']) },
      { name: 'expression', type: 'STRING' as const, column: texts(['sad', undefined]) },
      { name: 'valence', type: 'DOUBLE' as const, column: column('float64', [0.1, 0.3]) },
      { name: 'arousal', type: 'DOUBLE' as const, column: column('float64', [0.2, -1]) },
      { name: 'AU7', type: 'INT32' as const, column: column('int32', [1, undefined]) },
    ];
    writeParquet(file, columns, 2, {});
    const parquet = await importRows(readFaceTable, tableOptions(file), { schema: ABAW3 });
    for (const other of [tsv, json, parquet]) expect(other.rows).toEqual(csv.rows);
    expect(csv.rows).toHaveLength(2);
  });
});

/** A folder with the empty pictures that `names` gives. */
function emptyPictures(names: readonly string[]): string {
  const root = folderWith({});
  for (const folder of new Set(names.map(dirname))) mkdirSync(join(root, folder), { recursive: true });
  for (const name of names) writeFileSync(join(root, name), '');
  return root;
}

/** Cells of a column of a table. */
async function column(file: string, name: string): Promise<string[]> {
  const table = await readTable(file);
  const index = table.columns.indexOf(name);
  const cells: string[] = [];
  for await (const rows of table) for (const row of rows) cells.push(row.cells[index] ?? '');
  return cells;
}

/** Pictures of each table that are put in place: all of them would take long. */
const FEW = 200;

describe.skipIf(!SHARED)('the shared data sets (skipped where they are not at hand)', () => {
  const data = join(SHARED ?? '', 'data');

  it('muxspace: action units as its readme counts them', async () => {
    const table = join(data, 'muxspace.au.csv');
    const images = emptyPictures(await column(table, 'image'));
    const { rows, kept, dropped } = await importRows(readFaceTable, tableOptions(table, { images }));
    expect(dropped).toEqual({ 'no label': 667 });
    expect(kept).toBe(10_603 - 667);
    const count = (k: number, value: 0 | 1) =>
      rows.filter(({ actionUnits }) => actionUnits?.[k] === value).length;
    // AU1, 2, 4, 6, 12, 15, 20, 25
    expect(ABAW1.actionUnits.map((_, k) => count(k, 1))).toEqual([1099, 828, 1649, 0, 2985, 206, 379, 5172]);
    expect(ABAW1.actionUnits.map((_, k) => count(k, 0))).toEqual([
      7296, 7455, 7025, 0, 5641, 9269, 7685, 3796,
    ]);
  });

  it('muxspace: expressions', async () => {
    const table = unpackFile(join(data, 'muxspace.tar'), 'muxspace/legend.csv');
    const images = emptyPictures((await column(table, 'image')).slice(0, FEW));
    const { kept, dropped } = await importRows(
      readFaceTable,
      tableOptions(table, { images, columns: { expression: 'emotion' } }),
    );
    expect(dropped).toEqual({ 'expression contempt': 7, 'no such file': 10_603 - 7 - FEW });
    expect(kept).toBe(FEW);
  });

  it.each([
    ['ferplus-expr.csv', 20_544, { image: 'fer0000001.png', expression: 'neutral' }],
    ['ferplus-va.csv', 8_525, { image: 'fer0000004.png', valence: -0.062, arousal: -0.027 }],
  ])('FER+: %s', async (name, total, first) => {
    const table = join(data, name);
    const names = (await column(table, 'image')).slice(0, FEW);
    const images = emptyPictures(names.map((image) => `FER2013Train/${image}`));
    const columns = { image: 'FER2013{split}/{image}' };
    const { rows, dropped } = await importRows(readFaceTable, tableOptions(table, { images, columns }));
    expect(rows).toHaveLength(FEW);
    expect(dropped).toEqual({ 'no such file': total - FEW });
    expect(rows[0]).toEqual({
      dataset: 'mine',
      split: 'train',
      ...first,
      image: `FER2013Train/${first.image}`,
    });
  });

  it('ict-faces: stills and clips', async () => {
    const stills = join(data, 'ict-faces/train.labels.csv');
    const clips = join(data, 'ict-faces/clips.labels.csv');
    const columns = { subject: 'identity' };
    const ofStills = await importRows(
      readFaceTable,
      tableOptions(stills, { images: emptyPictures((await column(stills, 'image')).slice(0, FEW)), columns }),
    );
    expect(ofStills.rows).toHaveLength(FEW);
    expect(ofStills.rows[0]).toMatchObject({
      image: 'images/00001.jpg',
      subject: 't096',
      expression: 'anger',
      valence: -0.503,
      arousal: 0.444,
      actionUnits: [0, 0, 1, 0, 0, 0, 0, 0],
      intensities: [0, 0, 0.8, 0.1, 0, 0, 0, 0],
    });
    const ofClips = await importRows(
      readFaceTable,
      tableOptions(clips, {
        images: emptyPictures((await column(clips, 'image')).slice(0, FEW)),
        columns,
        frameFrom: 1,
      }),
    );
    expect(ofClips.rows[63]).toMatchObject({ clip: 'clip_0001', frame: 63 });
    expect(ofClips.rows[64]).toMatchObject({ clip: 'clip_0002', frame: 0 });
  });
});
