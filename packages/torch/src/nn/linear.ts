import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { defaultBias_, defaultWeight_ } from './init.js';
import { checkSizes, emptyParameter, type LayerOptions } from './layer-options.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import { bool } from './repr.js';

export interface LinearOptions extends LayerOptions {
  /** Default: true. */
  bias?: boolean;
}

/** y = x·Wᵀ + b. Input […, inFeatures], output […, outFeatures]; weight [outFeatures, inFeatures]. */
export class Linear extends Module {
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    { bias = true, ...options }: LinearOptions = {},
  ) {
    super();
    checkSizes('Linear', { inFeatures, outFeatures });
    this.weight = defaultWeight_(emptyParameter([outFeatures, inFeatures], options), options);
    this.bias = bias ? defaultBias_(emptyParameter([outFeatures], options), this.weight, options) : null;
  }

  forward(input: Tensor): Tensor {
    return aten.linear(input, this.weight, this.bias);
  }

  protected override describe(): string {
    const { inFeatures, outFeatures, bias } = this;
    return `in_features=${inFeatures}, out_features=${outFeatures}, bias=${bool(bias !== null)}`;
  }
}
