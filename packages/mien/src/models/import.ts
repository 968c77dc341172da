// Checkpoints of the reference system as models: what they do not say about themselves, the shapes of their tensors tell.

import { basename } from 'node:path';
import { DataError } from '../files/index.js';
import { type LabelSchema, SCHEMAS, TASKS, type Task } from '../labels/index.js';
import { paperEdge } from '../loading/index.js';
import { hashOf, type LoadedModel } from './files.js';
import { identifyBackbone, list } from './fitting.js';
import { buildNetwork } from './network.js';
import { filePartsOf, fill, headSizes, headTasks } from './parts.js';
import { readWeightFile, type WeightFile } from './weight-file.js';
import { windowLengthAt } from './window-length.js';

export interface ImportOptions {
  /** Default: abaw1 or abaw3, by the heads' sizes. */
  schema?: LabelSchema;
  /** What each head is for, in the file's order. Default: by the heads' sizes. */
  tasks?: readonly Task[];
  /** Edge of the square input, pixels; any fits the weights. Default: 112, that of the published checkpoints. */
  inputSize?: number;
  /** Frames of a window. Default: the number in a folder named `Seq_len=N`, as they are published; else 32. */
  length?: number;
}

const INPUT_SIZE = 112;

interface Heads {
  schema: LabelSchema;
  /** In the file's order. */
  tasks: readonly Task[];
}

/** @throws DataError that says what to state when sizes alone do not tell */
function headsOf(weights: WeightFile, options: ImportOptions): Heads {
  const { file } = weights;
  const sizes = headSizes(weights);
  const schemas = options.schema === undefined ? [...SCHEMAS.values()] : [options.schema];
  const candidates = schemas.flatMap((schema) =>
    headTasks(sizes, schema).map((tasks): Heads => ({ schema, tasks })),
  );
  const wanted = candidates.filter(
    ({ tasks }) => options.tasks === undefined || options.tasks.join() === tasks.join(),
  );
  const [first, ...others] = wanted;
  const found = `heads of ${sizes.map((size) => size ?? 'unknown').join(', ')} outputs`;
  if (first === undefined) {
    const names = schemas.map(
      ({ name, expressions, actionUnits }) =>
        `${name} (${expressions.length} expressions, ${actionUnits.length} action units)`,
    );
    const tasks = options.tasks === undefined ? '' : ` and the tasks ${options.tasks.join(', ')}`;
    throw new DataError(
      { file },
      {
        found,
        expected: `those of ${names.join(' or ')}, and 40 for valence and arousal${tasks}`,
        hint: 'Say which label schema it was trained with',
      },
    );
  }
  // Valence and arousal are the same in every schema.
  const same = others.every(({ tasks }) => tasks.join() === 'VA' && first.tasks.join() === 'VA');
  if (same) return first;
  const meanings = wanted.map(({ schema, tasks }) => `${tasks.join(' and ')} of ${schema.name}`);
  throw new DataError(
    { file },
    {
      found: `${found}, which may be ${meanings.join(' or ')}`,
      hint: 'Say which label schema it was trained with',
    },
  );
}

function checkKind(weights: WeightFile): void {
  const { file, kind, heads, gruHeads } = weights;
  const expected = 'a checkpoint of a whole network, with keys such as backbone.model.… and classifier.0.…';
  if (kind === 'backbone') {
    const { backbone, problems } = identifyBackbone(weights.backbone, true);
    if (problems.length > 0) throw new DataError({ file }, { found: 'weights of something else', expected });
    throw new DataError(
      { file },
      {
        found: `the weights of a backbone alone (${backbone.name})`,
        expected,
        hint: 'Networks can be trained from them, but they tell nothing about faces yet',
      },
    );
  }
  if (heads.length === 0) throw new DataError({ file }, { found: 'no heads', expected });
  if (kind === 'sequence' && gruHeads.length !== heads.length)
    throw new DataError(
      { file },
      { found: `${heads.length} heads and ${gruHeads.length} GRU heads`, expected: 'as many of each' },
    );
}

/**
 * Makes a model of a checkpoint of the reference system: for pictures or for sequences, of any PyTorch format, of
 * `DataParallel` or not, with all tasks or some, with any registered backbone and any sizes of heads. Nothing else is
 * needed. The network is in evaluation mode.
 * @throws CheckpointError when it is no file of weights, DataError when it is no such checkpoint, or what it is for is unclear
 */
export async function importCheckpoint(file: string, options: ImportOptions = {}): Promise<LoadedModel> {
  const weights = await readWeightFile(file);
  checkKind(weights);
  const identified = identifyBackbone(weights.backbone, false);
  const { backbone, problems } = identified;
  if (problems.length > 0)
    throw new DataError(
      { file },
      {
        found: `a backbone that is none of those known; ${backbone.name} is the nearest (${list(problems)})`,
        expected: 'a registered backbone',
      },
    );
  const { schema, tasks } = headsOf(weights, options);
  const { inputSize = identified.inputSize ?? INPUT_SIZE, length = windowLengthAt(file) } = options;
  const hidden = weights.heads[0]?.get('fc_0.weight')?.shape[0];
  const gruHidden = weights.gruHeads[0]?.get('GRU_layer.weight_hh_l0')?.shape[1];
  const network = buildNetwork({
    backbone: backbone.name,
    inputSize,
    tasks: TASKS.filter((task) => tasks.includes(task)),
    schema,
    hidden: hidden ?? 128,
    dropout: 0,
    ...(weights.kind === 'sequence' && { sequence: { length, hidden: gruHidden ?? 64 } }),
  }).eval();
  fill(network, file, filePartsOf(weights, backbone.name, tasks).parts);
  return {
    network,
    info: {
      version: 1,
      network: network.spec,
      input: { edge: paperEdge(inputSize), normalization: backbone.normalization },
      decoding: 'endpoints',
      origin: `checkpoint of the reference system: ${basename(file)}`,
    },
    hash: hashOf(network),
  };
}
