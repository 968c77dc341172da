// A test video must get a prediction for every frame, although crops exist only where a face was found: frames without
// one borrow the crop of the frame before.

import type { Crops } from './crops.js';

/**
 * The crop of each output frame: its own, else the most recent one; frames before the first crop take the first. Crops
 * beyond the length are left out.
 * @param numbers of the crops, from 1, ascending; at least one
 * @param length of the output, in frames
 * @returns [length] crop numbers
 */
export function fillGaps(numbers: ArrayLike<number>, length: number): number[] {
  let at = 0;
  return Array.from({ length }, (_, frame) => {
    while (at + 1 < numbers.length && (numbers[at + 1] as number) <= frame + 1) at++;
    return numbers[at] as number;
  });
}

/**
 * The reference's rule. The length is the container's frame count + 1; where there are exactly as many crops, or one
 * more, they are taken as they are; crops beyond the length are added at the end.
 * @param numbers of the crops, from 1, ascending; at least one
 * @param containerFrames what the header of the video says
 * @returns a crop number per output frame
 */
export function fillGapsAsReference(numbers: Crops['numbers'], containerFrames: number): number[] {
  const length = containerFrames + 1;
  if (numbers.length === length || numbers.length === length + 1) return [...numbers];
  return [...fillGaps(numbers, length), ...[...numbers].filter((number) => number > length)];
}
