// What an ONNX file says about its model: the whole description for programs, the same in words for people who open the file
// in a viewer.

import type { Task } from '../../labels/index.js';
import { MODEL_KEY, type ModelInfo } from '../info.js';
import { outputsOf, VA_BINS } from '../spec.js';

/** The graph's only input: normalised pixels. */
export const INPUT = 'images';

/** Key of the hash of the file's own weights. */
export const WEIGHTS_HASH_KEY = 'mien.weights.sha256';
/** Key of the hash of the weights that the file was made of. */
export const SOURCE_HASH_KEY = 'mien.source.sha256';
export const PRECISION_KEY = 'mien.precision';

export const PRECISIONS = ['fp32', 'fp16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

function describeOutput({ network, decoding }: ModelInfo, task: Task): string {
  const { schema } = network;
  if (task === 'EXPR') return `logits, softmax gives probabilities: ${schema.expressions.join(', ')}`;
  if (task === 'AU') return `logits, sigmoid gives probabilities: ${schema.actionUnits.join(', ')}`;
  const points = decoding === 'endpoints' ? '-1 to 1 in equal steps' : 'centres of equal bins of -1 to 1';
  const what = `logits over ${VA_BINS} points (${points})`;
  return `${what}, first for valence, then for arousal; softmax, then the expectation of the points`;
}

/** Entries for people: no program reads them. */
function inWords(info: ModelInfo): [string, string][] {
  const { network, input, training, licence, origin, thresholds } = info;
  const { mean, std, scale } = input.normalization;
  const clip = network.sequence === undefined ? 'batch' : 'batch, time';
  const size = network.inputSize;
  const entries: [string, string | undefined][] = [
    ['network', `${network.backbone}${network.sequence === undefined ? '' : ' with GRUs over time'}`],
    [
      'input',
      `${INPUT}: float32 [${clip}, 3, ${size}, ${size}], RGB, (byte / 255 * ${scale} - [${mean}]) / [${std}]; ` +
        `of a face crop whose shorter edge was resized to ${input.edge}, the centre`,
    ],
    ...network.tasks.map((task): [string, string] => [
      `output.${task}`,
      `[${clip}, ${outputsOf(network, task)}] ${describeOutput(info, task)}`,
    ]),
    ['labels', network.schema.name],
    ['thresholds', thresholds && JSON.stringify(thresholds)],
    [
      'training',
      training && `${training.phase} ${training.member}, epoch ${training.epoch}, mien ${training.mien}`,
    ],
    ['origin', origin],
    ['licence', licence ?? 'not stated'],
  ];
  return entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
}

/** @param source hash of the weights that the model was made of @param weights hash of those in the file */
export function metadataOf(
  info: ModelInfo,
  { precision, source, weights }: { precision: Precision; source: string; weights: string },
): Map<string, string> {
  return new Map([
    [MODEL_KEY, JSON.stringify(info)],
    [PRECISION_KEY, precision],
    [WEIGHTS_HASH_KEY, weights],
    [SOURCE_HASH_KEY, source],
    ...inWords(info),
  ]);
}
