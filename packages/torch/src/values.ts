import type { Generator } from './generator.js';
import type { Tensor } from './tensor.js';

/** A complex number, where an operator takes or returns one. */
export class Complex {
  constructor(
    readonly re: number,
    readonly im: number,
  ) {}
}

/** What PyTorch calls a Scalar. An integral JavaScript number counts as an integer, any other as a float. */
export type Scalar = number | bigint | boolean | Complex;

/** Memory layouts of dense tensors. */
export type MemoryFormat = 'contiguous' | 'preserve' | 'channels_last' | 'channels_last_3d';

export type Layout =
  | 'strided'
  | 'sparse_coo'
  | 'sparse_csr'
  | 'sparse_csc'
  | 'sparse_bsr'
  | 'sparse_bsc'
  | 'mkldnn';

/** `'cpu'`, `'cuda'`, `'cuda:1'`, `'meta'`. */
export type Device = 'cpu' | 'cuda' | 'meta' | (string & {});

/** Anything that can be an argument of an operator. */
export type Argument =
  | Tensor
  | Generator
  | Scalar
  | string
  | null
  | undefined
  | readonly Argument[]
  | Int32Array
  | Float64Array;
