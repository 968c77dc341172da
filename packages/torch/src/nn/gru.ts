import { zeros } from '../creation.js';
import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { uniform_ } from './init.js';
import { checkSizes, emptyParameter, type LayerOptions } from './layer-options.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import { float } from './repr.js';

export interface GRUOptions extends LayerOptions {
  /** Layers on top of each other. Default: 1. */
  numLayers?: number;
  /** A second GRU per layer runs backwards in time; outputs are concatenated, forward first. Default: false. */
  bidirectional?: boolean;
  /** Sequences are [B, T, …] instead of [T, B, …]. Default: false. */
  batchFirst?: boolean;
  /** Default: true. */
  bias?: boolean;
  /** Probability of dropping an output between layers, in training mode. Default: 0. */
  dropout?: number;
}

/**
 * Gated recurrent units (Cho et al. 2014), with D = 2 if bidirectional, else 1, and H hidden units:
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)        n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))
 *     z = σ(W_iz x + b_iz + W_hz h + b_hz)        h' = (1 − z) ∘ n + z ∘ h
 *
 * Parameters `weight_ih_l{k}` [3H, inputs], `weight_hh_l{k}` [3H, H], `bias_ih_l{k}`, `bias_hh_l{k}` [3H], with rows in
 * the order r, z, n, and the same with `_reverse`.
 */
export class GRU extends Module {
  readonly numLayers: number;
  readonly bidirectional: boolean;
  readonly batchFirst: boolean;
  readonly bias: boolean;
  readonly dropout: number;
  /** All weights in the order that libtorch wants. A private field: they are listed under their keys. */
  readonly #weights: Parameter[] = [];

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: GRUOptions = {},
  ) {
    super();
    const { numLayers = 1, bidirectional = false, batchFirst = false, bias = true, dropout = 0 } = options;
    checkSizes('GRU', { inputSize, hiddenSize, numLayers });
    if (!(dropout >= 0 && dropout <= 1))
      throw new RangeError(`GRU: expected a dropout within [0, 1], found ${dropout}`);
    this.numLayers = numLayers;
    this.bidirectional = bidirectional;
    this.batchFirst = batchFirst;
    this.bias = bias;
    this.dropout = dropout;
    const directions = bidirectional ? ['', '_reverse'] : [''];
    const gates = 3 * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const inputs = layer === 0 ? inputSize : hiddenSize * directions.length;
      for (const direction of directions) {
        const shapes = {
          weight_ih: [gates, inputs],
          weight_hh: [gates, hiddenSize],
          bias_ih: [gates],
          bias_hh: [gates],
        };
        for (const [name, shape] of Object.entries(shapes)) {
          if (!bias && name.startsWith('bias')) continue;
          this.#weights.push(
            this.registerParameter(`${name}_l${layer}${direction}`, emptyParameter(shape, options)),
          );
        }
      }
    }
    const bound = 1 / Math.sqrt(hiddenSize);
    for (const weight of this.#weights) uniform_(weight, -bound, bound, options);
  }

  /**
   * @param input [T, B, inputSize], or [B, T, inputSize] if batch first
   * @param h0 initial state [numLayers·D, B, H]; default: zeros
   * @returns outputs of the last layer at every step [T, B, D·H] (or [B, T, D·H]), and the last state of every layer and
   *   direction [numLayers·D, B, H]
   * @throws RangeError if the input has other dimensions
   */
  forward(input: Tensor, h0?: Tensor): [output: Tensor, hN: Tensor] {
    const { shape } = input;
    const { batchFirst, bidirectional, bias, dropout, hiddenSize, inputSize, numLayers, training } = this;
    if (shape.length !== 3 || shape[2] !== inputSize) {
      const layout = batchFirst ? 'B, T' : 'T, B';
      throw new RangeError(`GRU: expected [${layout}, ${inputSize}], found [${shape.join(', ')}]`);
    }
    const stateShape = [numLayers * (bidirectional ? 2 : 1), shape[batchFirst ? 0 : 1] as number, hiddenSize];
    if (h0 !== undefined && h0.shape.join() !== stateShape.join()) {
      throw new RangeError(
        `GRU: expected an initial state [${stateShape.join(', ')}], found [${h0.shape.join(', ')}]`,
      );
    }
    const hx = h0 ?? zeros(stateShape, { dtype: input.dtype, device: input.device });
    try {
      return aten.gru(
        input,
        hx,
        this.#weights,
        bias,
        numLayers,
        dropout,
        training,
        bidirectional,
        batchFirst,
      );
    } finally {
      if (h0 === undefined) hx.dispose();
    }
  }

  protected override describe(): string {
    const { inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional } = this;
    const parts = [`${inputSize}, ${hiddenSize}`];
    if (numLayers !== 1) parts.push(`num_layers=${numLayers}`);
    if (!bias) parts.push('bias=False');
    if (batchFirst) parts.push('batch_first=True');
    if (dropout !== 0) parts.push(`dropout=${float(dropout)}`);
    if (bidirectional) parts.push('bidirectional=True');
    return parts.join(', ');
  }
}
