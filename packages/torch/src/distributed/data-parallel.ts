// One model on several processes: each sees its part of every batch, and all take the same steps.
import { createHash } from 'node:crypto';
import { noGrad } from '../autograd.js';
import { op } from '../dispatch.js';
import { Module } from '../nn/module.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type Bucket, packIntoBuckets } from './buckets.js';
import { defaultGroup } from './default-group.js';
import { ReplicaMismatchError } from './errors.js';
import type { ProcessGroup } from './process-group.js';

export interface DistributedDataParallelOptions {
  /** Default: the default group. */
  group?: ProcessGroup;
  /** Size of the messages in which gradients travel, in MiB. Default: 25. */
  bucketCapMb?: number;
  /**
   * Give all ranks rank 0's buffers (the statistics of batch normalisation) before each forward pass in training mode.
   * In evaluation mode nothing is exchanged, so that one rank may evaluate alone. Needless, but harmless, where all
   * normalisation is `nn.SyncBatchNorm`. Default: true.
   */
  broadcastBuffers?: boolean;
}

const MIB = 2 ** 20;

/** What a parameter or buffer must have in common on all ranks. */
interface Signature {
  name: string;
  kind: 'parameter' | 'buffer';
  dtype: string;
  shape: number[];
  requiresGrad: boolean;
}

/**
 * A module whose copies on all ranks stay the same. All start from rank 0's parameters and buffers; after `backward`,
 * `reduceGradients` replaces each gradient by the mean over the ranks, and then equal optimisers take equal steps. With a
 * loss that is a mean over the batch, and batches of equal size, this is training on all ranks' batches as one; for batch
 * normalisation see `nn.convertSyncBatchNorm`, and for other losses and sizes `allGatherWithGradient`.
 *
 * ```ts
 * const parallel = new DistributedDataParallel(model);
 * loss(parallel.forward(images), labels).backward();
 * parallel.reduceGradients();
 * optimizer.step();
 * ```
 *
 * A state dict is taken from `parallel.module`, so that its keys are those of the model alone.
 */
export class DistributedDataParallel<M extends Module> extends Module {
  /** The module that it wraps. */
  readonly module: M;
  readonly #group: ProcessGroup;
  readonly #capacity: number;
  readonly #broadcastBuffers: boolean;
  readonly #parameters: readonly Tensor[];
  readonly #buffers: readonly Tensor[];
  #buckets: Bucket[] = [];
  /** What the buckets were packed for. */
  #layout = '';
  #synchronizing = true;

  /**
   * @throws ReplicaMismatchError on all ranks, if they don't have the same parameters and buffers
   * @throws CollectiveError
   */
  constructor(module: M, options: DistributedDataParallelOptions = {}) {
    super();
    const { group = defaultGroup(), bucketCapMb = 25, broadcastBuffers = true } = options;
    if (!(bucketCapMb > 0))
      throw new RangeError(`bucketCapMb: expected a size above 0, found ${bucketCapMb}`);
    this.module = module;
    this.#group = group;
    this.#capacity = bucketCapMb * MIB;
    this.#broadcastBuffers = broadcastBuffers;
    this.#parameters = module.parameters();
    this.#buffers = module.buffers();
    refuseDifferences(group.allGatherObject(signaturesOf(module)));
    this.#broadcast([...this.#parameters, ...this.#buffers]);
  }

  /** The module's own forward pass, with rank 0's buffers. */
  override forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']> {
    if (this.#broadcastBuffers && this.#synchronizing && this.module.training) this.#broadcastBuffersOnly();
    return this.module.forward(...(inputs as never[])) as ReturnType<M['forward']>;
  }

  /**
   * Replaces the gradients of all parameters that require one by their mean over the ranks; every rank must call it,
   * after `backward`. A rank without a gradient counts as one with zeros, if another rank has it.
   * @throws CollectiveError
   */
  reduceGradients(): void {
    if (!this.#synchronizing) return;
    noGrad(() =>
      tidy(() => {
        this.#pack();
        const { length } = this.#buckets;
        // Comparing the layout once is enough for all buckets: they follow from it.
        const works = this.#buckets.map((bucket, i) => {
          bucket.fill(); // while the bucket before is under way
          const description = i === 0 ? `reduceGradients in ${length} buckets of layout ${this.#layout}` : '';
          return this.#group._allReduce(bucket.flat, 'avg', description);
        });
        works.forEach((work, i) => {
          work.wait();
          (this.#buckets[i] as Bucket).drain();
        });
      }),
    );
  }

  /**
   * Runs `body` without exchange: inside, `reduceGradients` and `forward` leave the other ranks alone, and gradients
   * accumulate on each rank until the next `reduceGradients` outside.
   */
  noSync<T>(body: () => T): T {
    const before = this.#synchronizing;
    const restore = () => {
      this.#synchronizing = before;
    };
    this.#synchronizing = false;
    let result: T;
    try {
      result = body();
    } catch (error) {
      restore();
      throw error;
    }
    if (result instanceof Promise) return result.finally(restore) as T;
    restore();
    return result;
  }

  /** Frees the buckets, and the module with its parameters. */
  override dispose(): void {
    this.#freeBuckets();
    super.dispose();
  }

  /** Packs anew where a parameter was frozen, thawed, or changed its dtype, device or memory layout. */
  #pack(): void {
    const trained = this.#parameters.filter((parameter) => parameter.requiresGrad);
    const layout = createHash('sha256');
    for (const parameter of this.#parameters) {
      const { requiresGrad, dtype, shape, strides } = parameter;
      layout.update(requiresGrad ? `${dtype} ${shape} ${strides};` : ';');
    }
    const digest = layout.digest('hex').slice(0, 16);
    if (digest === this.#layout) return;
    this.#freeBuckets();
    this.#buckets = packIntoBuckets(trained, this.#capacity);
    this.#layout = digest;
  }

  #freeBuckets(): void {
    for (const bucket of this.#buckets) bucket.dispose();
    this.#buckets = [];
    this.#layout = '';
  }

  /**
   * Under fresh version counters: backward passes that are still to come saved the buffers, and would refuse to go on
   * over a change that training-mode gradients don't depend on, and on the other ranks than 0 only.
   */
  #broadcastBuffersOnly(): void {
    tidy(() => this.#broadcast(this.#buffers.map((buffer) => op('aten::data')(buffer) as Tensor)));
  }

  #broadcast(tensors: readonly Tensor[]): void {
    if (tensors.length > 0) this.#group.broadcast(tensors, 0);
  }
}

function signaturesOf(module: Module): Signature[] {
  const sign =
    (kind: Signature['kind']) =>
    ([name, tensor]: [string, Tensor]) => {
      const { dtype, shape, requiresGrad } = tensor;
      return { name, kind, dtype, shape, requiresGrad };
    };
  return [...module.namedParameters().map(sign('parameter')), ...module.namedBuffers().map(sign('buffer'))];
}

/** Every rank compares all with rank 0, so that all fail, and with the same message. */
function refuseDifferences(ranks: readonly (readonly Signature[])[]): void {
  const [first = []] = ranks;
  ranks.forEach((signatures, rank) => {
    for (let i = 0; i < Math.max(first.length, signatures.length); i++) {
      const [here, there] = [describe(signatures[i]), describe(first[i])];
      if (here !== there) throw new ReplicaMismatchError(rank, `it has ${here} where rank 0 has ${there}`);
    }
  });
}

function describe(signature: Signature | undefined): string {
  if (signature === undefined) return 'nothing more';
  const { name, kind, dtype, shape, requiresGrad } = signature;
  const frozen = kind === 'parameter' && !requiresGrad ? ' without gradient' : '';
  return `${kind} '${name}' of ${dtype}[${shape.join(', ')}]${frozen}`;
}
