// What a network wants its pixels to be. A model's file carries this record, so that every program that feeds it agrees.

import * as z from 'zod';

const THREE = z.tuple([z.number(), z.number(), z.number()]);

export const NORMALIZATION = z.strictObject({
  /** Red, green, blue, in units of `scale`. */
  mean: THREE,
  std: THREE.refine((std) => std.every((one) => one > 0), 'expected numbers above 0'),
  /** What white is before the mean is subtracted: 255 or 1. */
  scale: z.number().positive(),
});

/** (byte / 255 · scale − mean) / std, per channel. */
export type Normalization = z.infer<typeof NORMALIZATION>;

/** Of the reference's backbone `resnet50_ferplus_dag`. */
export const FER_PLUS_NORMALIZATION: Normalization = {
  mean: [131.0912, 103.8827, 91.4953],
  std: [1, 1, 1],
  scale: 255,
};

/** Of the reference's other backbone, `resnet50_face_sfew_dag`. */
export const SFEW_NORMALIZATION: Normalization = {
  mean: [131.8833, 105.5117, 92.5694],
  std: [1, 1, 1],
  scale: 255,
};

/** Of torchvision's and timm's ImageNet weights. */
export const IMAGENET_NORMALIZATION: Normalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  scale: 1,
};

/**
 * What each byte becomes, [3, 256]: the reference's float32 steps (ToTensor, times 255, minus mean, by std), each rounded.
 */
export function normalizationTable({ mean, std, scale }: Normalization): Float32Array {
  const table = new Float32Array(3 * 256);
  const { fround } = Math;
  for (let channel = 0; channel < 3; channel++)
    for (let byte = 0; byte < 256; byte++) {
      const scaled = fround(fround(byte / 255) * fround(scale));
      const centred = fround(scaled - fround(mean[channel] as number));
      table[channel * 256 + byte] = centred / fround(std[channel] as number);
    }
  return table;
}
