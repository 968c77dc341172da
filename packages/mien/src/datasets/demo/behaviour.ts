// What the faces of the demo set do: drawn at random as basic expressions, as free combinations of action units, or
// as moods. Labels are not chosen here; they follow from the intensities (`labels.ts`).

import { DRAWN_UNITS, type DrawnUnit, type Intensities, intensitiesOf } from '../../drawing/index.js';
import type { Random } from '../../random/index.js';
import { PRESENT, RESTING } from './labels.js';

/** What a face does, as far as labels depend on it. */
export interface Behaviour {
  units: Intensities;
  /** 0 … 1. */
  flush: number;
}

interface Prototype {
  /** Relative intensities; always there. */
  core: Partial<Intensities>;
  /** [unit, relative intensity, probability] */
  extras: readonly (readonly [DrawnUnit, number, number])[];
  /** One of these is there as well. */
  oneOf?: readonly Partial<Intensities>[];
  /** Probability that the cheeks flush, and that the lids droop. */
  flush: number;
  droop: number;
}

/** Each keeps to its rule in `EXPRESSION_RULES`. */
const PROTOTYPES: Readonly<Record<string, Prototype>> = {
  happiness: {
    core: { AU6: 0.85, AU12: 1 },
    extras: [
      ['AU25', 0.9, 0.6],
      ['AU26', 0.6, 0.25],
      ['AU2', 0.5, 0.1],
      ['AU1', 0.5, 0.1],
      ['AU7', 0.4, 0.2],
    ],
    flush: 0.3,
    droop: 0.12,
  },
  sadness: {
    core: { AU1: 0.95, AU4: 0.8, AU15: 1 },
    extras: [
      ['AU17', 0.8, 0.6],
      ['AU7', 0.4, 0.15],
      ['AU25', 0.5, 0.12],
    ],
    flush: 0.08,
    droop: 0.5,
  },
  surprise: {
    core: { AU1: 0.95, AU2: 1, AU5: 0.9, AU25: 1, AU26: 0.9 },
    extras: [],
    flush: 0.2,
    droop: 0,
  },
  fear: {
    core: { AU1: 1, AU2: 0.75, AU4: 0.8, AU5: 1, AU20: 0.95, AU25: 0.8 },
    extras: [
      ['AU26', 0.5, 0.35],
      ['AU7', 0.4, 0.2],
    ],
    flush: 0.05,
    droop: 0,
  },
  anger: {
    core: { AU4: 1, AU5: 0.75, AU7: 0.85 },
    oneOf: [{ AU23: 1 }, { AU24: 1 }, { AU23: 0.8, AU24: 0.8 }],
    extras: [
      ['AU17', 0.6, 0.3],
      ['AU10', 0.5, 0.15],
    ],
    flush: 0.5,
    droop: 0,
  },
  disgust: {
    core: { AU9: 1 },
    oneOf: [{ AU10: 1 }, { AU15: 0.9, AU17: 0.8 }, { AU10: 0.9, AU15: 0.8 }],
    extras: [
      ['AU4', 0.7, 0.5],
      ['AU7', 0.5, 0.4],
      ['AU25', 0.6, 0.25],
      ['AU6', 0.5, 0.2],
    ],
    flush: 0.1,
    droop: 0.1,
  },
};

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Faint movements of every unit, as resting faces have them. */
function atRest(random: Random): Record<DrawnUnit, number> {
  const units = intensitiesOf() as Record<DrawnUnit, number>;
  for (const unit of DRAWN_UNITS)
    if (unit !== 'AU43' && unit !== 'AU45' && random.chance(0.25))
      units[unit] = random.between(0, RESTING * 0.9);
  return units;
}

/** A jaw that drops behind closed lips is not seen, and so it must not count: no more AU26 than AU25. */
export function onlyWhatIsSeen(units: Record<DrawnUnit, number>): Intensities {
  return { ...units, AU26: Math.min(units.AU26, units.AU25) };
}

/** A face at rest: `neutral`, now and then with drooping lids or warm cheeks. */
export function restingFace(random: Random): Behaviour {
  const units = atRest(random);
  if (random.chance(0.3)) units.AU43 = random.between(0.1, 0.6);
  return { units: onlyWhatIsSeen(units), flush: random.chance(0.2) ? random.between(0.1, 0.7) : 0 };
}

/** A basic expression, weak to strong: its name follows from what it shows. @param name not `neutral` */
export function expressiveFace(random: Random, name: string): Behaviour {
  const { core, extras, oneOf = [], flush, droop } = PROTOTYPES[name] as Prototype;
  const strength = random.between(0.42, 1);
  const units = atRest(random);
  const also = oneOf.length === 0 ? {} : (oneOf[random.integer(oneOf.length)] as Partial<Intensities>);
  const set = (unit: DrawnUnit, share: number, least: number) => {
    units[unit] = clamp(strength * share * random.between(0.85, 1.15), least, 1);
  };
  for (const [unit, share] of Object.entries({ ...core, ...also }) as [DrawnUnit, number][])
    set(unit, share, PRESENT + 0.04);
  for (const [unit, share, probability] of extras) if (random.chance(probability)) set(unit, share, 0);
  if (random.chance(droop)) units.AU43 = random.between(0.15, 0.55);
  return {
    units: onlyWhatIsSeen(units),
    flush: random.chance(flush) ? strength * random.between(0.3, 1) : 0,
  };
}

/** How often a unit is chosen for a free combination: as uneven as in spontaneous behaviour. */
const UNIT_WEIGHTS: readonly (readonly [DrawnUnit, number])[] = [
  ['AU25', 10],
  ['AU4', 8],
  ['AU12', 7],
  ['AU1', 6],
  ['AU6', 5],
  ['AU2', 4],
  ['AU7', 3],
  ['AU15', 3],
  ['AU26', 2.5],
  ['AU17', 2],
  ['AU5', 2],
  ['AU10', 1.6],
  ['AU20', 2.4],
  ['AU9', 1],
  ['AU23', 1],
  ['AU24', 1],
];

/** Units of which a face shows only one at a time: their muscles pull against each other. */
const EXCLUSIVE: readonly (readonly [DrawnUnit, DrawnUnit])[] = [
  ['AU12', 'AU15'],
  ['AU12', 'AU20'],
  ['AU15', 'AU20'],
  ['AU12', 'AU23'],
  ['AU12', 'AU24'],
  ['AU24', 'AU25'],
  ['AU23', 'AU20'],
  ['AU17', 'AU26'],
  ['AU24', 'AU26'],
  ['AU5', 'AU43'],
  ['AU9', 'AU2'],
];

function excluded(unit: DrawnUnit, units: Intensities): boolean {
  return EXCLUSIVE.some(([a, b]) => (a === unit && units[b] > RESTING) || (b === unit && units[a] > RESTING));
}

/** One to four units, freely combined. */
export function combinedFace(random: Random): Behaviour {
  const units = atRest(random);
  const total = UNIT_WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  for (let left = 1 + random.integer(4); left > 0; left--) {
    let at = random.between(0, total);
    const unit = UNIT_WEIGHTS.find(([, weight]) => {
      at -= weight;
      return at < 0;
    })?.[0];
    if (unit !== undefined && !excluded(unit, units)) units[unit] = random.between(0.4, 1);
  }
  return { units: onlyWhatIsSeen(units), flush: random.chance(0.1) ? random.between(0.2, 0.8) : 0 };
}

/** A mood: two expressions in some blend, wide awake or sleepy, so that valence and arousal vary freely. */
export function moodyFace(random: Random): Behaviour {
  const names = ['happiness', 'happiness', 'happiness', ...Object.keys(PROTOTYPES), 'rest', 'rest'];
  const draw = () => {
    const name = names[random.integer(names.length)] as string;
    return name === 'rest' ? restingFace(random) : expressiveFace(random, name);
  };
  const [first, second] = [draw(), draw()];
  const blend = random.chance(0.5) ? 0 : random.between(0, 0.5);
  const strength = random.between(0.3, 1);
  const units = intensitiesOf() as Record<DrawnUnit, number>;
  for (const unit of DRAWN_UNITS)
    units[unit] = strength * (first.units[unit] * (1 - blend) + second.units[unit] * blend);
  if (random.chance(0.35)) {
    units.AU43 = random.between(0.2, 0.75);
    units.AU5 = 0;
  }
  return {
    units: onlyWhatIsSeen(units),
    flush: random.chance(0.35) ? random.between(0.1, 1) : first.flush * strength,
  };
}
