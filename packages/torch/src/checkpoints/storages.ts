import { DTYPE_BYTES, type DType } from '../dtypes.js';
import type { Budget } from './budget.js';
import { allocate } from './checkpoint-file.js';
import { quote } from './error.js';
import { describe, isTuple, type PickleCall } from './pickle-types.js';
import { byteCount, elementCount, isCount, LoadedTensor } from './raw-tensor.js';
import { gather, isContiguous, type Layout, lastElement } from './strided.js';

/** More dimensions than PyTorch's operators work with. */
const MAX_RANK = 64;

/** A storage class, such as `torch.FloatStorage`. */
export class StorageType {
  readonly name: string;
  readonly dtype: DType;

  constructor(name: string, dtype: DType) {
    this.name = name;
    this.dtype = dtype;
  }
}

/** A storage that the pickle refers to. */
export interface StorageRecord {
  readonly key: string;
  readonly dtype: DType;
  readonly elements: number;
  readonly bytes: number;
  /** The storage as a value: a tensor of one dimension, whose data arrives by {@link StorageTable.fill}. */
  readonly tensor: LoadedTensor;
}

interface StorageView {
  readonly source: StorageRecord;
  readonly offset: number;
}

interface PendingTensor extends Layout {
  readonly tensor: LoadedTensor;
  readonly source: LoadedTensor;
}

/**
 * The storages and tensors of one file. While the pickle is read, tensors are made without data and checked
 * against the sizes that the pickle states; when the storages have been read, {@link finish} gives them their
 * bytes. So nothing has to walk through the unpickled value, however deep or cyclic it is.
 */
export class StorageTable {
  readonly #file: string;
  readonly #budget: Budget;
  readonly #records = new Map<string, StorageRecord>();
  readonly #views = new Map<LoadedTensor, StorageView>();
  readonly #sources = new Map<LoadedTensor, number>();
  readonly #pending: PendingTensor[] = [];

  constructor(file: string, budget: Budget) {
    this.#file = file;
    this.#budget = budget;
  }

  /** By key, in the pickle's order. */
  get records(): ReadonlyMap<string, StorageRecord> {
    return this.#records;
  }

  /**
   * Resolves ('storage', type, key, location, numel) and, in the legacy format, view_metadata: None or
   * (view key, offset, size).
   */
  persistentLoad(id: unknown, call: PickleCall): LoadedTensor {
    if (!isTuple(id) || id[0] !== 'storage' || id.length < 5 || id.length > 6) {
      call.fail('a persistent id that is not a storage');
    }
    const [, type, key, , elements, view = null] = id;
    if (!(type instanceof StorageType)) call.fail(`a storage whose type is ${describe(type)}`);
    if (typeof key !== 'string' && !isCount(key)) call.fail(`a storage whose key is ${describe(key)}`);
    if (!isCount(elements)) call.fail('a storage whose number of elements is not a natural number');
    const record = this.#record(String(key), type.dtype, elements, call);
    return view === null ? record.tensor : this.#view(record, view, call);
  }

  #record(key: string, dtype: DType, elements: number, call: PickleCall): StorageRecord {
    const known = this.#records.get(key);
    if (known !== undefined) {
      if (known.dtype !== dtype || known.elements !== elements) {
        const was = `${known.elements} × ${known.dtype}`;
        call.fail(`storage ${quote(key)} appears with ${was} and with ${elements} × ${dtype} elements`);
      }
      return known;
    }
    const bytes = byteCount(dtype, [elements]);
    if (bytes === undefined)
      call.fail(`storage ${quote(key)} with ${elements} elements, more than can be counted`);
    this.#budget.take(bytes, `storage ${quote(key)} with ${bytes} bytes`);
    const tensor = new LoadedTensor(dtype, [elements]);
    const record = { key, dtype, elements, bytes, tensor };
    this.#records.set(key, record);
    this.#sources.set(tensor, bytes);
    return record;
  }

  #view(source: StorageRecord, view: unknown, call: PickleCall): LoadedTensor {
    const [, offset, size] = isTuple(view) ? view : [];
    if (!isCount(offset) || !isCount(size)) call.fail('a storage view that is not (key, offset, size)');
    if (offset + size > source.elements) {
      call.fail(`a view of ${size} elements at ${offset} in a storage of ${source.elements}`);
    }
    const tensor = new LoadedTensor(source.dtype, [size]);
    this.#views.set(tensor, { source, offset });
    this.#sources.set(tensor, size * DTYPE_BYTES[source.dtype]);
    return tensor;
  }

  /**
   * A tensor that views `storage`; its data arrives at the end.
   *
   * @param dtype where it is not the storage's (untyped storages)
   */
  rebuild(
    storage: unknown,
    offset: unknown,
    shape: unknown,
    stride: unknown,
    call: PickleCall,
    dtype?: DType,
  ): LoadedTensor {
    const bytes = storage instanceof LoadedTensor ? this.#sources.get(storage) : undefined;
    if (bytes === undefined) call.fail(`a tensor whose storage is ${describe(storage)}`);
    const source = storage as LoadedTensor;
    // A view may begin between two elements of a wider type.
    if (dtype !== undefined && this.#views.has(source)) call.fail(`a ${dtype} tensor on a view of a storage`);
    if (!isCount(offset)) call.fail('a tensor whose storage offset is not a natural number');
    const sizes = naturals(shape, 'size', call);
    const strides = naturals(stride, 'stride', call);
    if (sizes.length !== strides.length) {
      call.fail(`a tensor with ${sizes.length} sizes but ${strides.length} strides`);
    }
    const tensor = new LoadedTensor(dtype ?? source.dtype, sizes);
    const layout = { offset, shape: sizes, stride: strides };
    const count = elementCount(sizes);
    if (count === undefined) call.fail(`a tensor of size [${sizes.join(', ')}], more than can be counted`);
    if (count === 0) return tensor;
    const room = Math.floor(bytes / DTYPE_BYTES[tensor.dtype]);
    const last = lastElement(layout);
    if (last === undefined || last >= room) {
      const found = `size [${sizes.join(', ')}], stride [${strides.join(', ')}] and offset ${offset}`;
      call.fail(`a tensor of ${found} reaches element ${last ?? 'beyond counting'} of a storage of ${room}`);
    }
    if (!isContiguous(layout)) {
      this.#budget.takeDerived(
        count * DTYPE_BYTES[tensor.dtype],
        `a strided tensor of size [${sizes.join(', ')}]`,
      );
    }
    this.#pending.push({ tensor, source, ...layout });
    return tensor;
  }

  /** Hands over a storage's bytes: exactly {@link StorageRecord.bytes}, aligned to its elements. */
  fill(record: StorageRecord, data: Uint8Array): void {
    record.tensor.data = data;
  }

  /** To be called when all storages are filled. */
  finish(): void {
    for (const [tensor, { source, offset }] of this.#views) {
      const bytes = DTYPE_BYTES[source.dtype];
      tensor.data = source.tensor.data.subarray(offset * bytes, (offset + (tensor.shape[0] ?? 0)) * bytes);
    }
    for (const { tensor, source, ...layout } of this.#pending) {
      const length = byteCount(tensor.dtype, tensor.shape) as number;
      if (isContiguous(layout)) {
        const start = layout.offset * DTYPE_BYTES[tensor.dtype];
        tensor.data = source.data.subarray(start, start + length);
      } else {
        tensor.data = allocate(length, 'a strided tensor', this.#file);
        gather(source.data, tensor.dtype, layout, tensor.data);
      }
    }
  }
}

function naturals(value: unknown, what: string, call: PickleCall): readonly number[] {
  if (!Array.isArray(value)) call.fail(`a tensor whose ${what} is ${describe(value)}`);
  if (value.length > MAX_RANK)
    call.fail(`a tensor of ${value.length} dimensions, where at most ${MAX_RANK} exist`);
  for (const number of value) {
    if (!isCount(number)) call.fail(`a tensor whose ${what} has an entry that is not a natural number`);
  }
  // Copied: a list could be changed by a later opcode, after the checks.
  return isTuple(value) ? (value as readonly number[]) : Object.freeze([...value]);
}
