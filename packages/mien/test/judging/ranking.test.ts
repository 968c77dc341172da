import fc from 'fast-check';
import { averagePrecision, precisionRecallCurve, rankingOf, rocAuc } from 'mien/judging';
import { describe, expect, it } from 'vitest';

/** Few scores, so that many are equal. */
const entries = fc.array(fc.record({ score: fc.nat(9).map((x) => x / 8), fact: fc.nat(1) }), {
  maxLength: 25,
});
type Entries = { score: number; fact: number }[];

const scores = (all: Entries) => all.map(({ score }) => score);
const facts = (all: Entries) => all.map(({ fact }) => fact);
const ranked = (all: Entries) => rankingOf(scores(all), facts(all));

describe('ranking', () => {
  it('has the area under the ROC curve that counting all pairs gives, ties by half', () => {
    fc.assert(
      fc.property(entries, (all) => {
        let [won, pairs] = [0, 0];
        for (const one of all)
          for (const other of all) {
            if (one.fact !== 1 || other.fact !== 0) continue;
            pairs++;
            won += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
          }
        const auc = rocAuc(ranked(all));
        if (pairs === 0) expect(auc).toBeUndefined();
        else expect(auc).toBeCloseTo(won / pairs, 12);
      }),
    );
  });

  it("has scikit-learn's curve: precision and recall of every score as threshold, then 1 and 0", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const { thresholds, precision, recall } = precisionRecallCurve(ranked(all));
        expect([...thresholds]).toEqual([...new Set(scores(all))].sort((a, b) => a - b));
        const there = all.filter(({ fact }) => fact === 1).length;
        const points = [...thresholds].map((threshold) => {
          const taken = all.filter(({ score }) => score >= threshold);
          const hits = taken.filter(({ fact }) => fact === 1).length;
          return [hits / taken.length, there === 0 ? 1 : hits / there];
        });
        expect([...precision]).toEqual([...points.map(([one]) => one), 1]);
        expect([...recall]).toEqual([...points.map(([, one]) => one), 0]);
      }),
    );
  });

  it("has scikit-learn's average precision: the step function under that curve", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const ranking = ranked(all);
        const { precision, recall } = precisionRecallCurve(ranking);
        let area = 0;
        for (let i = 0; i + 1 < recall.length; i++)
          area += ((recall[i] as number) - (recall[i + 1] as number)) * (precision[i] as number);
        if (ranking.positives === 0) expect(averagePrecision(ranking)).toBeUndefined();
        else expect(averagePrecision(ranking)).toBeCloseTo(area, 12);
      }),
    );
    // The example of scikit-learn's documentation.
    const example = rankingOf([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
    expect(averagePrecision(example)).toBeCloseTo(0.8333333333333333, 15);
    expect(rocAuc(example)).toBe(0.75);
  });

  it('leaves out what is not known, is the same in single precision, and refuses what is no number', () => {
    const known = rankingOf([0.5, Number.NaN, 0.25], [1, 1, 0], [1, 0, 1]);
    expect(known).toEqual(rankingOf([0.5, 0.25], [1, 0]));
    expect(rankingOf(Float32Array.of(0.5, 0.25, 0.5), [1, 0, 0])).toEqual(
      rankingOf([0.5, 0.25, 0.5], [1, 0, 0]),
    );
    expect(() => rankingOf([0.5, Number.NaN], [1, 1])).toThrow('the score of entry 1 is not a number');
    expect(() => rankingOf([0.5], [1, 1])).toThrow(RangeError);
  });
});
