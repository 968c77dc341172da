// Batch normalisation over the batch of all processes, so that many with small batches train like one with a large one.
import { noGrad } from '../autograd.js';
import { cat, full, stack, zeros } from '../creation.js';
import { defaultGroup, isInitialized } from '../distributed/default-group.js';
import { native } from '../distributed/native.js';
import type { ProcessGroup } from '../distributed/process-group.js';
import type { DType } from '../dtypes.js';
import { aten } from '../operators.js';
import { tidy } from '../scope.js';
import { torchInfo } from '../system.js';
import { tapeOf } from '../tape.js';
import { Tensor } from '../tensor.js';
import { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.js';
import type { Module } from './module.js';

export interface SyncBatchNormOptions extends BatchNormOptions {
  /** The processes whose batches count as one. Default: the default group, at the time of each forward pass. */
  group?: ProcessGroup;
}

/**
 * `BatchNorm` of [B, C], [B, C, L] or [B, C, H, W] whose statistics in training mode are those of all ranks' values
 * together; B, and with it L, H and W, may differ between ranks, and B may be 0. Running statistics are the same on all
 * ranks, so `DistributedDataParallel` need not broadcast them. Statistics are computed in float32 where the input is in
 * half precision. In evaluation mode, frozen, and in a group of one it is `BatchNorm`.
 *
 * Each forward pass in training mode, and each backward pass through it, is a collective operation: all ranks must run
 * the same layers in the same order, and one backward pass at a time. A rank whose loss leaves a layer out makes the
 * others wait for it, or, with the group's `verify`, fails them all. `DistributedDataParallel.noSync` does not concern it.
 * There are no second derivatives.
 *
 * Source: PyTorch's `torch.nn.SyncBatchNorm`; variances of parts are joined as in Chan, Golub and LeVeque,
 * "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
 */
export class SyncBatchNorm extends BatchNorm {
  // No #private members: `convertSyncBatchNorm` turns objects that were built as BatchNorm into this class.
  /** Undefined: the default group. */
  readonly group: ProcessGroup | undefined;

  constructor(numFeatures: number, { group, ...options }: SyncBatchNormOptions = {}) {
    super(numFeatures, options);
    this.group = group;
  }

  /**
   * @throws RangeError if the input has not the layer's dimensions, or if all ranks together have a single value for a
   * channel in training mode
   * @throws Error in training mode, if there is no process group
   * @throws CollectiveError, here or in the backward pass
   */
  override forward(input: Tensor): Tensor {
    if (!this.training) return super.forward(input);
    const group = this.group ?? requiredGroup();
    if (group.worldSize === 1) return super.forward(input);
    this.checkInput(input.shape);
    const operation = `SyncBatchNorm over ${this.numFeatures} channels of ${input.dtype}`;
    return tidy(() => {
      const common = noGrad(() => {
        const statistics = commonStatistics(input, group, operation);
        this.moveRunningStats(statistics);
        return statistics;
      });
      return normalise(this, input, common, group, `the backward pass of ${operation}`);
    });
  }

  private moveRunningStats({ mean, squares, count }: Statistics): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (runningMean === null || runningVar === null || numBatchesTracked === null) return;
    const momentum = this.countBatch(numBatchesTracked);
    runningMean.lerp_(mean.to(runningMean.dtype), momentum);
    runningVar.lerp_(squares.div(count - 1).to(runningVar.dtype), momentum);
  }

  protected override checkInput(shape: readonly number[]): void {
    this.expect(shape, { 2: '[B, C]', 3: '[B, C, L]', 4: '[B, C, H, W]' });
  }
}

/**
 * Makes every BatchNorm1d and BatchNorm2d in `module` a SyncBatchNorm. They stay the same objects, with their parameters,
 * buffers, keys, place in the network, and training or frozen state: optimisers and `DistributedDataParallel` made
 * before stay valid.
 * @param options `group`: see `SyncBatchNormOptions`
 * @returns `module`
 * @throws TypeError, before anything is changed, for a class derived from BatchNorm1d or BatchNorm2d: what it adds would
 * be lost
 */
export function convertSyncBatchNorm<M extends Module>(
  module: M,
  { group }: Pick<SyncBatchNormOptions, 'group'> = {},
): M {
  const norms = module
    .namedModules()
    .filter(([, inner]) => inner instanceof BatchNorm1d || inner instanceof BatchNorm2d);
  for (const [key, norm] of norms) {
    if (norm.constructor === BatchNorm1d || norm.constructor === BatchNorm2d) continue;
    throw new TypeError(
      `convertSyncBatchNorm: '${key}' is a ${norm.constructor.name}; expected BatchNorm1d or BatchNorm2d itself`,
    );
  }
  for (const [, norm] of norms) {
    // A new object would have to be put wherever its owner holds the old one, private fields included.
    Object.setPrototypeOf(norm, SyncBatchNorm.prototype);
    Object.assign(norm, { group });
  }
  return module;
}

/** What all ranks' values of a channel have in common; tensors are [C]. */
interface Statistics {
  mean: Tensor;
  /** Sum of squared differences from the mean. */
  squares: Tensor;
  count: number;
}

function requiredGroup(): ProcessGroup {
  if (isInitialized()) return defaultGroup();
  const { gloo, nccl } = torchInfo().c10d;
  throw new Error(
    gloo || nccl
      ? 'SyncBatchNorm: this thread has no process group; call initProcessGroup first, or pass a group'
      : 'SyncBatchNorm: c10d is off in this build, so that other processes cannot be reached; use BatchNorm, or install ' +
          "libgloo-dev (for Debian's libtorch) and build again",
  );
}

/** The dtype of statistics. */
function precise(dtype: DType): DType {
  return dtype === 'float16' || dtype === 'bfloat16' ? 'float32' : dtype;
}

/** Exchanged and joined in float64: [mean, squares, count] of this rank, [2C + 1]. */
function ownStatistics(input: Tensor): Tensor {
  const { shape, device } = input;
  const channels = shape[1] as number;
  const count = input.numel() / channels;
  if (count === 0) return zeros([2 * channels + 1], { dtype: 'float64', device });
  // libtorch takes the dtype of what it returns from the running statistics, which a momentum of 0 leaves alone.
  const unused = () => zeros([channels], { dtype: precise(input.dtype), device });
  const [mean, variance] = aten.batchNormUpdateStats(input, unused(), unused(), 0);
  return cat([mean.double(), variance.double().mul(count), full([1], count, { dtype: 'float64', device })]);
}

function commonStatistics(input: Tensor, group: ProcessGroup, operation: string): Statistics {
  const channels = input.shape[1] as number;
  const all = stack(group._allGather(ownStatistics(input), operation));
  const means = all.narrow(1, 0, channels);
  const squares = all.narrow(1, channels, channels);
  const counts = all.narrow(1, 2 * channels, 1);
  const count = counts.sum().item();
  if (count <= 1) {
    throw new RangeError(
      `SyncBatchNorm: one value per channel has no variance; expected more on all ranks together, found ${count}`,
    );
  }
  const mean = means.mul(counts).sum([0]).div(count);
  const between = means.sub(mean).square().mul(counts);
  return { mean, squares: squares.add(between).sum([0]), count };
}

function normalise(
  { weight, bias, eps }: SyncBatchNorm,
  input: Tensor,
  { mean, squares, count }: Statistics,
  group: ProcessGroup,
  operation: string,
): Tensor {
  const dtype = precise(input.dtype);
  const tensors = [input, weight, bias, mean.to(dtype), squares.div(count).to(dtype)];
  const tape = tapeOf(tensors.length);
  tensors.forEach((tensor, i) => {
    tape[i] = tensor === null ? 0 : tensor._handle;
  });
  return new Tensor(native.c10dSyncBatchNorm(group._handle, operation, count, eps));
}
