// Which stills the demo set has: of whom, what they do, and on which side of the split.

import { drawIdentity, type FaceIdentity } from '../../drawing/index.js';
import { Random } from '../../random/index.js';
import type { Split } from '../face-row.js';
import { type Behaviour, combinedFace, expressiveFace, moodyFace, restingFace } from './behaviour.js';
import { drawScene, type Scene } from './scene.js';

/** The sets, each with people and pictures of its own. `full` carries all labels. */
export const SETS = ['expr', 'au', 'va', 'full'] as const;
export type SetName = (typeof SETS)[number];

/** One picture before it is drawn. */
export interface Shot {
  set: SetName;
  /** Path below the data set's root. */
  image: string;
  split: Split;
  subject: string;
  identity: FaceIdentity;
  behaviour: Behaviour;
  scene: Scene;
  clip?: string;
  /** From 0. */
  frame?: number;
  /** Of what the camera adds by chance. */
  seed: number;
}

/** How often each expression is drawn: as uneven as in data sets from the wild. */
const EXPRESSION_WEIGHTS: readonly (readonly [string, number])[] = [
  ['neutral', 31],
  ['happiness', 25],
  ['sadness', 13],
  ['anger', 10],
  ['surprise', 9],
  ['disgust', 7],
  ['fear', 5],
];

function drawExpression(random: Random): Behaviour {
  let at = random.between(0, 100);
  for (const [name, weight] of EXPRESSION_WEIGHTS) {
    at -= weight;
    if (at < 0 && name !== 'neutral') return expressiveFace(random, name);
    if (at < 0) break;
  }
  return restingFace(random);
}

function drawUnits(random: Random): Behaviour {
  const kind = random.float();
  return kind < 0.55 ? combinedFace(random) : kind < 0.85 ? drawExpression(random) : restingFace(random);
}

const BEHAVIOURS: Readonly<Record<SetName, (random: Random) => Behaviour>> = {
  expr: drawExpression,
  au: drawUnits,
  va: moodyFace,
  full: drawExpression,
};

/** Shares of the people that are kept from training. */
const HELD_OUT: Readonly<Record<SetName, readonly (readonly [Split, number])[]>> = {
  expr: [['validation', 0.2]],
  au: [['validation', 0.2]],
  va: [['validation', 0.2]],
  full: [
    ['validation', 0.2],
    ['test', 0.2],
  ],
};

/** The side of person (or clip) i of n; each side gets at least one. */
export function splitOf(set: SetName, i: number, n: number): Split {
  let end = n;
  for (const [split, share] of HELD_OUT[set]) {
    end -= Math.max(1, Math.round(share * n));
    if (i >= end) return split;
  }
  return 'train';
}

/** Keys that keep the draws of people, stills and clips apart. */
export const KEY = { person: 1, still: 2, clip: 3 } as const;

/** A person of a set, by number. */
export const personOf = (seed: number, set: SetName, number: number): FaceIdentity =>
  drawIdentity(Random.keyed(seed, KEY.person, SETS.indexOf(set), number));

/** Stills of one person in a set, on average. */
const PER_PERSON = 8;

/** Of the stills, this share is caught in a blink. */
const BLINKS = 0.02;

/** The stills of one set, person by person. @param count how many */
export function* planStills(seed: number, set: SetName, count: number): Generator<Shot> {
  const people = Math.max(5, Math.round(count / PER_PERSON));
  let made = 0;
  for (let person = 0; person < people; person++) {
    const identity = personOf(seed, set, person);
    const end = Math.round(((person + 1) * count) / people);
    for (; made < end; made++) {
      const random = Random.keyed(seed, KEY.still, SETS.indexOf(set), made);
      const behaviour = BEHAVIOURS[set](random);
      const scene = drawScene(random);
      const blink = random.chance(BLINKS) ? { AU45: random.between(0.8, 1) } : {};
      yield {
        set,
        image: `images/${set}-${String(made + 1).padStart(5, '0')}.jpg`,
        split: splitOf(set, person, people),
        subject: `${set}-${String(person + 1).padStart(3, '0')}`,
        identity,
        behaviour: { ...behaviour, units: { ...behaviour.units, ...blink } },
        scene,
        seed: random.uint32(),
      };
    }
  }
}
