import type { PickleGlobals, PickleLimits } from './pickle-types.js';
import type { RawStateDict } from './raw-tensor.js';
import type { StateDictOptions } from './state-dict.js';

/** The structure of a checkpoint, without its tensors' data, is kept in memory whole; larger ones are refused. */
export const MAX_PICKLE_BYTES = 512 << 20;

export interface PthOptions {
  /** Most bytes that the file's tensors may take in memory; 16 GiB by default. */
  readonly maxBytes?: number;
  /** Further names to admit, beside PyTorch's, NumPy's and Python's own for plain data. */
  readonly globals?: PickleGlobals;
  /** Bounds on the file's structure, where the defaults ({@link PICKLE_LIMITS}) do not suit. */
  readonly limits?: Partial<PickleLimits>;
}

/** What a checkpoint file of PyTorch holds. */
export interface PthFile {
  /** As it was given. */
  readonly path: string;
  /** `zip` since PyTorch 1.6, `legacy` before (and on request since). */
  readonly format: 'zip' | 'legacy';
  /**
   * The saved object. dict and OrderedDict → `Map`, list → array, tuple → frozen array, tensor and parameter →
   * {@link RawTensor}, None → `null`, a dtype or device → its name, NumPy scalars → numbers. It may contain itself.
   */
  readonly value: unknown;
  /** Bytes of memory that the tensors took. */
  readonly decodedBytes: number;
  /** Bytes behind the checkpoint's end that were not read, as torch.load does not either. */
  readonly trailingBytes: number;
  /**
   * The tensors by name.
   *
   * @throws CheckpointError `invalid` where it is not clear which dictionary is meant; it lists the keys there are
   */
  stateDict(options?: StateDictOptions): RawStateDict;
}

/** What the readers of the two formats return. */
export type PthContent = Pick<PthFile, 'value' | 'decodedBytes' | 'trailingBytes'>;
