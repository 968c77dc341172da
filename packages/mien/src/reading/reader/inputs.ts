// From a face in its picture to what models take: each crop is cut once for all models with the same recipe, and resized and
// normalised once for all with the same input, exactly as in evaluation.

import { type CropRecipe, cropFace } from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import { createTransform } from '../../loading/index.js';
import type { ModelInfo } from '../../models/index.js';
import { Random } from '../../random/index.js';
import type { LocatedFace } from './stages.js';

/**
 * How faces are cut out for models that were trained on crops as data sets come with them. Such crops have the eyes at some 40 %
 * of their height, the mouth at 79 %, and the eyes' centres 36 % of their width apart.
 */
export const DATA_SET_ALIGNMENT: Pick<CropRecipe, 'align' | 'margin'> = { align: 'five-point', margin: 0 };

/** Crops without a size of their own are cut so many times larger than the input needs, so that they are shrunk as data sets' are. */
const SHRUNK = 2;

export const recipeOf = ({ crop, input }: ModelInfo): CropRecipe =>
  crop ?? { ...DATA_SET_ALIGNMENT, size: SHRUNK * input.edge };

/** What tells kinds of input apart. */
export const inputKey = (info: ModelInfo): string =>
  JSON.stringify([recipeOf(info), info.network.inputSize, info.input.edge, info.input.normalization]);

/** @returns [3, S, S] for each kind of input @throws FaceGeometryError when no crop can be made of the face */
export type InputMaker = (picture: RgbImage, face: LocatedFace) => Float32Array[];

/** @param kinds a model's info for each kind of input */
export function createInputMaker(kinds: readonly ModelInfo[]): InputMaker {
  const random = Random.seeded(0); // evaluation draws nothing
  const makers = kinds.map((info) => {
    const { network, input } = info;
    const size = network.inputSize;
    const { edge, normalization } = input;
    const apply = createTransform({ kind: 'evaluation', size, edge, normalization, output: 'float32' });
    const recipe = recipeOf(info);
    return { key: JSON.stringify(recipe), recipe, size, apply };
  });
  return (picture, face) => {
    const crops = new Map<string, RgbImage>();
    return makers.map(({ key, recipe, size, apply }) => {
      const crop = crops.get(key) ?? cropFace(picture, face, recipe);
      crops.set(key, crop);
      const input = new Float32Array(3 * size * size);
      apply(crop, random, input, 0);
      return input;
    });
  };
}
