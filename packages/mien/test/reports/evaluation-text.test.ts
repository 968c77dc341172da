import fc from 'fast-check';
import type { Comparison, Evaluation, MemberEvaluation } from 'mien/judging';
import { ABAW3 } from 'mien/labels';
import { describeEvaluation } from 'mien/reports';
import { describe, expect, it } from 'vitest';
import { evaluationOf } from '../support/evaluations.js';

/** Tables of the text: blocks of lines between blank ones. */
const blocks = (text: string) => text.split('\n\n').map((block) => block.split('\n'));

/** Cells of a line: what two or more blanks part. */
const cells = (line: string) => line.trim().split(/ {2,}/);

/** The table whose head begins with these cells. */
function tableOf(text: string, ...head: string[]) {
  const found = blocks(text).find(([first = '']) => head.every((one, i) => cells(first)[i] === one));
  return found?.map(cells) ?? [];
}

const three = (value: number) => value.toFixed(3).replace('-', '−');
const short = (low: number, high: number) => `${three(low)}–${three(high)}`.replace(/\b0(?=\.)/g, '');
const memberOf = ({ members }: Evaluation, name: string) =>
  members.find((one) => one.name === name) as MemberEvaluation;

/** Where the words of a line end. */
const ends = (line: string) => [...line.matchAll(/\S+(?: \S+)*/g)].map((word) => word.index + word[0].length);

describe('an evaluation on the terminal', () => {
  const evaluation = evaluationOf();
  const text = describeEvaluation(evaluation);

  it('opens with what was judged', () => {
    expect(text.split('\n')[0]).toBe('600 faces of 57 subjects, label schema abaw1.');
    expect(describeEvaluation({ ...evaluation, clusteredBy: 'face' }).split('\n')[0]).toBe(
      '600 faces, label schema abaw1.',
    );
  });

  it('has a row for each member with its figures, and their intervals below', () => {
    const [head, ...rows] = tableOf(text, 'EXPR F1');
    expect(head).toEqual(['EXPR F1', 'acc.', 'AU F1', 'AU F1*', 'acc.', 'CCC V', 'CCC A', 'mean']);
    expect(rows).toHaveLength(10);
    for (const [i, { name, EXPR, AU, VA, mean }] of evaluation.members.entries()) {
      const figures = [
        EXPR?.f1,
        EXPR?.accuracy,
        AU?.f1,
        AU?.f1CrossFitted,
        AU?.accuracy,
        VA?.valence.ccc,
        VA?.arousal.ccc,
        mean,
      ];
      expect(rows[2 * i]).toEqual([name, ...figures.map((one) => (one ? three(one.value) : '-'))]);
      expect(rows[2 * i + 1]).toEqual(
        figures.flatMap((one) => (one ? [short(one.low ?? 0, one.high ?? 0)] : [])),
      );
    }
  });

  it('says what intervals draw again, or that there are none', () => {
    expect(text).toContain(
      'Intervals: 95 %, from 1,000 bootstrap draws of 57 subjects with replacement (seed 1).',
    );
    const without = describeEvaluation(evaluationOf({ faces: 60, intervals: false }));
    expect(without).toContain('No intervals: none were asked for.');
    expect(tableOf(without, 'EXPR F1')).toHaveLength(6);
  });

  it('says of action units and expressions what the evaluation does', () => {
    const { AU, EXPR } = memberOf(evaluation, 'ensemble');
    const [head, ...units] = tableOf(text, 'action unit');
    expect(head?.slice(1, 5)).toEqual(['F1', 'F1*', 'precision', 'recall']);
    expect(units).toEqual(
      AU?.units.map((one) => [
        one.name,
        ...[one.f1, one.f1CrossFitted, one.precision, one.recall, one.accuracy].map((value) =>
          three(value ?? 9),
        ),
        ...[one.auc, one.averagePrecision, one.threshold].map((value) => three(value ?? 9)),
        String(one.positives),
        `${((100 * one.positives) / one.samples).toFixed(1)} %`,
      ]),
    );
    const [, ...classes] = tableOf(text, 'expression', 'F1');
    expect(classes.map((row) => row.slice(0, 5))).toEqual(
      EXPR?.classes.map(({ name, f1, precision, recall, samples }) => [
        name,
        ...[f1, precision, recall].map(three),
        String(samples),
      ]),
    );
  });

  it('names what a class is most often mistaken for', () => {
    const one = structuredClone(evaluation);
    const { EXPR } = memberOf(one, 'ensemble');
    (EXPR as NonNullable<typeof EXPR>).confusion[1] = [1, 9, 0, 3, 0, 0, 2];
    (EXPR as NonNullable<typeof EXPR>).confusion[2] = [0, 0, 4, 0, 0, 0, 0];
    (EXPR as NonNullable<typeof EXPR>).classes[1] = {
      name: 'anger',
      samples: 15,
      precision: 1,
      recall: 0.6,
      f1: 0.75,
    };
    const last = tableOf(describeEvaluation(one), 'expression', 'F1').map((row) => row.at(-1));
    expect(last.slice(2, 4)).toEqual(['fear 20.0 %', '-']);
  });

  it('shows data sets and groups, also those who are in none', () => {
    const { datasets = {} } = memberOf(evaluation, 'ensemble');
    const rows = tableOf(text, 'data set', 'faces').filter(([name = '']) => name in datasets);
    expect(rows.map((row) => [row[0], row[1], row.at(-1)])).toEqual(
      Object.entries(datasets).map(([name, { faces, mean }]) => [name, String(faces), three(mean.value)]),
    );
    expect(tableOf(text, 'group', 'faces').map(([name]) => name)).toEqual(
      expect.arrayContaining(['(none)', 'women', 'men']),
    );
  });

  it('tells how much of what an order can gain disagreement gains', () => {
    const one = structuredClone(evaluation);
    const { riskCoverage } = memberOf(one, 'ensemble');
    Object.assign(riskCoverage?.EXPR ?? {}, { area: 0.15, areaRandom: 0.25, areaPerfect: 0.05 });
    Object.assign(riskCoverage?.AU ?? {}, { area: 0.2, areaRandom: 0.1, areaPerfect: 0.05 });
    Object.assign(riskCoverage?.VA ?? {}, { area: 0.1, areaRandom: 0.1, areaPerfect: 0.1 });
    expect(tableOf(describeEvaluation(one), 'least doubtful first').slice(1)).toEqual([
      ['expressions', 'error rate', '0.250', '0.150', '0.050', '50.0 %'],
      ['action units', 'error rate', '0.100', '0.200', '0.050', '−200.0 %'],
      ['valence and arousal', 'mean absolute error', '0.100', '0.100', '0.100', '-'],
    ]);
  });

  it('gives editions that say the same one row', () => {
    const one = structuredClone(evaluation);
    const member = memberOf(one, 'ensemble');
    member.editions = {
      fg2020: { EXPR: 0.5, AU: 0.7 },
      abaw3: { EXPR: 0.4, AU: 0.6, MTL: 1 },
      abaw5: { EXPR: 0.4, AU: 0.6, MTL: 1 },
    };
    expect(tableOf(describeEvaluation(one), 'edition')).toEqual([
      ['edition', 'EXPR', 'AU', 'MTL'],
      ['fg2020', '0.500', '0.700', '-'],
      ['abaw3, abaw5', '0.400', '0.600', '1.000'],
    ]);
  });

  it('leaves out tasks that nothing was judged of', () => {
    const words = describeEvaluation(evaluationOf({ faces: 60, tasks: ['VA'] }));
    expect(tableOf(words, 'CCC V')[0]).toEqual(['CCC V', 'CCC A', 'mean']);
    expect(words).not.toMatch(/EXPR|AU|action unit|expression|calibration/);
  });

  it('leaves out what only probabilities tell', () => {
    const words = describeEvaluation(evaluationOf({ faces: 60, probabilities: false }));
    expect(words).not.toMatch(/calibration|AUC|threshold|\*/);
  });

  it('shows nothing of a unit that nobody labelled', () => {
    const one = structuredClone(evaluation);
    const { AU } = memberOf(one, 'ensemble');
    Object.assign(AU?.units[3] ?? {}, { samples: 0, positives: 0, f1: 0, precision: 0, recall: 0 });
    expect(tableOf(describeEvaluation(one), 'action unit')[4]).toEqual([
      'AU6',
      ...Array(8).fill('-'),
      '0',
      '-',
    ]);
  });

  it('looks closely at the ensemble, else at the best, or at who is asked for', () => {
    expect(text).toContain('\nIn detail: ensemble\n');
    expect(describeEvaluation(evaluation, { member: 'student_1' })).toContain('\nIn detail: student_1\n');
    const single = evaluationOf({ faces: 60, members: ['a', 'b'] });
    const best = single.members.toSorted((a, b) => b.mean.value - a.mean.value)[0]?.name;
    expect(describeEvaluation(single)).toContain(`\nIn detail: ${best}\n`);
    expect(describeEvaluation(evaluationOf({ faces: 60, members: ['a'] }))).not.toContain('In detail');
  });

  it('writes nothing that is no figure', () => {
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
    const nobody = evaluationOf({ faces: 60 });
    for (const member of nobody.members) {
      for (const task of ['EXPR', 'AU', 'VA'] as const) delete member[task];
      Object.assign(member, { mean: { value: Number.NaN }, editions: {}, riskCoverage: {} });
      delete member.datasets;
      delete member.groups;
    }
    expect(describeEvaluation({ ...nobody, comparisons: [] })).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(describeEvaluation({ ...nobody, members: [], comparisons: [], faces: 0 })).toMatch(/^0 faces of/);
  });
});

describe('lines of the terminal', () => {
  it('are at most 110 columns wide and stand below each other, whatever members are called', () => {
    const evaluation = evaluationOf({ schema: ABAW3, faces: 60 });
    const names = fc.array(
      fc.string({ minLength: 1, maxLength: 70, size: 'max', unit: fc.constantFrom(...'abcdef_/.-') }),
      {
        minLength: 5,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(names, fc.double({ min: -0.99, max: 0.99, noNaN: true }), (all, value) => {
        const one = structuredClone(evaluation);
        one.members.forEach((member, i) => {
          member.name = all[i] as string;
          if (member.VA) member.VA.valence.ccc = { value, low: -1, high: value };
        });
        one.comparisons.forEach((comparison, i) => {
          comparison.first = all[4] as string;
          comparison.second = all[i] as string;
        });
        // Sentences may be as long as names are.
        const tables = blocks(describeEvaluation(one)).filter(([head = '']) =>
          /^(?: |difference)/.test(head),
        );
        const wrong = tables.flatMap(([head = '', ...lines]) => {
          const columns = ends(head);
          return lines.filter(
            (line) =>
              [...line].length > 110 ||
              ends(line)
                .slice(1 - columns.length)
                .some((end) => !columns.includes(end)),
          );
        });
        expect([tables.length, wrong]).toEqual([3, []]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the sentence about two members', () => {
  const evaluation = evaluationOf({ faces: 60 });
  const said = (value: number, low?: number, high?: number) => {
    const mean = {
      value,
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
      shareNotBetter: 0.1,
    };
    const comparison: Comparison = { first: 'ensemble', second: 'teacher', differences: { mean } };
    return describeEvaluation({ ...evaluation, comparisons: [comparison] });
  };

  it.each([
    [[0.046, 0.031, 0.06], 'ensemble beats teacher by 0.046 [0.031, 0.060] in the mean.'],
    [[-0.046, -0.06, -0.031], 'teacher beats ensemble by 0.046 [0.031, 0.060] in the mean.'],
    [
      [0.004, -0.006, 0.013],
      'ensemble is ahead of teacher by 0.004 in the mean, which may be chance [−0.006, +0.013].',
    ],
    [
      [-0.004, -0.013, 0],
      'ensemble is behind teacher by 0.004 in the mean, which may be chance [−0.013, +0.000].',
    ],
    [[0, 0, 0], 'ensemble and teacher have the same mean.'],
    [[0.02], 'ensemble is ahead of teacher by 0.020 in the mean; without an interval.'],
  ] as const)('of the difference %j is: %s', ([value, low, high], sentence) => {
    expect(said(value, low, high).split('\n')).toContain(sentence);
  });

  it('stands above the differences of all figures', () => {
    const text = describeEvaluation(evaluation);
    const [head, values, intervals] = tableOf(text, 'difference');
    expect(head).toEqual(['difference', 'mean', 'EXPR F1', 'AU F1', 'VA CCC']);
    const { differences: all } = evaluation.comparisons[0] as Comparison;
    const differences = ['mean', 'EXPR.f1', 'AU.f1', 'VA.ccc'].map((key) => all[key]);
    const plus = (value = 0) => `${value < 0 ? '' : '+'}${three(value)}`;
    expect(values).toEqual(['ensemble − teacher', ...differences.map((one) => plus(one?.value))]);
    expect(intervals).toEqual(differences.map((one) => `[${plus(one?.low)}, ${plus(one?.high)}]`));
  });
});
