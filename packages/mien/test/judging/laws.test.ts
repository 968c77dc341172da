import fc from 'fast-check';
import { ActionUnitMetric, ExpressionMetric, ValenceArousalMetric } from 'mien/judging';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** scikit-learn's definition, by way of precision and recall, each 0 where it is not defined. */
function f1ByPrecisionAndRecall(predicted: readonly boolean[], truth: readonly boolean[]): number {
  const tp = predicted.filter((guess, i) => guess && truth[i]).length;
  const found = predicted.filter(Boolean).length;
  const there = truth.filter(Boolean).length;
  const precision = found === 0 ? 0 : tp / found;
  const recall = there === 0 ? 0 : tp / there;
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

describe("F1 is scikit-learn's, also where it is hardly defined", () => {
  it('of expressions, averaged over the labels that occur, or over all', () => {
    const rows = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, (pairs) => {
        const metric = new ExpressionMetric(5);
        metric.update(
          pairs.map(([guess]) => guess),
          pairs.map(([, fact]) => fact),
        );
        const f1 = [0, 1, 2, 3, 4].map((k) =>
          f1ByPrecisionAndRecall(
            pairs.map(([guess]) => guess === k),
            pairs.map(([, fact]) => fact === k),
          ),
        );
        const present = f1.filter((_, k) => pairs.flat().includes(k));
        expect(metric.compute('present').f1).toBeCloseTo(mean(present), 12);
        expect(metric.compute('all').f1).toBeCloseTo(mean(f1), 12);
      }),
    );
  });

  it('of action units, of which some are never present, never found or never labelled', () => {
    const entry = fc.record({ guess: fc.boolean(), fact: fc.boolean(), known: fc.boolean() });
    const rows = fc.array(fc.tuple(entry, entry, entry), { maxLength: 8 });
    fc.assert(
      fc.property(rows, (all) => {
        const metric = new ActionUnitMetric(3);
        const flat = all.flat();
        metric.update(
          flat.map(({ guess }) => Number(guess)),
          flat.map(({ fact }) => Number(fact)),
          flat.map(({ known }) => Number(known)),
        );
        const units = [0, 1, 2].map((k) =>
          all.map((row) => row[k] as (typeof flat)[number]).filter(({ known }) => known),
        );
        const f1 = units.map((unit) =>
          f1ByPrecisionAndRecall(
            unit.map(({ guess }) => guess),
            unit.map(({ fact }) => fact),
          ),
        );
        const result = metric.compute();
        result.f1PerUnit.forEach((one, k) => {
          expect(one).toBeCloseTo(f1[k] as number, 12);
        });
        const labelled = f1.filter((_, k) => (units[k] as unknown[]).length > 0);
        expect(result.f1).toBeCloseTo(labelled.length === 0 ? 0 : mean(labelled), 12);
        const right = units.flat().filter(({ guess, fact }) => guess === fact).length;
        expect(result.accuracy).toBeCloseTo(units.flat().length === 0 ? 0 : right / units.flat().length, 12);
      }),
    );
  });
});

const value = fc.double({ min: -1, max: 1, noNaN: true });

describe('valence and arousal', () => {
  it('agree with themselves: CCC(x, x) = 1, and no error', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2 }), (xs) => {
        fc.pre(new Set(xs).size > 1);
        const pairs = xs.flatMap((x) => [x / 100, 1 - x / 100]);
        const metric = new ValenceArousalMetric();
        metric.update(pairs, pairs);
        const { valence, arousal, ccc } = metric.compute();
        for (const one of [valence, arousal]) {
          expect(one).toMatchObject({ ccc: 1, rmse: 0, signAgreement: 1 });
          expect(one.pearson).toBeCloseTo(1, 12);
        }
        expect(ccc).toBe(1);
      }),
    );
  });

  it('have CCC, correlation and error by the plain formulas', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 30 }), (pairs) => {
        const metric = new ValenceArousalMetric();
        metric.update(
          pairs.flatMap(([x]) => [x, x]),
          pairs.flatMap(([, y]) => [y, y]),
        );
        const { valence, arousal } = metric.compute();
        expect(arousal).toEqual(valence);
        const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        const [mx, my] = [mean(xs), mean(ys)];
        const vx = mean(xs.map((x) => (x - mx) ** 2));
        const vy = mean(ys.map((y) => (y - my) ** 2));
        fc.pre(vx > 1e-6 && vy > 1e-6);
        const cov = mean(pairs.map(([x, y]) => (x - mx) * (y - my)));
        expect(valence.ccc).toBeCloseTo((2 * cov) / (vx + vy + (mx - my) ** 2), 10);
        expect(valence.pearson).toBeCloseTo(cov / Math.sqrt(vx * vy), 8);
        expect(valence.rmse).toBeCloseTo(Math.sqrt(mean(pairs.map(([x, y]) => (x - y) ** 2))), 7);
        const agreeing = pairs.filter(([x, y]) => Math.sign(x) === Math.sign(y)).length;
        expect(valence.signAgreement).toBe(agreeing / pairs.length);
      }),
    );
  });
});

/** No two of these are so close that rounding tells. */
const grade = fc.integer({ min: -50, max: 50 }).map((x) => x / 50);

it('no metric depends on the order of rows', () => {
  const row = fc.record({
    classes: fc.tuple(fc.nat(4), fc.nat(4)),
    units: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
    va: fc.tuple(grade, grade, grade, grade),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.integer(), (rows, seed) => {
      const results = [rows, Random.seeded(seed).shuffle([...rows])].map((all) => {
        const [EXPR, AU, VA] = [new ExpressionMetric(5), new ActionUnitMetric(2), new ValenceArousalMetric()];
        EXPR.update(
          all.map(({ classes }) => classes[0]),
          all.map(({ classes }) => classes[1]),
        );
        AU.update(
          all.flatMap(({ units }) => units.slice(0, 2)),
          all.flatMap(({ units }) => units.slice(2)),
        );
        VA.update(
          all.flatMap(({ va }) => va.slice(0, 2)),
          all.flatMap(({ va }) => va.slice(2)),
        );
        return { EXPR: EXPR.compute(), AU: AU.compute(), VA: VA.compute() };
      });
      const [one, other] = results as [(typeof results)[0], (typeof results)[0]];
      expect(other.EXPR).toEqual(one.EXPR);
      expect(other.AU).toEqual(one.AU);
      expect(other.VA.valence.signAgreement).toBe(one.VA.valence.signAgreement);
      expect(other.VA.valence.rmse).toBeCloseTo(one.VA.valence.rmse, 7);
      expect(other.VA.ccc).toBeCloseTo(one.VA.ccc, 9);
    }),
  );
});
