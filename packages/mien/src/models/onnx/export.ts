// A model as one ONNX file that carries everything needed to use it, written only when it says what the network says.

import { writeWhole } from '../../files/index.js';
import type { LoadedModel } from '../files.js';
import type { ModelInfo } from '../info.js';
import type { ByTask } from '../network.js';
import { compareModels, type Difference } from './accuracy.js';
import type { Calibration } from './calibration.js';
import { convertNetwork } from './convert.js';
import { foldBatchNorms } from './fold.js';
import type { Graph } from './graph.js';
import { toHalf } from './half.js';
import { metadataOf, type Precision } from './metadata.js';
import { planQuantisation, quantise } from './quantise.js';
import { measureRanges } from './ranges.js';
import { type Validation, validateOnnx } from './validate.js';
import { hashOfWeights, OnnxExportError, writeOnnx } from './write.js';

/**
 * Largest errors that pass, relative to max(1, |value|). float16 rounds at 2^−11 in each of up to some hundred layers. Eight bits
 * are judged by predictions on real pictures instead.
 */
export const TOLERANCES: Readonly<Record<Precision, number>> = {
  fp32: 1e-4,
  fp16: 0.1,
  int8: Number.POSITIVE_INFINITY,
};

/** How far predictions of eight bits may be from the float model's, on the mean of each task, unless something else is asked for. */
export const INT8_TOLERANCE = 0.02;

export interface ExportOptions {
  /** Default: fp32. */
  precision?: Precision;
  /** Also gives each task's features. Default: false. */
  features?: boolean;
  /** Needed for int8. */
  calibration?: Calibration;
  /** Of int8: how far predictions may be from the float model's, on the mean of each task. Default: 0.02. */
  int8Tolerance?: number;
}

export interface Quantisation {
  /** The layer that sees the pixels had to stay in float. */
  floatFirst: boolean;
  /** From the float model, on pictures that were held back. */
  differences: ByTask<Difference>;
}

export interface ExportReport {
  file: string;
  bytes: number;
  precision: Precision;
  /** Names of the outputs. */
  outputs: string[];
  validation: Validation;
  quantisation?: Quantisation;
}

const accurate = ({ differences }: Quantisation, tolerance: number) =>
  Object.values(differences).every(({ mean }) => mean <= tolerance);

/** In eight bits throughout; where that costs too much, with a first layer in float. */
async function quantiseWell(
  graph: Graph,
  info: ModelInfo,
  { fit, heldBack }: Calibration,
  tolerance: number,
): Promise<{ graph: Graph; quantisation: Quantisation }> {
  const float = writeOnnx(graph, new Map());
  const tried: Quantisation[] = [];
  for (const floatFirst of [false, true]) {
    const plan = planQuantisation(graph, { floatFirst });
    const small = quantise(graph, plan, await measureRanges(graph, plan.values, fit));
    const differences = await compareModels(float, writeOnnx(small, new Map()), info, heldBack);
    const quantisation = { floatFirst, differences };
    if (accurate(quantisation, tolerance)) return { graph: small, quantisation };
    tried.push(quantisation);
  }
  const words = tried.map(({ differences }) =>
    Object.entries(differences)
      .map(([task, { mean }]) => `${task} ${mean.toFixed(3)}`)
      .join(', '),
  );
  throw new OnnxExportError(
    `in eight bits predictions differ by ${words.join('; with the first layer in float by ')} on average, more than ${tolerance}; use fp16`,
  );
}

async function inPrecision(
  graph: Graph,
  precision: Precision,
  info: ModelInfo,
  { calibration, int8Tolerance = INT8_TOLERANCE }: ExportOptions,
): Promise<{ graph: Graph; quantisation?: Quantisation }> {
  if (precision === 'fp16') return { graph: toHalf(graph) };
  if (precision === 'fp32') return { graph };
  if (calibration === undefined) throw new OnnxExportError('int8 needs pictures to be fitted to');
  return quantiseWell(graph, info, calibration, int8Tolerance);
}

/**
 * Writes a model as ONNX, whole or not at all, after ONNX Runtime has given what libtorch gives. Input `images`, normalised
 * [N, 3, S, S], of sequences [B, T, 3, S, S]; outputs `EXPR`, `AU` and `VA`, those of the network's tasks, logits.
 * @throws OnnxExportError when the network cannot be said in ONNX, or says something else there
 */
export async function exportOnnx(
  file: string,
  { network, info, hash }: LoadedModel,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const { precision = 'fp32', features = false } = options;
  const whole = convertNetwork(network, { features });
  foldBatchNorms(whole);
  const { graph, quantisation } = await inPrecision(whole, precision, info, options);
  const metadata = metadataOf(info, { precision, source: hash, weights: hashOfWeights(graph) });
  const bytes = writeOnnx(graph, metadata);
  const tolerance = TOLERANCES[precision];
  const { normalization } = info.input;
  const validation = await validateOnnx(bytes, network, { normalization, tolerance });
  if (!validation.passed) throw new OnnxExportError(failureOf(validation));
  writeWhole(file, bytes);
  const outputs = graph.outputs.map(({ name }) => name);
  return { file, bytes: bytes.length, precision, outputs, validation, ...(quantisation && { quantisation }) };
}

function failureOf({ errors, allowed }: Validation): string {
  const words = Object.entries(errors).map(
    ([name, { largest }]) =>
      `${name} ${largest.toExponential(1)} (allowed ${allowed[name]?.toExponential(1)})`,
  );
  return `not written: ONNX Runtime differs from libtorch by ${words.join(', ')}`;
}
