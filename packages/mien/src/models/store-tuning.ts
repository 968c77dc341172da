// Writes another description into a model's file; its weights stay as they are, bit for bit.

import { readSafetensors, writeSafetensors } from '@mien/torch';
import { DataError } from '../files/index.js';
import { MODEL_INFO, MODEL_KEY, type ModelInfo, parseInfo } from './info.js';
import { rewriteOnnxInfo } from './onnx/rewrite.js';

/** What a model's info becomes. */
export type ChangeInfo = (info: ModelInfo) => ModelInfo;

/** @throws DataError for a file that has no room for a description */
export function checkStorable(file: string): void {
  if (/\.(onnx|safetensors)$/.test(file)) return;
  throw new DataError(
    { file },
    {
      found: 'a checkpoint, which has no room for a description',
      expected: '.onnx or .safetensors',
      hint: `Make one: mien export ${file} --out model.safetensors`,
    },
  );
}

/**
 * Changes what a model's file says about it, `.onnx` or `.safetensors`, whole or not at all. Weights and their hash stay.
 * @throws DataError or CheckpointError when the file is no model of ours or cannot be written; z.ZodError when `change` gives
 * what is no info
 */
export async function storeTuning(file: string, change: ChangeInfo): Promise<void> {
  const changed: ChangeInfo = (info) => MODEL_INFO.parse(change(info));
  checkStorable(file);
  if (file.endsWith('.onnx')) return rewriteOnnxInfo(file, changed);
  const { tensors, metadata } = await readSafetensors(file);
  const info = changed(parseInfo(file, metadata.get(MODEL_KEY)));
  await writeSafetensors(file, tensors, {
    metadata: new Map(metadata).set(MODEL_KEY, JSON.stringify(info)),
  });
}
