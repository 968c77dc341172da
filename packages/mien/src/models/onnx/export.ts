// A model as one ONNX file that carries everything needed to use it, written only when it says what the network says.

import { writeWhole } from '../../files/index.js';
import type { LoadedModel } from '../files.js';
import { convertNetwork } from './convert.js';
import { foldBatchNorms } from './fold.js';
import { toHalf } from './half.js';
import { metadataOf, type Precision } from './metadata.js';
import { type Validation, validateOnnx } from './validate.js';
import { hashOfWeights, OnnxExportError, writeOnnx } from './write.js';

/** Largest errors that pass, relative to max(1, |value|). In float16 each of some fifty layers rounds at 2^−11. */
export const TOLERANCES: Readonly<Record<Precision, number>> = {
  fp32: 1e-4,
  fp16: 3e-2,
  int8: Number.POSITIVE_INFINITY,
};

export interface ExportOptions {
  /** Default: fp32. */
  precision?: Precision;
  /** Also gives each task's features. Default: false. */
  features?: boolean;
}

export interface ExportReport {
  file: string;
  bytes: number;
  precision: Precision;
  validation: Validation;
}

export async function exportOnnx(
  file: string,
  { network, info, hash }: LoadedModel,
  { precision = 'fp32', features = false }: ExportOptions = {},
): Promise<ExportReport> {
  const graph = convertNetwork(network, { features });
  foldBatchNorms(graph);
  const final = precision === 'fp16' ? toHalf(graph) : graph;
  const metadata = metadataOf(info, { precision, source: hash, weights: hashOfWeights(final) });
  const bytes = writeOnnx(final, metadata);
  const validation = await validateOnnx(bytes, network, {
    normalization: info.input.normalization,
    tolerance: TOLERANCES[precision],
  });
  if (!validation.passed) throw new OnnxExportError(`not written ${JSON.stringify(validation)}`);
  writeWhole(file, bytes);
  return { file, bytes: bytes.length, precision, validation };
}
