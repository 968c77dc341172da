// Gradients side by side in few large messages: a collective of a thousand numbers takes as long as one of ten.
import { zeros } from '../creation.js';
import type { DType } from '../dtypes.js';
import { DTYPE_BYTES } from '../dtypes.js';
import { keep, tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Device } from '../values.js';

/** A parameter with what decides its place. */
interface Slot {
  readonly parameter: Tensor;
  readonly dtype: DType;
  readonly device: Device;
  readonly shape: readonly number[];
  /** Those of the parameter, where it is dense: a gradient of the same layout is then copied as one block. */
  readonly strides: readonly number[];
  readonly size: number;
}

/**
 * One message: the gradients of some parameters and, behind them, a 1 for each that has one. Their sum tells the ranks
 * without a gradient whether another has one.
 */
export class Bucket {
  readonly flat: Tensor;
  readonly #slots: readonly Slot[];
  readonly #views: readonly Tensor[];
  readonly #flags: Tensor;
  #gradients: (Tensor | null)[] = [];

  constructor(slots: readonly Slot[]) {
    const { dtype, device } = slots[0] as Slot;
    const total = slots.reduce((sum, { size }) => sum + size, 0);
    this.#slots = slots;
    this.flat = keep(zeros([total + slots.length], { dtype, device }));
    let offset = 0;
    this.#views = slots.map(({ shape, strides, size }) => {
      offset += size;
      return keep(this.flat.asStrided([...shape], [...strides], offset - size));
    });
    this.#flags = keep(this.flat.narrow(0, total, slots.length));
  }

  /** Brings this rank's gradients in; 0 for parameters that have none. */
  fill(): void {
    this.#gradients = this.#slots.map(({ parameter }) => parameter.grad);
    this.#flags.fill_(1);
    this.#gradients.forEach((gradient, i) => {
      const view = this.#views[i] as Tensor;
      if (gradient !== null) {
        view.copy_(gradient);
      } else {
        view.zero_();
        this.#flags.select(0, i).zero_();
      }
    });
  }

  /** Brings the ranks' common gradients back to the parameters. Those that no rank has stay without. */
  drain(): void {
    let flags: ArrayLike<number | bigint> | undefined;
    this.#gradients.forEach((gradient, i) => {
      const view = this.#views[i] as Tensor;
      if (gradient !== null) {
        gradient.copy_(view);
        return;
      }
      flags ??= this.#flags.toTypedArray();
      if (flags[i] !== 0) (this.#slots[i] as Slot).parameter.grad = view.clone();
    });
    this.#gradients = [];
  }

  dispose(): void {
    for (const tensor of [this.flat, this.#flags, ...this.#views]) tensor.dispose();
  }
}

/**
 * Packs parameters into buckets, last parameter first: backward passes compute gradients in about that order.
 * @param capacity bytes after which a bucket is full
 */
export function packIntoBuckets(parameters: readonly Tensor[], capacity: number): Bucket[] {
  return tidy(() => {
    const open = new Map<string, { slots: Slot[]; bytes: number }>();
    const full: Slot[][] = [];
    for (const slot of parameters.map(slotOf).reverse()) {
      const key = `${slot.dtype} ${slot.device}`;
      const bucket = open.get(key) ?? { slots: [], bytes: 0 };
      bucket.slots.push(slot);
      bucket.bytes += slot.size * DTYPE_BYTES[slot.dtype];
      if (bucket.bytes < capacity) {
        open.set(key, bucket);
      } else {
        full.push(bucket.slots);
        open.delete(key);
      }
    }
    for (const { slots } of open.values()) full.push(slots);
    return full.map((slots) => new Bucket(slots));
  });
}

function slotOf(parameter: Tensor): Slot {
  const { dtype, device, shape } = parameter;
  const size = shape.reduce((product, n) => product * n, 1);
  return { parameter, dtype, device, shape, strides: bucketStrides(shape, parameter.strides), size };
}

/** The tensor's own strides if its elements fill their memory without gaps or overlap, else row-major ones. */
export function bucketStrides(shape: readonly number[], strides: readonly number[]): number[] {
  const dims = shape
    .map((size, i) => ({ size, stride: strides[i] as number, i }))
    .filter(({ size }) => size !== 1);
  dims.sort((a, b) => a.stride - b.stride);
  let expected = 1;
  const isDense = dims.every(({ size, stride }) => {
    const fits = stride === expected;
    expected *= size;
    return fits;
  });
  if (isDense) return [...strides];
  let step = 1;
  return shape
    .toReversed()
    .map((size) => {
      const stride = step;
      step *= Math.max(size, 1);
      return stride;
    })
    .reverse();
}
