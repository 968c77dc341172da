// What a drawn face is labelled with: exact functions of the intensities that it was drawn from.

import { DRAWN_UNITS, type DrawnUnit, type Intensities } from '../../drawing/index.js';
import type { LabelSchema } from '../../labels/index.js';
import type { Occurrence } from '../face-row.js';

/** A unit counts as present from this intensity on: about FACS level B, a slight but sure trace. */
export const PRESENT = 0.3;

/** Below this a face is at rest. */
export const RESTING = 0.15;

/** 1 where the unit's intensity is at least `PRESENT`, else 0; undefined for a unit that is not drawn. */
export function occurrencesOf(units: Intensities, schema: LabelSchema): Occurrence[] {
  return intensitiesIn(units, schema).map((value) =>
    value === undefined ? undefined : value >= PRESENT ? 1 : 0,
  );
}

/** Intensities in the schema's order; undefined for a unit that is not drawn. */
export const intensitiesIn = (units: Intensities, schema: LabelSchema): (number | undefined)[] =>
  schema.actionUnits.map((unit) => (units as Readonly<Record<string, number>>)[unit]);

/** `all` are present, of each list in `any` at least one, and `none` is present. */
interface Rule {
  all: readonly DrawnUnit[];
  any?: readonly (readonly DrawnUnit[])[];
  none: readonly DrawnUnit[];
}

/** Basic expressions by their action units, after EMFACS (Friesen and Ekman 1983). No two rules can hold at once. */
export const EXPRESSION_RULES: Readonly<Record<string, Rule>> = {
  happiness: { all: ['AU6', 'AU12'], none: ['AU4', 'AU9', 'AU15', 'AU20'] },
  sadness: { all: ['AU1', 'AU4', 'AU15'], none: ['AU2', 'AU5', 'AU9', 'AU12', 'AU20'] },
  surprise: { all: ['AU1', 'AU2', 'AU5', 'AU25', 'AU26'], none: ['AU4', 'AU9', 'AU12', 'AU15', 'AU20'] },
  fear: { all: ['AU1', 'AU2', 'AU4', 'AU5', 'AU20', 'AU25'], none: ['AU9', 'AU12', 'AU15'] },
  anger: { all: ['AU4', 'AU5', 'AU7'], any: [['AU23', 'AU24']], none: ['AU1', 'AU2', 'AU9', 'AU12'] },
  disgust: { all: ['AU9'], any: [['AU10', 'AU15']], none: ['AU1', 'AU2', 'AU12', 'AU20'] },
};

/** Units that a resting face may show: lids that droop or blink. */
const LIDS: readonly DrawnUnit[] = ['AU43', 'AU45'];

/** The expression that the units make; `neutral` where all but the lids are at rest; undefined for any other face. */
export function expressionOf(units: Intensities): string | undefined {
  const present = (unit: DrawnUnit) => units[unit] >= PRESENT;
  for (const [name, { all, any = [], none }] of Object.entries(EXPRESSION_RULES))
    if (all.every(present) && any.every((list) => list.some(present)) && !none.some(present)) return name;
  return DRAWN_UNITS.every((unit) => LIDS.includes(unit) || units[unit] < RESTING) ? 'neutral' : undefined;
}

/** What a unit at its strongest adds to [valence, arousal] before these are bounded. */
export const AFFECT_WEIGHTS: Readonly<
  Partial<Record<DrawnUnit, readonly [valence: number, arousal: number]>>
> = {
  AU1: [-0.15, 0.15],
  AU2: [0.1, 0.25],
  AU4: [-0.5, 0.15],
  AU5: [0, 0.6],
  AU6: [0.3, 0.15],
  AU7: [-0.1, 0.4],
  AU9: [-0.7, 0.35],
  AU10: [-0.4, 0.15],
  AU12: [1, 0.2],
  AU15: [-0.8, -0.6],
  AU17: [-0.2, -0.15],
  AU20: [-0.5, 0.35],
  AU23: [-0.3, 0.3],
  AU24: [-0.3, 0.2],
  AU25: [0.05, 0.3],
  AU26: [0.05, 0.35],
  AU43: [0, -1.3],
};

/** What fully flushed cheeks add to arousal. */
const FLUSH_AROUSAL = 0.6;

/**
 * valence = tanh(Σ vᵢ·aᵢ) and arousal = tanh(Σ wᵢ·aᵢ + 0.6·flush) over the intensities aᵢ, with `AFFECT_WEIGHTS`.
 * Both are 0 for a face that does nothing, and in (−1, 1).
 */
export function affectOf(units: Intensities, flush = 0): { valence: number; arousal: number } {
  let [valence, arousal] = [0, FLUSH_AROUSAL * flush];
  for (const unit of DRAWN_UNITS) {
    const [v, a] = AFFECT_WEIGHTS[unit] ?? [0, 0];
    valence += v * units[unit];
    arousal += a * units[unit];
  }
  return { valence: Math.tanh(valence), arousal: Math.tanh(arousal) };
}
