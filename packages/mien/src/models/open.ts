// Any file that holds a whole model.

import { openSafetensors } from '@mien/torch';
import { type LoadedModel, loadModel } from './files.js';
import { type ImportOptions, importCheckpoint } from './import.js';
import { MODEL_KEY } from './info.js';

async function isDescribed(file: string): Promise<boolean> {
  if (!file.endsWith('.safetensors')) return false;
  await using opened = await openSafetensors(file);
  return opened.metadata.has(MODEL_KEY);
}

/**
 * Opens a model that was saved here (`.safetensors`) or a checkpoint of the reference system (`.pth`), in evaluation mode.
 * @param options for what a checkpoint does not say about itself
 * @throws CheckpointError or DataError when it is neither
 */
export async function openModel(file: string, options: ImportOptions = {}): Promise<LoadedModel> {
  return (await isDescribed(file)) ? loadModel(file) : importCheckpoint(file, options);
}
