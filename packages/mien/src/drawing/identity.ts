// Who a drawn face is: everything that stays the same whatever it does. Drawn at random, but plain numbers and names,
// so that a face can also be written down by hand.

import type { Random } from '../random/index.js';
import { along, type Colour, colour, hex, mix } from './colour.js';

export const HAIR_STYLES = [
  'bald',
  'buzz',
  'short',
  'parted',
  'fringe',
  'curls',
  'bob',
  'long',
  'wavy',
  'bun',
  'scarf',
] as const;
export type HairStyle = (typeof HAIR_STYLES)[number];

export const BEARDS = ['none', 'stubble', 'moustache', 'goatee', 'full'] as const;
export type Beard = (typeof BEARDS)[number];

export const CLOTHES = ['crew', 'shirt', 'hood', 'rollneck', 'jacket'] as const;

/** Factors are 1 and shifts 0 for an average face; lengths are in drawing units (a face is about 115 wide). */
export interface FaceIdentity {
  /** Of details without meaning, such as where curls lie. */
  seed: number;
  /** 0 (20 years) … 1 (75 years): lines that never go away. */
  age: number;
  head: { width: number; jaw: number; chin: number; cheekbones: number; forehead: number; lowerFace: number };
  skin: { colour: string; freckles: number };
  eyes: {
    size: number;
    /** Between the pupils, a factor. */
    apart: number;
    opening: number;
    /** Outer corner above the inner one. */
    tilt: number;
    /** 0 a deep crease … 1 no crease to be seen. */
    hooded: number;
    iris: string;
    lashes: number;
  };
  brows: { thickness: number; length: number; height: number; arch: number; colour: string };
  nose: { length: number; width: number; bridge: number; tip: number };
  mouth: {
    width: number;
    upper: number;
    lower: number;
    bow: number;
    /** Height of the corners when nothing acts. */
    corners: number;
    colour: string;
  };
  ears: number;
  hair: {
    style: HairStyle;
    colour: string;
    volume: number;
    line: number /** −1 … 1: where it is parted. */;
    part: number;
  };
  beard: Beard;
  glasses: 'none' | 'round' | 'square';
  glassesColour: string;
  earrings: boolean;
  clothes: { style: (typeof CLOTHES)[number]; colour: string; accent: string };
}

const scale = (...colours: string[]): readonly Colour[] => colours.map(colour);

/** From very fair to very dark. */
const SKINS = scale('#f9dfcc', '#f2cba9', '#e5b08a', '#d09a6d', '#b17a50', '#8c5a3c', '#6b432f', '#4a2f26');
const IRISES = ['#4b2e1e', '#3a2418', '#6b4a2a', '#7a6a3a', '#5f7a52', '#5c86a6', '#7f97a5'] as const;
const DARK_HAIR = scale('#17120f', '#2a1c15', '#3b261b');
const LIGHT_HAIR = scale('#3b261b', '#5b3a26', '#7a4a2a', '#a5703d', '#c99c5c', '#e2c68b');
const RED_HAIR = scale('#7a2f1a', '#a8481f', '#c4672f');
const GREY_HAIR = scale('#77716c', '#a8a39d', '#dcd8d2');
const FABRICS = [
  '#2f4858',
  '#7d3c3c',
  '#3f6b4f',
  '#d9b44a',
  '#e8e2d6',
  '#35313a',
  '#8a5a83',
  '#4f7ca8',
  '#c8643c',
  '#a9b8a0',
  '#20242c',
  '#cfd6dd',
] as const;
const SCARVES = ['#3b5b6d', '#8c3f4a', '#e6ddd0', '#2e2b33', '#6f7f5a', '#c79a8b'] as const;

/** A share that is mostly near the middle: the mean of two uniform draws. */
const middling = (random: Random) => (random.float() + random.float()) / 2;
const pick = <T>(random: Random, items: readonly T[]): T => items[random.integer(items.length)] as T;

function pickWeighted<T extends string>(random: Random, weights: Readonly<Partial<Record<T, number>>>): T {
  const entries = Object.entries(weights) as [T, number][];
  let left = random.float() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return (entries.at(-1) as [T, number])[0];
}

function hairColour(random: Random, darkness: number, age: number): Colour {
  const greying = Math.max(0, age - 0.35) * 1.3;
  const natural =
    darkness > 0.45 || random.chance(0.25 + darkness)
      ? along(DARK_HAIR, random.float())
      : random.chance(0.12)
        ? along(RED_HAIR, random.float())
        : along(LIGHT_HAIR, random.float());
  if (!random.chance(greying)) return natural;
  return mix(natural, along(GREY_HAIR, random.float()), random.between(0.5, 1));
}

/** A person, drawn at random: any skin with any shape, so that neither tells the other. */
export function drawIdentity(random: Random): FaceIdentity {
  const spread = (low: number, high: number) => low + (high - low) * middling(random);
  const darkness = random.float();
  const age = random.float() ** 1.3;
  const bearded = random.chance(0.5);
  const skin = mix(
    along(SKINS, darkness),
    pick(random, scale('#d98e7a', '#d9b070', '#a8a060')),
    random.between(0, 0.12),
  );
  const hair = hairColour(random, darkness, age);
  const style = pickWeighted<HairStyle>(
    random,
    bearded
      ? { bald: 1.2, buzz: 1.6, short: 3, parted: 2.5, fringe: 1.2, curls: 1.3, long: 0.5, bun: 0.3 }
      : {
          buzz: 0.4,
          short: 0.7,
          parted: 0.6,
          fringe: 1,
          curls: 1.2,
          bob: 2.2,
          long: 2,
          wavy: 2,
          bun: 1.6,
          scarf: 0.9,
        },
  );
  const beard = bearded
    ? pickWeighted<Beard>(random, { none: 4, stubble: 2, moustache: 0.6, goatee: 0.8, full: 1.4 })
    : 'none';
  const painted = !bearded && random.chance(0.35);
  const lips = mix(skin, colour(darkness > 0.6 ? '#97474b' : '#b8504f'), random.between(0.4, 0.58));
  return {
    seed: random.uint32(),
    age,
    head: {
      width: spread(0.92, 1.07),
      jaw: bearded ? spread(0.95, 1.16) : spread(0.86, 1.08),
      chin: spread(0.75, bearded ? 1.4 : 1.15),
      cheekbones: spread(-1, 1),
      forehead: spread(0.95, 1.05),
      lowerFace: spread(0.94, 1.06),
    },
    skin: { colour: hex(skin), freckles: darkness < 0.5 && random.chance(0.12) ? random.between(0.4, 1) : 0 },
    eyes: {
      size: spread(0.9, 1.1),
      apart: spread(0.93, 1.07),
      opening: spread(0.86, 1.14),
      tilt: spread(-1.2, 2.6),
      hooded: random.float() ** 1.5,
      iris: darkness > 0.5 ? pick(random, IRISES.slice(0, 3)) : pick(random, IRISES),
      lashes: bearded ? spread(0.4, 0.8) : spread(0.7, 1.3),
    },
    brows: {
      thickness: bearded ? spread(0.9, 1.5) : spread(0.6, 1.15),
      length: spread(0.9, 1.1),
      height: spread(-2, 2),
      arch: spread(-1, 2),
      colour: hex(mix(hair, colour('#2a1c15'), 0.35)),
    },
    nose: {
      length: spread(0.9, 1.1),
      width: spread(0.82, 1.25),
      bridge: spread(0.7, 1.3),
      tip: spread(-1, 1),
    },
    mouth: {
      width: spread(0.9, 1.1),
      upper: spread(0.7, 1.25),
      lower: spread(0.75, 1.25),
      bow: spread(0.3, 1.3),
      corners: spread(-1, 1),
      colour: hex(
        painted
          ? mix(lips, pick(random, scale('#b01f3a', '#8e2a4a', '#c4514a')), random.between(0.4, 0.8))
          : lips,
      ),
    },
    ears: spread(0.85, 1.15),
    hair: {
      style,
      colour: style === 'scarf' ? pick(random, SCARVES) : hex(hair),
      volume: spread(0.7, 1.3),
      line: spread(46, 56),
      part: spread(-1, 1),
    },
    beard,
    glasses: random.chance(0.2) ? pick(random, ['round', 'square'] as const) : 'none',
    glassesColour: pick(random, ['#26221f', '#5b3a26', '#7b7f86', '#8a2f3a', '#2f4858']),
    earrings: !bearded && style !== 'scarf' && random.chance(0.3),
    clothes: { style: pick(random, CLOTHES), colour: pick(random, FABRICS), accent: pick(random, FABRICS) },
  };
}
