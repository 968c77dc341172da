import { ones, type TensorOptions, zeros } from '../creation.js';
import { aten } from '../operators.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { ones_, zeros_ } from './init.js';
import { checkSizes, emptyParameter, type LayerOptions } from './layer-options.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import { bool, float } from './repr.js';

export interface BatchNormOptions extends Omit<LayerOptions, 'generator'> {
  /** Added to the variance. Default: 1e-5. */
  eps?: number;
  /** Weight of the new batch in the running statistics; `null`: their plain average over all batches. Default: 0.1. */
  momentum?: number | null;
  /** Learn a scale and a shift for each channel. Default: true. */
  affine?: boolean;
  /** Keep running statistics, to be used in evaluation mode; else the batch's own are used always. Default: true. */
  trackRunningStats?: boolean;
}

/**
 * y = (x − mean) / √(variance + eps) · weight + bias for every channel (dimension 1); in training mode with mean and
 * biased variance of the batch, otherwise with running ones. Running statistics move in training mode:
 * running = (1 − momentum)·running + momentum·batch, there with the unbiased variance.
 */
export abstract class BatchNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  /** Batches seen in training mode, an int64 scalar. */
  readonly numBatchesTracked: Tensor | null;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(
    readonly numFeatures: number,
    {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      trackRunningStats = true,
      ...options
    }: BatchNormOptions = {},
  ) {
    super();
    checkSizes(this.constructor.name, { numFeatures });
    this.eps = eps;
    this.momentum = momentum;
    const size = [numFeatures];
    this.weight = affine ? ones_(emptyParameter(size, options)) : null;
    this.bias = affine ? zeros_(emptyParameter(size, options)) : null;
    const { device } = options;
    const count: TensorOptions = { dtype: 'int64', ...(device && { device }) };
    const track = (key: string, make: () => Tensor, zeroIfMissing = false): Tensor | null =>
      trackRunningStats
        ? this.registerBuffer(key, make(), { zeroIfMissing })
        : this.registerBuffer(key, null);
    this.runningMean = track('running_mean', () => zeros(size, options));
    this.runningVar = track('running_var', () => ones(size, options));
    // PyTorch before 0.4.1 did not write it.
    this.numBatchesTracked = track('num_batches_tracked', () => zeros([], count), true);
  }

  /** @throws RangeError if the input has not the layer's dimensions, or a single value for a channel in training mode */
  forward(input: Tensor): Tensor {
    const { shape } = input;
    this.checkInput(shape);
    const tracked = this.numBatchesTracked;
    const batchStatistics = this.training || tracked === null;
    if (batchStatistics && shape.reduce((product, n) => product * n, 1) === shape[1]) {
      throw new RangeError(
        `${this.constructor.name}: one value per channel has no variance; in training mode expected a larger batch, ` +
          `found [${shape.join(', ')}]`,
      );
    }
    const moving = this.training && tracked !== null;
    const { weight, bias, runningMean, runningVar, eps } = this;
    return aten.batchNorm(
      input,
      weight,
      bias,
      runningMean,
      runningVar,
      batchStatistics,
      moving ? this.countBatch(tracked) : 0,
      eps,
      true,
    );
  }

  /** Counts a batch and returns its weight in the running statistics. */
  protected countBatch(tracked: Tensor): number {
    tracked.add_(1);
    return this.momentum ?? tidy(() => 1 / tracked.item());
  }

  /** Sets the running statistics back to mean 0, variance 1, no batches. */
  resetRunningStats(): void {
    if (this.runningMean === null || this.runningVar === null || this.numBatchesTracked === null) return;
    zeros_(this.runningMean);
    ones_(this.runningVar);
    zeros_(this.numBatchesTracked);
  }

  protected abstract checkInput(shape: readonly number[]): void;

  protected expect(shape: readonly number[], layouts: Record<number, string>): void {
    if (layouts[shape.length] !== undefined && shape[1] === this.numFeatures) return;
    throw new RangeError(
      `${this.constructor.name}: expected ${Object.values(layouts).join(' or ')} with ${this.numFeatures} channels, ` +
        `found [${shape.join(', ')}]`,
    );
  }

  protected override describe(): string {
    const { numFeatures, eps, momentum, weight, runningMean } = this;
    const parts = [
      `${numFeatures}, eps=${float(eps)}, momentum=${momentum === null ? 'None' : float(momentum)}`,
    ];
    parts.push(`affine=${bool(weight !== null)}`, `track_running_stats=${bool(runningMean !== null)}`);
    return parts.join(', ');
  }
}

/** Batch normalisation of [B, C] or [B, C, L]. */
export class BatchNorm1d extends BatchNorm {
  protected override checkInput(shape: readonly number[]): void {
    this.expect(shape, { 2: '[B, C]', 3: '[B, C, L]' });
  }
}

/** Batch normalisation of [B, C, H, W]. */
export class BatchNorm2d extends BatchNorm {
  protected override checkInput(shape: readonly number[]): void {
    this.expect(shape, { 4: '[B, C, H, W]' });
  }
}
