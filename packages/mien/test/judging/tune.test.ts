import {
  ActionUnitMetric,
  chooseSmoothing,
  type DecideOptions,
  decide,
  evaluate,
  foldsOf,
  type ModelOutput,
  scoresOf,
  type Truth,
  tune,
} from 'mien/judging';
import { TUNING } from 'mien/models';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { SMALL, truthWith } from './support.js';

/**
 * Clips of 40 frames whose labels last for ten frames each, and a model that sees them through noise, is surer than it
 * should be, by a temperature of 2 / 1.5, and is too shy about both action units.
 */
function drawn(seed: number, clips = 12): { output: ModelOutput; truth: Truth } {
  const random = Random.seeded(seed);
  const n = 40 * clips;
  const [expression, actionUnits, valenceArousal] = [[] as number[], [] as number[], [] as number[]];
  const output: ModelOutput = {
    name: `seen ${seed}`,
    schema: SMALL,
    length: n,
    EXPR: new Float32Array(3 * n),
    AU: new Float32Array(2 * n),
    VA: new Float32Array(2 * n),
  };
  for (let i = 0; i < n; i++) {
    const fresh = i % 10 === 0;
    expression.push(fresh ? random.integer(3) : (expression.at(-1) as number));
    for (const unit of [0, 1]) {
      const last = actionUnits.at(-2) as number;
      const label = fresh ? (random.chance(0.3) ? 1 : 0) : last;
      actionUnits.push(label);
      (output.AU as Float32Array)[2 * i + unit] = 2 * (2 * label - 3 + 1.5 * random.normal());
      valenceArousal.push(label - 0.3);
      (output.VA as Float32Array)[2 * i + unit] = label - 0.3 + 0.8 * random.normal();
    }
    for (let k = 0; k < 3; k++)
      (output.EXPR as Float32Array)[3 * i + k] = 2 * ((expression[i] === k ? 1.5 : 0) + random.normal());
  }
  const clip = Array.from({ length: n }, (_, i) => Math.floor(i / 40));
  const frame = Array.from({ length: n }, (_, i) => i % 40);
  return { output, truth: truthWith(n, { expression, actionUnits, valenceArousal, clip, frame }) };
}

describe('tuning', () => {
  const { output, truth } = drawn(1);

  it('gives the scores before, cross-fitted after, and those on what it was chosen on', () => {
    const tuned = tune([output], truth, { thresholds: 'max-f1' });
    const plain = decide([output]);
    const metric = new ActionUnitMetric(2);
    metric.update(plain.AU?.decisions as Uint8Array, truth.actionUnits, truth.actionUnitsKnown);
    expect(tuned.before.AU).toEqual(scoresOf({ AU: metric }).AU);
    const crossFitted = new ActionUnitMetric(2);
    crossFitted.update(tuned.crossFittedDecisions as Uint8Array, truth.actionUnits, truth.actionUnitsKnown);
    expect(tuned.after.AU).toEqual(scoresOf({ AU: crossFitted }).AU);
    const chosen = decide([output], { tuning: tuned.tuning, truth });
    const fitted = new ActionUnitMetric(2);
    fitted.update(chosen.AU?.decisions as Uint8Array, truth.actionUnits, truth.actionUnitsKnown);
    expect(tuned.fitted.AU).toEqual(scoresOf({ AU: fitted }).AU);

    const f1 = [tuned.before, tuned.after, tuned.fitted].map((scores) => scores.AU?.f1 as number);
    expect(f1[1]).toBeGreaterThan((f1[0] as number) + 0.1);
    expect(f1[2]).toBeGreaterThanOrEqual(f1[1] as number);
    // Thresholds change nothing else.
    expect(tuned.after.EXPR).toEqual(tuned.before.EXPR);
    expect(tuned.after.VA).toEqual(tuned.before.VA);
  });

  it('smooths what gains by it, calibrates, and finds thresholds for what both leave', () => {
    const tuned = tune([output], truth, { calibrate: true, smooth: true });
    expect(TUNING.parse(tuned.tuning)).toEqual(tuned.tuning);
    expect(Object.keys(tuned.tuning.smoothing ?? {}).sort()).toEqual(['AU', 'EXPR', 'VA']);
    expect(tuned.tuning.calibration?.EXPR).toBeGreaterThan(1.15);
    expect(tuned.tuning.calibration?.EXPR).toBeLessThan(1.5);
    expect(tuned.tuning.calibration?.AU?.AU1?.intercept).toBeGreaterThan(0.5);
    expect(tuned.tuning.tunedOn).toBe('480 faces of drawn; thresholds: max-f1');
    for (const task of ['EXPR', 'AU', 'VA'] as const)
      expect(tuned.after[task]?.score).toBeGreaterThan((tuned.before[task]?.score as number) + 0.05);
  });

  it('says how far probabilities are off, before and after, as an evaluation does', () => {
    const { before, after, fitted, tuning } = tune([output], truth, { calibrate: true });
    const errorsOf = (options: DecideOptions) => {
      const [member] = evaluate([decide([output], options)], truth, { bootstrap: false }).members;
      return { EXPR: member?.EXPR?.calibrationError, AU: member?.AU?.calibrationError };
    };
    expect(before.calibrationError).toEqual(errorsOf({}));
    expect(fitted.calibrationError).toEqual(errorsOf({ tuning }));
    for (const task of ['EXPR', 'AU'] as const) {
      expect(after.calibrationError[task]).toBeLessThan(before.calibrationError[task] as number);
      expect(after.calibrationError[task]).not.toBe(fitted.calibrationError[task]);
    }
  });

  it("never scores a fold by its own labels: flipping them leaves the fold's decisions as they were", () => {
    const options = { calibrate: true, smooth: [{ kind: 'box', frames: 5 }], folds: 3 } as const;
    const before = tune([output], truth, options).crossFittedDecisions;
    const { fold } = foldsOf(truth, options);
    const flipped = truth.actionUnits.map((label, i) => (fold[i >> 1] === 0 ? 1 - label : label));
    const after = tune([output], { ...truth, actionUnits: flipped }, options).crossFittedDecisions;
    let others = 0;
    before?.forEach((decision, i) => {
      if (fold[i >> 1] === 0) expect(after?.[i]).toBe(decision);
      else if (after?.[i] !== decision) others++;
    });
    expect(others).toBeGreaterThan(0);
  });

  it('is the same with the same seed', () => {
    const options = { calibrate: true, smooth: true, seed: 4, folds: 3 };
    expect(tune([output], truth, options)).toEqual(tune([output], truth, options));
  });

  it('does not smooth single pictures, nor what has no labels', () => {
    const stills = truthWith(480, { expression: truth.expression });
    const tuned = tune([output], stills, { calibrate: true, smooth: true });
    expect(tuned.tuning.smoothing).toBeUndefined();
    expect(tuned.tuning.calibration?.AU).toBeUndefined();
    expect(tuned.tuning.thresholds).toEqual({ AU1: 0.5, AU12: 0.5 });
    expect(tuned.after.AU).toBeUndefined();
  });

  it('of several models is of them together', () => {
    const second: ModelOutput = {
      ...drawn(1).output,
      name: 'other',
      AU: (output.AU as Float32Array).map((x) => x - 1),
    };
    const { tuning, after } = tune([output, second], truth);
    expect(tuning.tunedOn).toContain('for seen 1, other together');
    expect(after.AU?.f1).toBeGreaterThan(0.5);
    const voted = tune([output, second, second], truth, { how: 'votes', calibrate: true });
    expect(voted.tuning.calibration).toBeUndefined();
    expect(voted.after.AU?.f1).toBeGreaterThan(0);
  });

  it("by the reference's rule takes the thresholds of the last model alone", () => {
    const second: ModelOutput = { ...output, AU: (output.AU as Float32Array).map((x) => x - 1) };
    const rule = { thresholds: 'break-even-reference' } as const;
    const together = tune([output, second], truth, rule).tuning.thresholds;
    expect(together).toEqual(tune([second], truth, rule).tuning.thresholds);
    expect(together).not.toEqual(tune([output], truth, rule).tuning.thresholds);
  });

  it('keeps no thresholds that are fixed at 0.5, and others that are given', () => {
    expect(tune([output], truth, { thresholds: 'fixed' }).tuning).toEqual({
      tunedOn: '480 faces of drawn; thresholds: fixed',
    });
    expect(tune([output], truth, { thresholds: { fixed: 0.2 } }).tuning.thresholds).toEqual({
      AU1: 0.2,
      AU12: 0.2,
    });
  });

  it('refuses labels of other faces', () => {
    expect(() => tune([output], truthWith(3))).toThrow('480 faces were read, and 3 have labels');
  });
});

describe('what smoothing is worth', () => {
  it('is shown by cross-fitted scores without and with it', () => {
    const { output, truth } = drawn(2);
    const found = chooseSmoothing([output], truth);
    expect(found.without).toEqual(tune([output], truth).after);
    expect(found.with).toEqual(tune([output], truth, { smooth: true }).after);
    expect(found.with.AU?.f1).toBeGreaterThan(found.without.AU?.f1 as number);
    expect(Object.keys(found.smoothing).length).toBeGreaterThan(0);
  });

  it('is nothing where there is only noise to gain from', () => {
    const { output, truth } = drawn(3);
    const candidates = [{ kind: 'box', frames: 1 }] as const;
    expect(chooseSmoothing([output], truth, { smooth: candidates }).smoothing).toEqual({});
  });
});
