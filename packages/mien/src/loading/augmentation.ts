// How training pictures are varied: a record of ranges, and what is drawn from it for one sample. Everything here is a pure
// function of the record and a random state, and knows nothing of the picture: frames of one window get the same change.

import * as z from 'zod';
import type { Random } from '../random/index.js';
import { lumaOf } from './colour.js';

const probability = () => z.number().min(0).max(1);

/** [low, high] within limits. */
const range = (min: number, max: number) =>
  z
    .tuple([z.number().min(min).max(max), z.number().min(min).max(max)])
    .refine(([low, high]) => low <= high, 'expected [low, high]');

/** Every key has a default: `AUGMENTATION.parse({})` is what we train with. `0` or `[1, 1]` turns a change off. */
export const AUGMENTATION = z.strictObject({
  /** Share of the picture's area that is kept, uniform. 1 is all of it. */
  area: range(0.05, 1).default([0.7, 1]),
  /** Width through height of what is kept, log-uniform. */
  aspect: range(0.25, 4).default([0.9, 1.1]),
  /** Degrees to either side, uniform. */
  rotation: z.number().min(0).max(180).default(10),
  /** How often the picture is mirrored. */
  flip: probability().default(0.5),
  /** Factors, uniform. */
  brightness: range(0, 4).default([0.75, 1.25]),
  contrast: range(0, 4).default([0.75, 1.25]),
  saturation: range(0, 4).default([0.7, 1.3]),
  /** Turns of the hue to either side, uniform; 0.5 is the opposite colour. */
  hue: z.number().min(0).max(0.5).default(0.02),
  /** How often all colour is taken away. */
  grey: probability().default(0.1),
  /** Light of another colour, of grey pictures too: red and blue are multiplied by up to e^±strength each, luma about kept. */
  tint: z
    .strictObject({ probability: probability().default(0), strength: z.number().min(0).max(2).default(0.3) })
    .prefault({}),
  /** A rectangle is filled with the mean colour: share of the square's area. */
  cutout: z
    .strictObject({ probability: probability().default(0.25), area: range(0.001, 0.9).default([0.02, 0.12]) })
    .prefault({}),
  /** The picture is shrunk to an edge of so many pixels and enlarged again: data sets mix sizes from 48 pixels on. */
  lowResolution: z
    .strictObject({ probability: probability().default(0.1), edge: range(8, 512).default([40, 80]) })
    .prefault({}),
  /** Standard deviation of a Gaussian in output pixels. */
  blur: z
    .strictObject({ probability: probability().default(0.05), deviation: range(0.7, 4).default([0.7, 1.5]) })
    .prefault({}),
  /** Standard deviation of noise on each channel, 0 … 255. */
  noise: z
    .strictObject({ probability: probability().default(0.1), deviation: range(0, 64).default([1, 8]) })
    .prefault({}),
});

export type Augmentation = z.infer<typeof AUGMENTATION>;

/** What happens to one sample. */
export interface AugmentationDraw {
  area: number;
  aspect: number;
  /** Where the kept part lies in the free play, 0 … 1 each. */
  x: number;
  y: number;
  /** Radians. */
  angle: number;
  flip: boolean;
  brightness: number;
  contrast: number;
  saturation: number;
  hue: number;
  /** Factors on red, green and blue. */
  tint?: readonly [number, number, number];
  /** In shares of the square's side. */
  cutout?: { x: number; y: number; width: number; height: number };
  /** Pixels. */
  lowEdge?: number;
  /** Output pixels. */
  blur?: number;
  noise?: { deviation: number; seed: number };
}

/** A rectangle's sides may differ by this factor. */
const CUTOUT_ASPECT = 2;

function drawCutout(random: Random, [low, high]: readonly [number, number]) {
  const area = random.between(low, high);
  const aspect = CUTOUT_ASPECT ** random.between(-1, 1);
  const width = Math.min(1, Math.sqrt(area * aspect));
  const height = Math.min(1, Math.sqrt(area / aspect));
  return { x: random.float() * (1 - width), y: random.float() * (1 - height), width, height };
}

function drawTint(random: Random, strength: number) {
  const red = Math.exp(random.between(-strength, strength));
  const blue = Math.exp(random.between(-strength, strength));
  const luma = lumaOf(red, 1, blue);
  return [red / luma, 1 / luma, blue / luma] as const;
}

export function drawAugmentation(random: Random, ranges: Augmentation): AugmentationDraw {
  const between = ([low, high]: readonly [number, number]) => random.between(low, high);
  const [narrow, wide] = ranges.aspect;
  const draw: AugmentationDraw = {
    area: between(ranges.area),
    aspect: Math.exp(random.between(Math.log(narrow), Math.log(wide))),
    x: random.float(),
    y: random.float(),
    angle: (random.between(-ranges.rotation, ranges.rotation) * Math.PI) / 180,
    flip: random.chance(ranges.flip),
    brightness: between(ranges.brightness),
    contrast: between(ranges.contrast),
    saturation: between(ranges.saturation),
    hue: random.between(-ranges.hue, ranges.hue),
  };
  const { grey, tint, cutout, lowResolution, blur, noise } = ranges;
  if (random.chance(grey)) draw.saturation = 0;
  if (random.chance(cutout.probability)) draw.cutout = drawCutout(random, cutout.area);
  if (random.chance(lowResolution.probability)) draw.lowEdge = Math.round(between(lowResolution.edge));
  if (random.chance(blur.probability)) draw.blur = between(blur.deviation);
  if (random.chance(noise.probability))
    draw.noise = { deviation: between(noise.deviation), seed: random.uint32() };
  if (random.chance(tint.probability)) draw.tint = drawTint(random, tint.strength);
  return draw;
}
