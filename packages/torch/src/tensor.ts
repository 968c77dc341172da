import { inspect } from 'node:util';
import { backward } from './autograd.js';
import { op } from './dispatch.js';
import { DTYPE_BYTES, type DType } from './dtypes.js';
import { formatTensor } from './format.js';
import type { TensorMethods } from './generated/aten.js';
import type { Handle } from './native.js';
import { native } from './native.js';
import { forget, keep, type Owned, own, type Scope } from './scope.js';
import { tapeOf } from './tape.js';
import { type NumericArray, readTypedArray } from './typed-arrays.js';
import { Complex, type Device, type MemoryFormat, type Scalar } from './values.js';

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep the graph for another backward pass. Default: only if `createGraph`. */
  retainGraph?: boolean;
  /** Record the backward pass itself, for higher derivatives. */
  createGraph?: boolean;
  /** Accumulate only into these leaves. Default: all that were used. */
  inputs?: readonly Tensor[];
}

/** Where and how a tensor is wanted; what is left out stays as it is. */
export interface ToOptions {
  dtype?: DType;
  device?: Device;
  memoryFormat?: MemoryFormat;
  nonBlocking?: boolean;
  /** Copy even where nothing changes. */
  copy?: boolean;
}

/**
 * An n-dimensional array of libtorch. Its methods are libtorch's operators under their PyTorch names in camelCase
 * (`softmax`, `addcmul_`, `indexSelect`…), plus those below. Free it by a scope (`tidy`), `using` or `dispose()`.
 */
export interface Tensor extends TensorMethods {}
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: operators.ts installs the methods that the interface promises
export class Tensor implements Owned, Disposable {
  /** @internal */ _handle: Handle;
  /** @internal */ _scope: Scope | null = null;

  /** @internal Tensors come from `tensor()`, `zeros()`, … and from operators. */
  constructor(handle: Handle) {
    this._handle = handle;
    own(this);
  }

  /** Sizes of the dimensions. */
  get shape(): number[] {
    const ndim = native.sizes(this._handle);
    const tape = tapeOf();
    const shape: number[] = [];
    for (let i = 0; i < ndim; i++) shape.push(tape[i] as number);
    return shape;
  }

  get ndim(): number {
    return native.sizes(this._handle);
  }

  /** Number of elements. */
  numel(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  get dtype(): DType {
    return native.dtype(this._handle) as DType;
  }

  get device(): Device {
    return native.device(this._handle);
  }

  /** Elements to skip in memory for a step along each dimension. */
  get strides(): number[] {
    return readMetadata(this).strides;
  }

  /** Whether gradients are computed for it. Assignable on leaves. */
  get requiresGrad(): boolean {
    return native.requiresGrad(this._handle);
  }
  set requiresGrad(on: boolean) {
    native.setRequiresGrad(this._handle, on);
  }

  requiresGrad_(on = true): this {
    native.setRequiresGrad(this._handle, on);
    return this;
  }

  /** Made by the user, not by an operator that is recorded for the backward pass. */
  get isLeaf(): boolean {
    return native.isLeaf(this._handle);
  }

  /** Name of the recorded operator that made it (`'AddBackward0'`), or `undefined`. */
  get gradFn(): string | undefined {
    return native.gradFn(this._handle) || undefined;
  }

  /** The gradient that `backward` accumulated, or `null`. */
  get grad(): Tensor | null {
    const handle = native.grad(this._handle);
    return handle === 0 ? null : new Tensor(handle);
  }
  set grad(value: Tensor | null) {
    native.setGrad(this._handle, value === null ? 0 : value._handle);
  }

  /** Keep the gradient of this computed tensor too. */
  retainGrad(): this {
    native.retainGrad(this._handle);
    return this;
  }

  /**
   * Accumulates into `grad` of the leaves the gradient of this tensor.
   * @param gradient same shape as this; may be left out for a tensor with one element
   */
  backward(gradient?: Tensor | null, options: BackwardOptions = {}): void {
    backward([this], gradient ? [gradient] : [], options);
  }

  /** The value of a tensor with one element; true is 1. Exact up to 2^53. */
  item(): number {
    const value = item(this);
    if (value instanceof Complex) throw new TypeError('item: a complex number; use `viewAsReal` first');
    return Number(value);
  }

  /** The elements in row-major order, copied. float16 and bfloat16 widen to float32, bool are 0 and 1. */
  toTypedArray(): NumericArray {
    return readTypedArray(this);
  }

  /** The elements as nested arrays; a tensor without dimensions as its value. */
  toArray(): unknown {
    const flat = Array.from(this.toTypedArray() as ArrayLike<number | bigint>, (x) => x);
    const isBool = this.dtype === 'bool';
    const values = isBool ? flat.map((x) => x === 1) : flat;
    const nest = (shape: number[], from: number): unknown => {
      const [n, ...rest] = shape;
      if (n === undefined) return values[from];
      const step = rest.reduce((product, size) => product * size, 1);
      return Array.from({ length: n }, (_, i) => nest(rest, from + i * step));
    };
    return nest(this.shape, 0);
  }

  /** A tensor of another dtype, device or memory format; itself where nothing changes. */
  to(target: DType | Device | ToOptions | Tensor): Tensor {
    if (target instanceof Tensor) return op('aten::to.other')(this, target) as Tensor;
    const options =
      typeof target !== 'string' ? target : isDType(target) ? { dtype: target } : { device: target };
    return op('aten::to.dtype_layout')(this, options) as Tensor;
  }

  cpu(): Tensor {
    return this.to({ device: 'cpu' });
  }
  cuda(index?: number): Tensor {
    return this.to({ device: index === undefined ? 'cuda' : `cuda:${index}` });
  }
  float(): Tensor {
    return this.to({ dtype: 'float32' });
  }
  double(): Tensor {
    return this.to({ dtype: 'float64' });
  }
  half(): Tensor {
    return this.to({ dtype: 'float16' });
  }
  bfloat16(): Tensor {
    return this.to({ dtype: 'bfloat16' });
  }
  long(): Tensor {
    return this.to({ dtype: 'int64' });
  }

  /** All sizes, or that of one dimension (negative: from the end). */
  size(): number[];
  size(dim: number): number;
  size(dim?: number): number[] | number {
    const { shape } = this;
    if (dim === undefined) return shape;
    const size = shape.at(dim);
    if (size === undefined)
      throw new RangeError(`dimension ${dim} of a tensor of shape [${shape.join(', ')}]`);
    return size;
  }

  isContiguous(memoryFormat: MemoryFormat = 'contiguous'): boolean {
    const { shape, strides } = readMetadata(this);
    return isLaidOut(shape, strides, memoryFormat);
  }

  /** How often it was changed in place: what autograd checks before it uses a saved tensor. */
  get version(): number {
    return native.version(this._handle);
  }

  /** Whether it was freed. */
  get isDisposed(): boolean {
    return this._handle === 0;
  }

  /** Takes it out of its scope: it lives until `dispose()`. */
  keep(): this {
    return keep(this);
  }

  /** Frees it now. Using it afterwards is an error; disposing of it again is not. */
  dispose(): void {
    if (this._handle === 0) return;
    forget(this);
    native.dispose(this._handle);
    this._handle = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return formatTensor(this);
  }

  [inspect.custom](): string {
    return formatTensor(this);
  }
}

/** A scalar or a tensor, where an operator broadcasts. */
export type TensorLike = Tensor | Scalar;

function isDType(name: string): name is DType {
  return name in DTYPE_BYTES;
}

function item(tensor: Tensor): unknown {
  return op('aten::item')(tensor);
}

/** Shape and strides in one native call. */
function readMetadata(tensor: Tensor): { shape: number[]; strides: number[] } {
  const ndim = native.metadata(tensor._handle);
  const tape = tapeOf();
  return { shape: Array.from(tape.subarray(0, ndim)), strides: Array.from(tape.subarray(ndim, 2 * ndim)) };
}

/** Whether strides are those of a dense tensor whose last-varying dimension is what the format says. */
function isLaidOut(shape: number[], strides: number[], format: MemoryFormat): boolean {
  const dims = shape.map((_, i) => i);
  const order =
    format === 'channels_last' || format === 'channels_last_3d'
      ? [1, ...dims.slice(2).reverse(), 0]
      : dims.slice().reverse();
  if (format !== 'contiguous' && format !== 'preserve') {
    if (shape.length !== (format === 'channels_last' ? 4 : 5)) return false;
  }
  let expected = 1;
  for (const dim of order) {
    const size = shape[dim] as number;
    if (size === 0) return true;
    if (size !== 1 && strides[dim] !== expected) return false;
    expected *= size;
  }
  return true;
}
