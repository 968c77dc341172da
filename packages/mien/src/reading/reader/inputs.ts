// From a face in its picture to what models take: each crop is cut once for all models with the same recipe, and resized and
// normalised once for all with the same input, exactly as in evaluation.

import { type CropRecipe, cropFace } from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import { createTransform } from '../../loading/index.js';
import type { ModelInfo } from '../../models/index.js';
import { Random } from '../../random/index.js';
import type { LocatedFace } from './stages.js';

/** Models that were trained on data sets' own crops get what looks like these, larger than they need, to be shrunk as those are. */
const cropOf = ({ crop, input }: ModelInfo): CropRecipe =>
  crop ?? { align: 'portrait', size: 2 * input.edge, margin: 0 };

/** What tells crops apart. */
const cropKey = (info: ModelInfo): string => JSON.stringify(cropOf(info));

/** What tells kinds of input apart. */
export const inputKey = (info: ModelInfo): string =>
  JSON.stringify([cropKey(info), info.network.inputSize, info.input.edge, info.input.normalization]);

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
    return { key: cropKey(info), recipe: cropOf(info), size, apply };
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
