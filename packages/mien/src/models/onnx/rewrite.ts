// Another description in an ONNX file: all else is copied byte by byte.

import { readFileSync } from 'node:fs';
import { DataError, OutputFile, systemProblem } from '../../files/index.js';
import type { ModelInfo } from '../info.js';
import { metadataOf, PRECISION_KEY, type Precision, SOURCE_HASH_KEY, WEIGHTS_HASH_KEY } from './metadata.js';
import { bytesIn, fieldsOf, Message } from './protobuf.js';
import { MODEL_FIELDS, parseOnnxInfo } from './read.js';

/** What the file says about itself, with another info; entries that others put there stay. */
function newMetadata(
  { info, metadata }: ReturnType<typeof parseOnnxInfo>,
  change: (info: ModelInfo) => ModelInfo,
): Map<string, string> {
  const stated = {
    precision: metadata.get(PRECISION_KEY) as Precision,
    source: metadata.get(SOURCE_HASH_KEY) ?? '',
    weights: metadata.get(WEIGHTS_HASH_KEY) ?? '',
  };
  const before = metadataOf(info, stated);
  const others = [...metadata].filter(([key]) => !before.has(key));
  return new Map([...metadataOf(change(info), stated), ...others]);
}

/**
 * Rewrites the file whole or not at all.
 * @throws DataError when it is no ONNX file of ours, or cannot be written
 */
export function rewriteOnnxInfo(file: string, change: (info: ModelInfo) => ModelInfo): void {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new DataError({ file }, { found: systemProblem(cause), expected: 'an ONNX file', cause });
  }
  const entries = new Message();
  for (const [key, value] of newMetadata(parseOnnxInfo(bytes, file), change))
    entries.message(MODEL_FIELDS.metadata, new Message().text(1, key).text(2, value));
  const output = new OutputFile(file);
  let written = false;
  let at = 0;
  for (const { field, end } of fieldsOf(bytesIn(bytes))) {
    // Where the first entry stood, so that readers find them before the weights.
    if (field !== MODEL_FIELDS.metadata) output.write(bytes.subarray(at, end));
    else if (!written) output.write(entries.toBytes());
    written ||= field === MODEL_FIELDS.metadata;
    at = end;
  }
  output.commit();
}
