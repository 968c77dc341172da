// What a backbone is: a named architecture that turns a face crop into a vector, with what one must know to feed it.

import type { nn, RawStateDict } from '@mien/torch';
import type { Normalization } from '../loading/index.js';

export interface Backbone {
  readonly name: string;
  /** What it is, in one line. */
  readonly summary: string;
  /** The paper or code that the architecture comes from. */
  readonly origin: string;
  /** Length of the feature vector. */
  readonly features: number;
  /** Edge of the square it is trained with unless told otherwise, pixels. */
  readonly inputSize: number;
  /** The smallest edge that it takes, pixels. */
  readonly smallestInput: number;
  /** What its pretrained weights want their pixels to be; what to train with from scratch too. */
  readonly normalization: Normalization;
  /** Key, in the published weights, of the classifier that follows the feature vector there and does not exist here. */
  readonly classifier?: string;
  /** For a network whose weights suit one size of input alone: which, by a bare backbone's tensors. */
  readonly inputSizeOf?: (tensors: RawStateDict) => number | undefined;
  /** For such a network: weights of another size of input, brought to this one as well as can be. */
  readonly suitedTo?: (tensors: RawStateDict, inputSize: number) => RawStateDict;
  /** Makes it, with fresh weights: [N, 3, S, S] → [N, features]. @param inputSize S */
  build(inputSize: number): nn.Layer;
}
