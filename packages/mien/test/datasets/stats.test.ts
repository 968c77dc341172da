import fc from 'fast-check';
import {
  binOf,
  commonSchema,
  countFaces,
  countLabels,
  dataEdges,
  type FaceRow,
  FaceTable,
  fixedEdges,
  rowsOf,
  samplesOf,
  TRAINING,
} from 'mien/datasets';
import { ABAW1, ABAW3, TASKS, tasksOf } from 'mien/labels';
import { describe, expect, it } from 'vitest';

function tableOf(rows: Omit<FaceRow, 'dataset' | 'image'>[], dataset = 'a', schema = ABAW1): FaceTable {
  const faces = new FaceTable(schema);
  rows.forEach((row, i) => void faces.push({ dataset, image: `${i}.jpg`, ...row }));
  return faces;
}

/** Eight action units: the first ones as given, the others missing. */
const units = (...first: (0 | 1 | undefined)[]): FaceRow['actionUnits'] =>
  ABAW1.actionUnits.map((_, k) => first[k]);

const labelsOf = (tables: FaceTable[]) =>
  countLabels(
    { EXPR: samplesOf(tables, 'EXPR'), AU: samplesOf(tables, 'AU'), VA: samplesOf(tables, 'VA') },
    ABAW1,
  );

describe('counting faces', () => {
  it('tells data sets, splits, subjects, clips and overlapping labels apart', () => {
    const first = tableOf([
      { split: 'train', subject: 's1', clip: 'c1', expression: 'anger', actionUnits: units(1) },
      { split: 'train', subject: 's1', clip: 'c2', expression: 'fear' },
      { split: 'validation', subject: 's2', valence: 0, arousal: 0, expression: 'fear' },
      { split: 'validation', subject: 's2', valence: 0 },
    ]);
    const second = tableOf([{ subject: 's1', valence: 0, arousal: 1 }, {}], 'b');
    expect(countFaces([first, second])).toEqual({
      faces: 6,
      subjects: 3,
      clips: 2,
      parts: [
        { dataset: 'a', split: 'train', faces: 2, subjects: 1, clips: 2 },
        { dataset: 'a', split: 'validation', faces: 2, subjects: 1, clips: 0 },
        { dataset: 'b', split: null, faces: 2, subjects: 1, clips: 0 },
      ],
      tasks: {
        EXPR: { faces: 3, subjects: 2, clips: 2 },
        AU: { faces: 1, subjects: 1, clips: 1 },
        VA: { faces: 2, subjects: 2, clips: 0 },
      },
      combinations: [
        { tasks: [], faces: 2 },
        { tasks: ['EXPR'], faces: 1 },
        { tasks: ['EXPR', 'AU'], faces: 1 },
        { tasks: ['VA'], faces: 1 },
        { tasks: ['EXPR', 'VA'], faces: 1 },
      ],
      votes: undefined,
    });
  });

  it('counts a subject of one data set once, in however many manifests', () => {
    const tables = [tableOf([{ subject: 's1' }]), tableOf([{ subject: 's1' }, { subject: 's2' }])];
    expect(countFaces(tables)).toMatchObject({ faces: 3, subjects: 2 });
  });

  it('averages the votes of the faces that have them', () => {
    const votes = (anger: number) => [1 - anger, anger, 0, 0, 0, 0, 0];
    const { votes: counted } = countFaces([tableOf([{ votes: votes(1) }, { votes: votes(0.5) }, {}])]);
    expect(counted?.faces).toBe(2);
    expect(counted?.shares).toMatchObject({ neutral: 0.25, anger: 0.75, fear: 0 });
  });

  it('refuses manifests of different schemas, and names both', () => {
    const manifests = [
      { file: 'one.parquet', faces: tableOf([]) },
      { file: 'two.parquet', faces: tableOf([], 'a', ABAW3) },
    ];
    expect(() => commonSchema(manifests)).toThrow(
      'two.parquet: found label schema "abaw3"; expected "abaw1", the schema of one.parquet',
    );
  });
});

describe('counting labels', () => {
  it('counts absent and missing action units apart, and their imbalance', () => {
    const { AU } = labelsOf([tableOf([{ actionUnits: units(1, 0) }, { actionUnits: units(1, 1, 0) }])]);
    expect(AU?.units.slice(0, 4)).toEqual([
      { name: 'AU1', present: 2, absent: 0, missing: 0, imbalance: 1, byDataset: { a: 2 } },
      { name: 'AU2', present: 1, absent: 1, missing: 0, imbalance: 2, byDataset: { a: 1 } },
      { name: 'AU4', present: 0, absent: 1, missing: 1, imbalance: null, byDataset: {} },
      { name: 'AU6', present: 0, absent: 0, missing: 2, imbalance: null, byDataset: {} },
    ]);
    expect(AU?.meanImbalance).toBe(1.5);
  });

  it('counts expressions by data set, valence and arousal by cell', () => {
    const counts = labelsOf([
      tableOf([{ expression: 'fear' }, { expression: 'anger' }]),
      tableOf([{ expression: 'fear' }, { valence: -1, arousal: 1 }, { valence: 1, arousal: 0.3 }], 'b'),
    ]);
    expect(counts.EXPR?.classes.filter(({ faces }) => faces > 0)).toEqual([
      { name: 'anger', faces: 1, byDataset: { a: 1 } },
      { name: 'fear', faces: 2, byDataset: { a: 1, b: 1 } },
    ]);
    expect(counts.VA?.cells[0]?.[19]).toBe(1);
    expect(counts.VA?.cells[19]?.[13]).toBe(1); // 0.3 is the lower edge of its cell
    expect(counts.VA?.valence).toEqual({ mean: 0, sd: 1, min: -1, max: 1 });
    expect(counts.AU).toBeUndefined();
  });

  it('takes training faces and faces without a split unless told otherwise', () => {
    const faces = tableOf([
      { split: 'validation', expression: 'fear' },
      { expression: 'fear' },
      { split: 'train', expression: 'fear' },
      { split: 'train', valence: 0 },
    ]);
    expect([...rowsOf(faces, 'EXPR')]).toEqual([1, 2]);
    expect([...rowsOf(faces, 'EXPR', ['validation', 'test'])]).toEqual([0]);
    expect([...rowsOf(tableOf([{ expression: 'fear' }]), 'EXPR', ['test'])]).toEqual([]);
  });

  it('agrees with tasksOf on which task a face serves', () => {
    const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
    const rows = fc.array(
      fc.record({
        expression: optional(fc.constantFrom(...ABAW1.expressions)),
        valence: optional(fc.constant(0.5)),
        arousal: optional(fc.constant(-0.5)),
        actionUnits: optional(
          fc.array(optional(fc.constantFrom(0 as const, 1 as const)), { minLength: 8, maxLength: 8 }),
        ),
      }),
    );
    fc.assert(
      fc.property(rows, (list) => {
        const faces = tableOf(list);
        for (const task of TASKS)
          expect([...rowsOf(faces, task, TRAINING)]).toEqual(
            list.flatMap((row, i) => (tasksOf(row, ABAW1).includes(task) ? [i] : [])),
          );
      }),
    );
  });

  it('numbers the rows of several tables one after the other', () => {
    const tables = [tableOf([{}, { expression: 'fear' }]), tableOf([{ expression: 'anger' }], 'b')];
    const { rows, classes, dataset, datasets } = samplesOf(tables, 'EXPR');
    expect([...rows]).toEqual([1, 2]);
    expect([...classes].map((code) => ABAW1.expressions[code])).toEqual(['fear', 'anger']);
    expect([...dataset].map((code) => datasets[code])).toEqual(['a', 'b']);
  });
});

describe('the valence-arousal grid', () => {
  it('puts a value into the bin of the last edge at or below it', () => {
    // Steps between the least positive doubles are not equal: no grid can be laid over such values.
    const value = fc
      .double({ min: -3, max: 3, noNaN: true })
      .map((one) => (Math.abs(one) < 1e-300 ? 0 : one));
    const values = fc.array(value, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, (list) => {
        for (const edges of [fixedEdges(), dataEdges(Float64Array.from(list))])
          for (const value of [...list, ...edges]) {
            const below = edges.filter((edge) => edge <= value).length;
            expect(binOf(edges, value)).toBe(Math.min(19, Math.max(0, below - 1)));
          }
      }),
    );
  });

  it('has edges that are the decimals themselves', () => {
    expect([...fixedEdges()].slice(10, 14)).toEqual([0, 0.1, 0.2, 0.3]);
  });

  it('has room for values that are all the same, as in NumPy', () => {
    const edges = dataEdges(Float64Array.of(0.2, 0.2));
    expect(edges[0]).toBeCloseTo(-0.3);
    expect(edges[20]).toBeCloseTo(0.7);
  });
});
