// Weights from files into networks: what a network and a file both have goes over; what was taken and what was not is
// told, not printed.

import { DataError } from '../files/index.js';
import { TASKS, type Task } from '../labels/index.js';
import { identifyBackbone } from './fitting.js';
import type { Network } from './network.js';
import { filePartsOf, fill, headSizes, headTasks, partsOf } from './parts.js';
import { type PretrainedWeights, pretrainedOf } from './pretrained.js';
import { backboneOf } from './registry.js';
import { type NetworkSpec, outputsOf } from './spec.js';
import { readWeightFile, type WeightFile } from './weight-file.js';

export interface LoadWeightsOptions {
  /** Take only this, whatever else the file holds. */
  only?: 'backbone';
}

/** Parts are named as in `parts.ts`: `backbone`, `EXPR head`, `EXPR GRU head`, and so on. */
export interface WeightsReport {
  file: string;
  /** Parts of the network that now have the file's values. */
  taken: string[];
  /** Parts of the network that keep the values they had. */
  kept: string[];
  /** Of the file: parts that the network lacks or that were not wanted, and the keys of a classifier. */
  left: string[];
  /** What is known of the file, by its name. */
  pretrained?: PretrainedWeights;
}

/** What else can be done with heads that do not fit. */
const BACKBONE_ONLY = 'Or take its backbone only';

/** Which task each head of a file is for, if its outputs mean what the network's do. */
function tasksInFile(weights: WeightFile, spec: NetworkSpec): readonly Task[] {
  const { info, file } = weights;
  if (info !== undefined) {
    const labels = ({ expressions, actionUnits }: NetworkSpec['schema']) =>
      JSON.stringify([expressions, actionUnits]);
    const { tasks, schema } = info.network;
    if (labels(schema) === labels(spec.schema)) return tasks;
    const found = `heads for the labels of ${schema.name}`;
    throw new DataError({ file }, { found, expected: `those of ${spec.schema.name}`, hint: BACKBONE_ONLY });
  }
  const sizes = headSizes(weights);
  const [tasks, other] = headTasks(sizes, spec.schema);
  if (tasks !== undefined && other === undefined) return tasks;
  const outputs = TASKS.map((task) => `${outputsOf(spec, task)} for ${task}`).join(', ');
  throw new DataError(
    { file },
    {
      found: `heads of ${sizes.join(', ')} outputs`,
      expected: `heads of ${spec.schema.name}: ${outputs}`,
      hint: BACKBONE_ONLY,
    },
  );
}

/**
 * Fills a network from a file: one of our models, a checkpoint of the reference system, or the weights of a backbone, with
 * or without the classifier it was trained with. Every part that both have (the backbone, each task's head, each task's GRU
 * head) is taken, so that a network for pictures also starts one for sequences. Where a backbone's weights suit one size of input
 * alone, those of another size are brought to the network's.
 * @throws CheckpointError when it is no file of weights, DataError that lists what does not fit; the network is then unchanged
 */
export async function loadWeights(
  network: Network,
  file: string,
  { only }: LoadWeightsOptions = {},
): Promise<WeightsReport> {
  const weights = await readWeightFile(file);
  const { spec } = network;
  const bare = weights.kind === 'backbone';
  const backboneOnly = bare || only === 'backbone';
  const { parts, dropped } = filePartsOf(
    weights,
    spec.backbone,
    backboneOnly ? [] : tasksInFile(weights, spec),
  );
  const own = parts.get('backbone');
  const suited = own && backboneOf(spec.backbone).suitedTo?.(own, spec.inputSize);
  if (suited !== undefined) parts.set('backbone', suited);
  const taken = fill(network, file, parts, () => {
    const { backbone, problems } = identifyBackbone(weights.backbone, bare);
    if (problems.length === 0 && backbone.name !== spec.backbone) return `They are those of ${backbone.name}`;
    return backboneOnly ? undefined : BACKBONE_ONLY;
  });
  const unwanted = weights.heads.length > 0 && backboneOnly ? ['heads'] : [];
  const pretrained = bare ? pretrainedOf(file) : undefined;
  return {
    file,
    taken,
    kept: [...partsOf(network).keys()].filter((name) => !taken.includes(name)),
    left: [...[...parts.keys()].filter((name) => !taken.includes(name)), ...unwanted, ...dropped],
    ...(pretrained && { pretrained }),
  };
}
