// The network that a member starts from, and what its files will say of it.

import { join } from 'node:path';
import { DataError, statIfThere } from '../files/index.js';
import {
  type ByTask,
  backboneOf,
  buildNetwork,
  loadWeights,
  type ModelInfo,
  type Network,
  type NetworkSpec,
  SequenceNetwork,
} from '../models/index.js';
import { version } from '../version.js';
import type { PhaseData } from './phase-data.js';
import type { PhaseRecipe } from './recipe.js';
import { BEST, memberFolder, TEACHER } from './run-folder.js';
import { evaluationEdge } from './transforms.js';

export interface Start {
  recipe: PhaseRecipe;
  data: PhaseData;
  phase: string;
  member: string;
  seed: number;
}

function specOf({ recipe: { model }, data }: Start): NetworkSpec {
  const { backbone, inputSize, hidden, dropout, sequence } = model;
  return {
    backbone,
    inputSize,
    hidden,
    dropout,
    tasks: data.tasks.map(({ task }) => task),
    schema: data.schema,
    ...(sequence && { sequence: { length: sequence.length, hidden: sequence.hidden } }),
  };
}

function infoOf(start: Start, network: NetworkSpec): ModelInfo {
  const { recipe, data, phase, member, seed } = start;
  const sets: ByTask<string[]> = {};
  for (const { task, manifest } of data.tasks) sets[task] = [...manifest.faces.dataset.names];
  return {
    version: 1,
    network,
    input: {
      edge: evaluationEdge(recipe),
      normalization: backboneOf(recipe.model.backbone).normalization,
    },
    ...(recipe.input.crop && { crop: recipe.input.crop }),
    decoding: recipe.loss.decoding,
    training: { mien: version, phase, member, seed, epoch: 0, data: sets },
  };
}

/** The network for pictures of the phase before: the member's counterpart, or else the teacher. */
async function counterpart({ folder, phase }: { folder: string; phase: string }, member: string) {
  for (const name of [member, TEACHER]) {
    const file = join(memberFolder(folder, phase, name), BEST);
    if ((await statIfThere(file)) !== undefined) return file;
  }
  throw new DataError(
    { file: folder },
    { found: `no network of phase ${phase}`, expected: 'one to start from', hint: 'Train that phase first' },
  );
}

/**
 * Makes the network with fresh weights, then takes over those that the recipe names.
 * @param before the phase before in the same run, where there is one
 * @throws DataError when weights do not fit, or a sequence network has none to start from
 */
export async function networkOf(
  start: Start,
  before: { folder: string; phase: string } | undefined,
): Promise<{ network: Network; info: ModelInfo }> {
  const { model, quirks } = start.recipe;
  const spec = specOf(start);
  const network = buildNetwork(spec);
  if (model.pretrained !== null) await loadWeights(network, model.pretrained);
  if (network instanceof SequenceNetwork && model.sequence !== null) {
    const { from, frozen } = model.sequence;
    const file = from ?? (before && (await counterpart(before, start.member)));
    if (file !== undefined) await loadWeights(network.backbone, file);
    else if (frozen && model.pretrained === null)
      throw new DataError(
        { file: 'model.sequence.from' },
        {
          found: 'nothing',
          expected:
            'the network for pictures whose features the GRUs read, since model.sequence.frozen is true',
          hint: 'Such as --set model.sequence.from=runs/cnn/teacher/best.safetensors',
        },
      );
    if (frozen && quirks.frozenMoves) network.backbone.requiresGrad_(false);
    else if (frozen) network.backbone.freeze();
  }
  return { network, info: infoOf(start, spec) };
}
