// Models in files: weights as safetensors with the model's info in the same file's metadata.

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { openSafetensors, readSafetensors, saveTensors } from '@mien/torch';
import { DataError, makeFolder } from '../files/index.js';
import { MODEL_KEY, type ModelInfo, parseInfo } from './info.js';
import { buildNetwork, type ImageNetwork, type Network, type SequenceNetwork } from './network.js';

/** Writes a model whole or not at all; folders on the way are made. */
export async function saveModel(file: string, network: Network, info: ModelInfo): Promise<void> {
  makeFolder(dirname(file));
  await saveTensors(file, network.stateDict(), { metadata: { [MODEL_KEY]: JSON.stringify(info) } });
}

/** The description alone; works without the training engine. @throws DataError or CheckpointError when the file is no model */
export async function readModelInfo(file: string): Promise<ModelInfo> {
  await using opened = await openSafetensors(file);
  return parseInfo(file, opened.metadata.get(MODEL_KEY));
}

export interface LoadedModel {
  network: ImageNetwork | SequenceNetwork;
  info: ModelInfo;
  /** SHA-256 of the weights. */
  hash: string;
}

/** Loads a model, in evaluation mode. @throws DataError or CheckpointError when the file is no model, or its weights do not fit */
export async function loadModel(file: string): Promise<LoadedModel> {
  const { tensors, metadata } = await readSafetensors(file);
  const info = parseInfo(file, metadata.get(MODEL_KEY));
  const network = buildNetwork(info.network);
  try {
    network.loadStateDict(tensors);
  } catch (cause) {
    const found = (cause as Error).message;
    throw new DataError({ file }, { found, expected: 'the weights of the network it describes', cause });
  }
  return { network: network.eval(), info, hash: hashOf(network) };
}

/** SHA-256 of a network's weights with their keys; the same wherever they came from. */
export function hashOf(network: Network): string {
  const hash = createHash('sha256');
  for (const [key, tensor] of network.stateDict()) {
    using owned = tensor;
    const { buffer } = owned.toTypedArray();
    hash.update(key).update(new Uint8Array(buffer));
  }
  return hash.digest('hex');
}
