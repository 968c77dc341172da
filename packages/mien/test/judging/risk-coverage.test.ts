import fc from 'fast-check';
import { riskCoverage } from 'mien/judging';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';

const faces = fc.array(fc.record({ risk: fc.nat(3), uncertainty: fc.integer({ min: -4, max: 4 }) }), {
  minLength: 1,
  maxLength: 30,
});
type Faces = { risk: number; uncertainty: number }[];

const ofFaces = (all: Faces, points?: number) =>
  riskCoverage(
    Float64Array.from(all, ({ risk }) => risk),
    Float32Array.from(all, ({ uncertainty }) => uncertainty / 4),
    points,
  );

const meanOf = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const areaOf = (risks: number[]) => meanOf(risks.map((_, k) => meanOf(risks.slice(0, k + 1))));

describe('the area under the risk-coverage curve', () => {
  it('is the mean risk of the first k faces over all k, where no two are equally uncertain', () => {
    const distinct = fc.uniqueArray(fc.record({ risk: fc.nat(3), uncertainty: fc.integer() }), {
      selector: ({ uncertainty }) => Math.fround(uncertainty / 4),
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(distinct, (all) => {
        const ordered = all.toSorted((a, b) => a.uncertainty - b.uncertainty);
        expect(ofFaces(all).area).toBeCloseTo(areaOf(ordered.map(({ risk }) => risk)), 10);
      }),
    );
  });

  it('is that of a perfect order where the uncertainty is the risk, which none is below', () => {
    fc.assert(
      fc.property(faces, (all) => {
        const perfect = ofFaces(all.map(({ risk }) => ({ risk, uncertainty: risk })));
        expect(perfect.area).toBeCloseTo(perfect.areaPerfect, 10);
        expect(ofFaces(all).area).toBeGreaterThanOrEqual(perfect.areaPerfect - 1e-10);
        expect(perfect.areaPerfect).toBeCloseTo(areaOf(all.map(({ risk }) => risk).sort()), 10);
      }),
    );
  });

  it('is that of a random order, the mean risk, where all are equally uncertain', () => {
    fc.assert(
      fc.property(faces, (all) => {
        const { area, areaRandom } = ofFaces(all.map(({ risk }) => ({ risk, uncertainty: 1 })));
        expect(areaRandom).toBeCloseTo(meanOf(all.map(({ risk }) => risk)), 12);
        expect(area).toBeCloseTo(areaRandom, 10);
      }),
    );
  });

  it('does not depend on the order of faces, ties or not', () => {
    fc.assert(
      fc.property(faces, fc.integer(), (all, seed) => {
        const found = ofFaces(Random.seeded(seed).shuffle([...all]));
        const expected = ofFaces(all);
        expect(found.area).toBeCloseTo(expected.area, 10);
        found.curve.forEach(({ risk }, i) => {
          expect(risk).toBeCloseTo(expected.curve[i]?.risk as number, 10);
        });
      }),
    );
  });
});

describe('the curve', () => {
  it('ends at all faces with their mean risk, in at most as many points as asked for', () => {
    const all = Array.from({ length: 250 }, (_, i) => ({ risk: i % 2, uncertainty: i }));
    const { curve, areaRandom } = ofFaces(all);
    expect(curve).toHaveLength(100);
    expect(curve.at(-1)).toEqual({ coverage: 1, risk: areaRandom });
    expect(ofFaces(all.slice(0, 3), 10).curve.map(({ coverage }) => coverage)).toEqual([1 / 3, 2 / 3, 1]);
    expect(ofFaces(all, 2).curve).toEqual([
      { coverage: 0.5, risk: 62 / 125 },
      { coverage: 1, risk: 0.5 },
    ]);
  });

  it('is empty without faces; lengths must agree', () => {
    expect(ofFaces([])).toEqual({ curve: [], area: 0, areaRandom: 0, areaPerfect: 0 });
    expect(() => riskCoverage(new Float64Array(2), new Float32Array(3))).toThrow(RangeError);
  });

  it('takes part of a larger array, as views are', () => {
    const all = Float32Array.of(9, 2, 1, 0, 9);
    const found = riskCoverage(Float64Array.of(1, 0, 0), all.subarray(1, 4));
    expect(found.curve.map(({ risk }) => risk)).toEqual([0, 0, 1 / 3]);
  });
});
