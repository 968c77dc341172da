import {
  ActionUnitMetric,
  ExpressionMetric,
  evaluate,
  type MemberEvaluation,
  rankingOf,
  risksOf,
  rocAuc,
  scoresOf,
  ValenceArousalMetric,
} from 'mien/judging';
import { describe, expect, it } from 'vitest';
import { drawEstimates, drawTruth, pickEstimates, pickTruth, SCHEMA } from './judged.js';

const truth = drawTruth(400, 20);
const one = drawEstimates(truth);
const fast = { bootstrap: { draws: 20 } };
const only = (...args: Parameters<typeof evaluate>) => evaluate(...args).members[0] as MemberEvaluation;

describe('an evaluation', () => {
  const { EXPR, AU, VA, mean, faces, ...member } = only([one], truth, fast);

  it('has the scores of the metrics', () => {
    const metrics = {
      EXPR: new ExpressionMetric(4),
      AU: new ActionUnitMetric(3),
      VA: new ValenceArousalMetric(),
    };
    metrics.EXPR.update(one.EXPR?.classes ?? [], truth.expression, truth.expressionKnown);
    metrics.AU.update(one.AU?.decisions ?? [], truth.actionUnits, truth.actionUnitsKnown);
    metrics.VA.update(one.VA?.values ?? [], truth.valenceArousal, truth.valenceArousalKnown);
    const expected = scoresOf(metrics, 'all');
    expect(mean.value).toBeCloseTo(expected.mean, 12);
    expect(member.editions.fg2020?.EXPR).toBeCloseTo(expected.EXPR?.score ?? 0, 12);
    expect(EXPR?.classes.map(({ f1 }) => f1)).toEqual(expected.EXPR?.f1PerClass);
    expect(AU?.units.map(({ f1 }) => f1)).toEqual(expected.AU?.f1PerUnit);
    expect(AU?.accuracy.value).toBe(expected.AU?.accuracy);
    expect(VA?.valence.ccc.value).toBeCloseTo(expected.VA?.cccValence ?? 0, 12);
    expect([EXPR?.samples, AU?.samples, VA?.samples]).toEqual(Object.values(expected.samples));
    expect(faces).toBeLessThanOrEqual(400);
  });

  it('has a confusion matrix whose rows are the true classes', () => {
    const counts = SCHEMA.expressions.map(() => SCHEMA.expressions.map(() => 0));
    truth.expression.forEach((fact, row) => {
      const guess = one.EXPR?.classes[row] as number;
      if (truth.expressionKnown[row])
        (counts[fact] as number[])[guess] = ((counts[fact] as number[])[guess] ?? 0) + 1;
    });
    expect(EXPR?.confusion).toEqual(counts);
    expect(EXPR?.classes.map(({ samples }) => samples)).toEqual(
      counts.map((row) => row.reduce((sum, count) => sum + count, 0)),
    );
  });

  it('has areas under curves of each unit, and their means', () => {
    const areas = SCHEMA.actionUnits.map((_, k) => {
      const column = (values: ArrayLike<number>) =>
        Array.from({ length: 400 }, (_, row) => values[row * 3 + k] as number);
      return rocAuc(
        rankingOf(
          column(one.AU?.probabilities ?? []),
          column(truth.actionUnits),
          column(truth.actionUnitsKnown),
        ),
      );
    });
    expect(AU?.units.map(({ auc }) => auc)).toEqual(areas);
    expect(AU?.auc?.value).toBeCloseTo(areas.reduce<number>((sum, area) => sum + (area ?? 0), 0) / 3, 12);
  });

  it('has points of F1 over the threshold, above which a unit counts as present', () => {
    const curve = AU?.units[1]?.thresholdCurve ?? [];
    expect(curve).toHaveLength(100);
    for (const { threshold, precision, recall, f1 } of [curve[0], curve[25], curve[50], curve[99]].map(
      (point) => point ?? expect.fail(),
    )) {
      const metric = new ActionUnitMetric(3);
      const decisions = (one.AU?.probabilities ?? new Float32Array()).map((p) => Number(p > threshold));
      metric.update(decisions, truth.actionUnits, truth.actionUnitsKnown);
      const { precisionPerUnit, recallPerUnit, f1PerUnit } = metric.compute();
      expect([precision, recall, f1]).toEqual([precisionPerUnit[1], recallPerUnit[1], f1PerUnit[1]]);
    }
  });

  it('names the worst mistakes, of different clips, the worst first', () => {
    for (const task of ['EXPR', 'AU', 'VA'] as const) {
      const mistakes = member.mistakes?.filter((mistake) => mistake.task === task) ?? [];
      expect(mistakes).toHaveLength(12);
      expect(new Set(mistakes.map(({ row }) => truth.clip.codes[row])).size).toBe(12);
      const badness = mistakes.map((mistake) => mistake.badness);
      expect(badness).toEqual([...badness].sort((a, b) => b - a));
    }
    const [{ row = 0, what = '', badness = 0 } = {}] = member.mistakes ?? [];
    const [fact, guess] = [truth.expression[row] as number, one.EXPR?.classes[row] as number];
    expect(what).toBe(
      `${SCHEMA.expressions[fact]} read as ${SCHEMA.expressions[guess]} (${badness.toFixed(2)})`,
    );
    const worst = Math.max(
      ...Array.from(truth.expression, (label, i) =>
        truth.expressionKnown[i] && one.EXPR?.classes[i] !== label
          ? (one.EXPR?.probabilities?.[i * 4 + (one.EXPR?.classes[i] ?? 0)] ?? 0)
          : 0,
      ),
    );
    expect(badness).toBe(worst);
    expect(only([one], truth, { ...fast, mistakes: 0 })).not.toHaveProperty('mistakes');
  });

  it('has pairs of truth and estimate for a scatter plot', () => {
    const known = truth.valenceArousalKnown.filter((_, i) => i % 2 === 0);
    const pairs = member.scatter?.valence ?? [];
    expect(pairs).toHaveLength(known.reduce((sum, flag) => sum + flag, 0));
    const found = pairs.find(([fact]) => fact === truth.valenceArousal[2 * known.indexOf(1)]);
    expect(found?.[1]).toBe(one.VA?.values[2 * known.indexOf(1)]);
    const many = drawTruth(5000, 10);
    expect(only([drawEstimates(many)], many, { bootstrap: false }).scatter?.valence.length).toBeLessThan(
      2000,
    );
  });

  it('has thresholds and cross-fitted scores where they are given', () => {
    const none = new Uint8Array(1200);
    const { AU: given } = only([one], truth, {
      ...fast,
      thresholds: new Map([['one', [0.2, 0.3, 0.4]]]),
      crossFitted: new Map([['one', none]]),
    });
    expect(given?.units.map(({ threshold }) => threshold)).toEqual([0.2, 0.3, 0.4]);
    expect(given?.f1CrossFitted).toEqual({ value: 0, low: 0, high: 0 });
    expect(given?.f1.value).toBe(AU?.f1.value);
    const same = only([one], truth, { crossFitted: new Map([['one', one.AU?.decisions ?? none]]) });
    expect(same.AU?.f1CrossFitted).toEqual(same.AU?.f1);
    expect(same.AU?.units.map(({ f1CrossFitted }) => f1CrossFitted)).toEqual(
      same.AU?.units.map(({ f1 }) => f1),
    );
  });

  it('is plain JSON', () => {
    const whole = evaluate([one], truth, fast);
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  });
});

describe('calibration error', () => {
  it('is 0 for a coin that is called a coin, and the overconfidence of one that is not', () => {
    const faces = drawTruth(1000, 10, 1, 1);
    for (const [i] of faces.actionUnits.entries()) faces.actionUnits[i] = i % 2;
    const said = drawEstimates(faces);
    const ofUnits = (probability: number) => {
      const AU = { decisions: new Uint8Array(3000), probabilities: new Float32Array(3000).fill(probability) };
      return only([{ ...said, AU }], faces, { bootstrap: false }).AU;
    };
    expect(ofUnits(0.5)?.calibrationError).toBe(0);
    expect(ofUnits(0.75)?.calibrationError).toBe(0.25);
    expect(ofUnits(0.75)?.reliability).toEqual([{ confidence: 0.75, share: 0.5, samples: 3000 }]);
    expect(ofUnits(1)?.calibrationError).toBe(0.5);
  });

  it('of expressions is of the probability of the class that was decided', () => {
    const faces = drawTruth(100, 10, 1, 1);
    const probabilities = new Float32Array(400).fill(0.25);
    const classes = faces.expression.map((fact, i) => (i % 4 === 0 ? fact : (fact + 1) % 4));
    const said = { ...drawEstimates(faces), EXPR: { classes, probabilities } };
    const { EXPR } = only([said], faces, { bootstrap: false });
    expect(EXPR?.calibrationError).toBe(0);
    expect(EXPR?.reliability).toEqual([{ confidence: 0.25, share: 0.25, samples: 100 }]);
  });
});

describe('parts', () => {
  const dataset = { codes: Int32Array.from({ length: 400 }, (_, i) => (i < 150 ? 0 : 1)), names: ['a', 'b'] };
  const cluster = {
    codes: truth.cluster.codes.map((code, i) => code + (i < 150 ? 0 : 20)),
    names: Array.from({ length: 40 }, (_, i) => `clip ${i}`),
  };
  const both = { ...truth, dataset, cluster };

  it('of several data sets are what each would be alone, with its intervals', () => {
    const { datasets } = only([one], both, fast);
    expect(Object.keys(datasets ?? {})).toEqual(['a', 'b']);
    const rows = Int32Array.from({ length: 250 }, (_, i) => 150 + i);
    const alone = only([pickEstimates(one, rows)], pickTruth(both, rows), fast);
    for (const { thresholdCurve, ...unit } of alone.AU?.units ?? [])
      expect(datasets?.b?.AU?.units).toContainEqual(unit);
    expect(datasets?.b?.EXPR).toEqual(alone.EXPR);
    expect(datasets?.b?.VA).toEqual(alone.VA);
    expect(datasets?.b?.mean).toEqual(alone.mean);
    expect(alone).not.toHaveProperty('datasets');
    expect(datasets?.a?.faces).toBeLessThanOrEqual(150);
  });

  it('of groups need not be of whole clusters', () => {
    const group = { codes: Int32Array.from({ length: 400 }, (_, i) => i % 3), names: ['', 'x', 'y'] };
    const { groups, faces } = only([one], { ...truth, group }, fast);
    expect(Object.keys(groups ?? {})).toEqual(['', 'x', 'y']);
    const sum = Object.values(groups ?? {}).reduce((all, part) => all + part.faces, 0);
    expect(sum).toBe(faces);
  });
});

describe('what is not there', () => {
  it('is left out: tasks without estimates or labels, and what needs probabilities', () => {
    const { classes = new Int32Array() } = one.EXPR ?? {};
    const { decisions = new Uint8Array() } = one.AU ?? {};
    const { EXPR, AU, VA, mistakes } = only(
      [{ name: 'file', schema: SCHEMA, length: 400, EXPR: { classes }, AU: { decisions } }],
      truth,
      fast,
    );
    expect(VA).toBeUndefined();
    for (const key of ['reliability', 'calibrationError', 'auc', 'averagePrecision'])
      for (const task of [EXPR, AU, AU?.units[0]]) expect(task).not.toHaveProperty(key);
    expect(mistakes?.[0]?.what).toMatch(/^\w+ read as \w+$/);
    const unlabelled = { ...truth, actionUnitsKnown: new Uint8Array(1200) };
    const without = only([one], unlabelled, fast);
    expect(without).not.toHaveProperty('AU');
    expect(Object.keys(without.editions.fg2020 ?? {})).toEqual(['EXPR', 'VA']);
  });

  it('is no reason to fail: nothing labelled at all, and no faces', () => {
    for (const nothing of [drawTruth(10, 2, 1, 0), drawTruth(0, 0)]) {
      const { members, ...about } = evaluate([drawEstimates(nothing)], nothing);
      expect(about).toMatchObject({ faces: 0, clusters: 0 });
      expect(members).toEqual([{ name: 'one', faces: 0, mean: { value: 0 }, editions: {}, mistakes: [] }]);
    }
  });

  it('averages the classes that occur on request', () => {
    const faces = drawTruth(60, 6);
    faces.expression.fill(0);
    const classes = new Int32Array(60);
    const said = { ...drawEstimates(faces), EXPR: { classes } };
    expect(only([said], faces, fast).EXPR?.f1.value).toBe(1 / 4);
    expect(only([said], faces, { ...fast, average: 'present' }).EXPR?.f1.value).toBe(1);
  });

  it('is an error where members and truth do not fit', () => {
    expect(() => evaluate([drawEstimates(drawTruth(3, 1))], truth)).toThrow(
      'one has 3 faces; expected the 400 of the truth',
    );
    expect(() => evaluate([one, one], truth)).toThrow('two members are called one');
    const schema = { ...SCHEMA, name: 'other', expressions: ['neutral'] };
    expect(() => evaluate([{ ...one, schema }], truth)).toThrow('one has schema other; expected small');
  });
});

it('risks are of the labelled faces, beside their uncertainty', () => {
  const uncertainty = Float32Array.from({ length: 400 }, (_, i) => i);
  const said = { ...one, disagreement: { EXPR: uncertainty, AU: uncertainty, VA: uncertainty } };
  const { what, risk, uncertainty: of } = risksOf(said, truth, 'AU') ?? expect.fail();
  expect(what).toBe('error rate');
  const first = of[5] as number;
  const entries = [0, 1, 2].map((k) => 3 * first + k).filter((i) => truth.actionUnitsKnown[i]);
  const wrong = entries.filter((i) => one.AU?.decisions[i] !== truth.actionUnits[i]);
  expect(risk[5]).toBe(wrong.length / entries.length);
  expect(risk).toHaveLength(of.length);
  expect(risksOf(said, truth, 'VA')?.what).toBe('mean absolute error');
  expect(risksOf(said, truth, 'EXPR')?.risk.length).toBe(
    truth.expressionKnown.reduce((sum, flag) => sum + flag, 0),
  );
  expect(risksOf(one, truth, 'EXPR')).toBeUndefined();
});
