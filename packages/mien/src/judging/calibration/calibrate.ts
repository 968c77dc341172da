// Calibration of a model's output: found on labels, and applied to logits, which stay logits.

import type { Tuning } from '../../models/index.js';
import type { ModelOutput } from '../estimates.js';
import type { Truth } from '../truth.js';
import { fitPlatt } from './platt.js';
import { fitTemperature } from './temperature.js';

export type Calibration = NonNullable<Tuning['calibration']>;

/** @returns what can be fitted to these labels; a task or unit without enough of them is left out, and stays as it is */
export function fitCalibration({ schema, length, ...output }: ModelOutput, truth: Truth): Calibration {
  const calibration: Calibration = {};
  if (output.EXPR && truth.expressionKnown.includes(1))
    calibration.EXPR = fitTemperature(output.EXPR, truth.expression, truth.expressionKnown);
  if (output.AU) {
    const units = schema.actionUnits.length;
    const logits = output.AU;
    const column = (values: ArrayLike<number>, unit: number) =>
      new Float32Array(length).map((_, i) => values[i * units + unit] as number);
    const fitted = schema.actionUnits.flatMap((name, unit) => {
      const [scores, labels, known] = [logits, truth.actionUnits, truth.actionUnitsKnown].map((values) =>
        column(values, unit),
      ) as [Float32Array, Float32Array, Float32Array];
      const platt = fitPlatt(scores, labels, known);
      return platt ? [[name, platt] as const] : [];
    });
    if (fitted.length > 0) calibration.AU = Object.fromEntries(fitted);
  }
  return calibration;
}

/** The same output with calibrated logits: of EXPR divided by the temperature, of AU slope · logit + intercept. */
export function applyCalibration(output: ModelOutput, calibration: Calibration | undefined): ModelOutput {
  const { EXPR: temperature, AU: byUnit } = calibration ?? {};
  const result = { ...output };
  if (output.EXPR && temperature !== undefined) result.EXPR = output.EXPR.map((logit) => logit / temperature);
  if (output.AU && byUnit) {
    const units = output.schema.actionUnits.map((name) => byUnit[name] ?? { slope: 1, intercept: 0 });
    result.AU = output.AU.map((logit, i) => {
      const { slope, intercept } = units[i % units.length] as (typeof units)[number];
      return slope * logit + intercept;
    });
  }
  return result;
}
