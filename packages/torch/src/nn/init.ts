// Initial values, after `torch.nn.init`: same formulas, same draws from the generator. All fill the tensor in place and
// return it; none is recorded for the backward pass.
import { noGrad } from '../autograd.js';
import { tensor as makeTensor } from '../creation.js';
import type { Generator } from '../generator.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';

export interface RandomInitOptions {
  /** Default: the process's default generator of the tensor's device. */
  generator?: Generator;
}

/** Sizes that keep variance: of what flows in (forward pass) or out (backward pass). */
export type FanMode = 'fan_in' | 'fan_out';

export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leaky_relu' | 'selu';

export interface KaimingOptions extends RandomInitOptions {
  /** Negative slope of `leaky_relu`. Default: 0. */
  a?: number;
  mode?: FanMode;
  nonlinearity?: Nonlinearity;
}

export interface XavierOptions extends RandomInitOptions {
  gain?: number;
}

function fill<T extends Tensor>(tensor: T, body: (tensor: T) => void): T {
  noGrad(() => tidy(() => body(tensor)));
  return tensor;
}

/** U(a, b). */
export function uniform_<T extends Tensor>(
  tensor: T,
  a = 0,
  b = 1,
  { generator }: RandomInitOptions = {},
): T {
  return fill(tensor, () => tensor.uniform_(a, b, { generator: generator ?? null }));
}

/** N(mean, std²). */
export function normal_<T extends Tensor>(
  tensor: T,
  mean = 0,
  std = 1,
  { generator }: RandomInitOptions = {},
): T {
  return fill(tensor, () => tensor.normal_(mean, std, { generator: generator ?? null }));
}

export function constant_<T extends Tensor>(tensor: T, value: number): T {
  return fill(tensor, () => tensor.fill_(value));
}

export function zeros_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 0);
}

export function ones_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 1);
}

/**
 * Inputs and outputs of one unit: of a weight [out, in, …kernel], in and out times the kernel's elements.
 * @throws RangeError for a tensor of fewer than two dimensions
 */
export function fans(weight: Tensor): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = weight.shape;
  if (outputs === undefined || inputs === undefined) {
    throw new RangeError(
      `a weight of shape [${weight.shape.join(', ')}] has no fan: expected two dimensions or more`,
    );
  }
  const field = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/** What a non-linearity's variance is to be multiplied by, as a standard deviation. */
export function gainOf(nonlinearity: Nonlinearity, a = 0): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + a ** 2));
    case 'selu':
      return 3 / 4; // found empirically by PyTorch
    default:
      return 1;
  }
}

/** U(−b, b), b = gain·√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierUniform_<T extends Tensor>(tensor: T, { gain = 1, ...random }: XavierOptions = {}): T {
  const bound = Math.sqrt(3) * xavierStd(tensor, gain);
  return uniform_(tensor, -bound, bound, random);
}

/** N(0, gain²·2 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierNormal_<T extends Tensor>(tensor: T, { gain = 1, ...random }: XavierOptions = {}): T {
  return normal_(tensor, 0, xavierStd(tensor, gain), random);
}

function xavierStd(tensor: Tensor, gain: number): number {
  const { fanIn, fanOut } = fans(tensor);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** U(−b, b), b = gain·√(3 / fan) (He et al. 2015). */
export function kaimingUniform_<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(tensor, options);
  return uniform_(tensor, -bound, bound, options);
}

/** N(0, gain² / fan) (He et al. 2015). */
export function kaimingNormal_<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  return normal_(tensor, 0, kaimingStd(tensor, options), options);
}

function kaimingStd(
  tensor: Tensor,
  { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' }: KaimingOptions,
): number {
  const { fanIn, fanOut } = fans(tensor);
  return gainOf(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut);
}

export interface TruncNormalOptions extends RandomInitOptions {
  mean?: number;
  std?: number;
  /** Lowest value. Default: −2. */
  a?: number;
  /** Highest value. Default: 2. */
  b?: number;
}

/** N(mean, std²) restricted to [a, b], by inversion of the distribution function. */
export function truncNormal_<T extends Tensor>(
  tensor: T,
  { mean = 0, std = 1, a = -2, b = 2, ...random }: TruncNormalOptions = {},
): T {
  const low = normalCdf((a - mean) / std);
  const high = normalCdf((b - mean) / std);
  uniform_(tensor, 2 * low - 1, 2 * high - 1, random);
  return fill(tensor, () => {
    tensor
      .erfinv_()
      .mul_(std * Math.SQRT2)
      .add_(mean)
      .clamp_(a, b);
  });
}

function normalCdf(x: number): number {
  return tidy(
    () =>
      (1 +
        makeTensor(x / Math.SQRT2, { dtype: 'float64' })
          .erf()
          .item()) /
      2,
  );
}

/** PyTorch's default for weights of linear and convolutional layers: U(±1/√fanIn), written as Kaiming with a = √5. */
export function defaultWeight_<T extends Tensor>(weight: T, random: RandomInitOptions = {}): T {
  return kaimingUniform_(weight, { a: Math.sqrt(5), ...random });
}

/** PyTorch's default for the bias that goes with `weight`: U(±1/√fanIn). */
export function defaultBias_<T extends Tensor>(bias: T, weight: Tensor, random: RandomInitOptions = {}): T {
  const { fanIn } = fans(weight);
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform_(bias, -bound, bound, random);
}
