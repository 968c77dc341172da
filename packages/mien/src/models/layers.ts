// What several backbones are made of.

import { aten, empty, nn, type Tensor, tidy } from '@mien/torch';

export interface ConvNormOptions {
  stride?: number;
  /** Default: 1. */
  groups?: number;
  /** Of batch normalisation. Default: 1e-5. */
  eps?: number;
  /** Of batch normalisation. Default: 0.1. */
  momentum?: number;
}

/** A convolution without bias that keeps the size (but for its stride), and batch normalisation. @param kernel odd */
export function convNorm(
  inputs: number,
  outputs: number,
  kernel: number,
  { stride = 1, groups = 1, eps = 1e-5, momentum = 0.1 }: ConvNormOptions = {},
): [nn.Conv2d, nn.BatchNorm2d] {
  return [
    new nn.Conv2d(inputs, outputs, kernel, { stride, padding: kernel >> 1, groups, bias: false }),
    new nn.BatchNorm2d(outputs, { eps, momentum }),
  ];
}

/**
 * Draws the weights of all convolutions from N(0, 2 / fanOut) and sets their biases to zero (He et al. 2015), as torchvision
 * does for all its networks.
 */
export function initConvolutions<M extends nn.Module>(network: M): M {
  for (const layer of network.modules()) {
    if (!(layer instanceof nn.Conv2d)) continue;
    nn.init.kaimingNormal_(layer.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    if (layer.bias !== null) nn.init.zeros_(layer.bias);
  }
  return network;
}

/** A residual block's two ways: what `main` and `shortcut` (nothing: the input itself) give is added, then ReLU. */
export function residual(input: Tensor, main: Iterable<nn.Layer>, shortcut: nn.Layer | undefined): Tensor {
  // Batch normalisation, which both ways end with, does not need its output again: the sum may overwrite it.
  return tidy(() =>
    nn
      .pipe(input, main)
      .add_(shortcut?.forward(input) ?? input)
      .relu_(),
  );
}

/**
 * Channels weighted by what the whole map shows (Hu et al. 2018): average → fc1 → activation → fc2 → gate → times the input.
 * Its layers are 1×1 convolutions, as in torchvision.
 */
export class SqueezeExcitation extends nn.Module {
  readonly fc1: nn.Conv2d;
  readonly fc2: nn.Conv2d;
  readonly #between: nn.Layer;
  readonly #gate: nn.Layer;

  constructor(channels: number, squeezed: number, between: nn.Layer, gate: nn.Layer) {
    super();
    this.fc1 = new nn.Conv2d(channels, squeezed, 1);
    this.fc2 = new nn.Conv2d(squeezed, channels, 1);
    this.#between = between;
    this.#gate = gate;
  }

  forward(input: Tensor): Tensor {
    return tidy(() => {
      const average = aten.adaptiveAvgPool2d(input, [1, 1]);
      return input.mul(nn.pipe(average, [this.fc1, this.#between, this.fc2, this.#gate]));
    });
  }
}

/** Drops a residual block for some samples of a batch in training mode, with probability p (Huang et al. 2016). */
export class StochasticDepth extends nn.Module {
  constructor(readonly p: number) {
    super();
  }

  /** @param input what the block adds [N, C, H, W] @returns the same with rows of 0, the others divided by 1 − p */
  forward(input: Tensor): Tensor {
    if (!this.training || this.p === 0) return input;
    const kept = 1 - this.p;
    return tidy(() => {
      const { dtype, device } = input;
      const rows = empty([input.size(0), 1, 1, 1], { dtype, device }).bernoulli_(kept);
      return input.mul(rows.div_(kept));
    });
  }
}
