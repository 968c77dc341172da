// Small models in files, for tests of reading.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualSeed } from '@mien/torch';
import { buildNetwork, loadModel, type ModelInfo, type NetworkSpec, saveModel } from 'mien/models';
import { exportOnnx } from 'mien/models/onnx';
import { spec } from '../models/networks.js';
import { infoOf } from '../models/onnx/exporting.js';

/** Writes a model with random weights. @returns its file */
export async function writeModel(
  file: string,
  { seed = 1, info = {}, ...over }: Partial<NetworkSpec> & { seed?: number; info?: Partial<ModelInfo> } = {},
): Promise<string> {
  manualSeed(seed);
  const network = buildNetwork(spec(over));
  await saveModel(file, network, { ...infoOf(network.spec), ...info });
  network.dispose();
  return file;
}

/** Exports a model beside itself. @returns the ONNX file */
export async function exported(file: string): Promise<string> {
  const onnx = file.replace(/\.safetensors$/, '.onnx');
  const model = await loadModel(file);
  await exportOnnx(onnx, model);
  model.network.dispose();
  return onnx;
}

/** Puts a member into a run, as training leaves it. @returns the model's file */
export async function writeMember(
  run: string,
  member: string,
  { done = true, ...over }: Parameters<typeof writeModel>[1] & { done?: boolean } = {},
): Promise<string> {
  const folder = join(run, member);
  mkdirSync(folder, { recursive: true });
  if (done) writeFileSync(join(folder, 'done.json'), '{}\n');
  return writeModel(join(folder, 'best.safetensors'), over);
}
