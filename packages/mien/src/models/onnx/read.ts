// The description out of an ONNX file, without ONNX Runtime.

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DataError, systemProblem } from '../../files/index.js';
import { MODEL_KEY, type ModelInfo, parseInfo } from '../info.js';
import { WEIGHTS_HASH_KEY } from './metadata.js';
import { type ByteSource, bytesIn, fieldsOf, ProtobufError } from './protobuf.js';

/** Fields of onnx.proto's messages. */
export const MODEL_FIELDS = { graph: 7, metadata: 14 } as const;
const ENTRY = { key: 1, value: 2 };
const GRAPH = { initialiser: 5 };
const TENSOR = { name: 8, rawData: 9 };

export interface OnnxInfo {
  info: ModelInfo;
  /** All that the file says about itself. */
  metadata: ReadonlyMap<string, string>;
}

export interface ReadOnnxOptions {
  /** Also reads the weights and compares their hash with the one that stands in the file. Default: false. */
  verify?: boolean;
}

function textOf(source: ByteSource, { start, end }: { start: number; end: number }): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(source.read(start, end - start));
}

function metadataIn(source: ByteSource): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const entry of fieldsOf(source)) {
    if (entry.field !== MODEL_FIELDS.metadata) continue;
    let [key, value] = ['', ''];
    for (const part of fieldsOf(source, entry.start, entry.end)) {
      if (part.field === ENTRY.key) key = textOf(source, part);
      if (part.field === ENTRY.value) value = textOf(source, part);
    }
    metadata.set(key, value);
  }
  return metadata;
}

/** As `hashOfWeights`, from the file. */
function hashIn(source: ByteSource): string {
  const hash = createHash('sha256');
  for (const graph of fieldsOf(source)) {
    if (graph.field !== MODEL_FIELDS.graph) continue;
    for (const tensor of fieldsOf(source, graph.start, graph.end)) {
      if (tensor.field !== GRAPH.initialiser) continue;
      for (const { field, start, end } of fieldsOf(source, tensor.start, tensor.end))
        if (field === TENSOR.name || field === TENSOR.rawData) hash.update(source.read(start, end - start));
    }
  }
  return hash.digest('hex');
}

function readInfo(file: string, source: ByteSource, { verify = false }: ReadOnnxOptions): OnnxInfo {
  try {
    const metadata = metadataIn(source);
    const info = parseInfo(file, metadata.get(MODEL_KEY));
    if (verify) {
      const [stated, found] = [metadata.get(WEIGHTS_HASH_KEY), hashIn(source)];
      if (stated !== found)
        throw new DataError({ file }, { found: `weights with the hash ${found}`, expected: String(stated) });
    }
    return { info, metadata };
  } catch (error) {
    if (!(error instanceof ProtobufError) && !(error instanceof TypeError)) throw error;
    throw new DataError({ file }, { found: error.message, expected: 'an ONNX file', cause: error });
  }
}

/** As `readOnnxInfo`, of a file that is in memory. @param name what errors call it */
export function parseOnnxInfo(bytes: Uint8Array, name: string, options: ReadOnnxOptions = {}): OnnxInfo {
  return readInfo(name, bytesIn(bytes), options);
}

/**
 * What an exported model says about itself. Reads a few kilobytes of the file unless it verifies.
 * @throws DataError when the file is no ONNX file of ours, or its weights are not those that it names
 */
export function readOnnxInfo(file: string, options: ReadOnnxOptions = {}): OnnxInfo {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw new DataError({ file }, { found: systemProblem(cause), expected: 'an ONNX file', cause });
  }
  try {
    const read = (at: number, length: number) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const step = readSync(descriptor, bytes, done, length - done, at + done);
        if (step === 0) throw new ProtobufError('a file that ends while it is read');
        done += step;
      }
      return bytes;
    };
    return readInfo(file, { length: fstatSync(descriptor).size, read }, options);
  } finally {
    closeSync(descriptor);
  }
}
