// Files with weights, taken apart into what networks are made of: our own, checkpoints of the reference system, and bare
// backbones, of which any may come from PyTorch (either format) or as safetensors.

import { type RawStateDict, readPth, readSafetensors } from '@mien/torch';
import { DataError, show } from '../files/index.js';
import { MODEL_KEY, type ModelInfo, parseInfo } from './info.js';

export interface WeightFile {
  readonly file: string;
  /** A network for pictures, one for sequences, or a backbone alone, with or without the classifier it was trained with. */
  readonly kind: 'image' | 'sequence' | 'backbone';
  /** Under the keys that the backbone itself has. */
  readonly backbone: RawStateDict;
  /** Of single pictures, in the file's order. */
  readonly heads: readonly RawStateDict[];
  /** Over time, in the file's order. */
  readonly gruHeads: readonly RawStateDict[];
  /** Of a model that was saved here. */
  readonly info?: ModelInfo;
}

const PARALLEL = 'module.';

async function read(file: string): Promise<{ tensors: RawStateDict; info?: ModelInfo }> {
  if (!file.endsWith('.safetensors')) return { tensors: (await readPth(file)).stateDict() };
  const { tensors, metadata } = await readSafetensors(file);
  const text = metadata.get(MODEL_KEY);
  return { tensors, ...(text !== undefined && { info: parseInfo(file, text) }) };
}

/** Without what `DataParallel` puts before every key. */
function unwrapped(tensors: RawStateDict): RawStateDict {
  const wrapped = [...tensors.keys()].every((key) => key.startsWith(PARALLEL));
  return wrapped ? take(tensors, PARALLEL) : tensors;
}

/** Takes out what stands under `prefix`, without it. */
function take(tensors: RawStateDict, prefix: string): RawStateDict {
  const taken: RawStateDict = new Map();
  for (const [key, tensor] of tensors) {
    if (!key.startsWith(prefix)) continue;
    taken.set(key.slice(prefix.length), tensor);
    tensors.delete(key);
  }
  return taken;
}

/** Takes out `{prefix}0.…`, `{prefix}1.…`, … */
function takeList(tensors: RawStateDict, prefix: string): RawStateDict[] {
  const list: RawStateDict[] = [];
  for (
    let next = take(tensors, `${prefix}0.`);
    next.size > 0;
    next = take(tensors, `${prefix}${list.length}.`)
  )
    list.push(next);
  return list;
}

/**
 * Reads a file whole. Which kind it is, its keys tell.
 * @throws CheckpointError when it is no file of weights, DataError when it holds keys that have no place in such networks
 */
export async function readWeightFile(file: string): Promise<WeightFile> {
  const { tensors: all, ...rest } = await read(file);
  const tensors = unwrapped(all);
  const has = (prefix: string) => [...tensors.keys()].some((key) => key.startsWith(prefix));
  if (has('backbone.backbone.model.')) {
    const backbone = take(tensors, 'backbone.backbone.model.');
    const heads = takeList(tensors, 'backbone.classifier.');
    const gruHeads = takeList(tensors, 'classifier.');
    refuseRest(file, tensors);
    return { file, kind: 'sequence', ...rest, backbone, heads, gruHeads };
  }
  if (has('backbone.model.')) {
    const backbone = take(tensors, 'backbone.model.');
    const heads = takeList(tensors, 'classifier.');
    refuseRest(file, tensors);
    return { file, kind: 'image', ...rest, backbone, heads, gruHeads: [] };
  }
  return { file, kind: 'backbone', ...rest, backbone: tensors, heads: [], gruHeads: [] };
}

function refuseRest(file: string, rest: RawStateDict): void {
  const [first] = rest.keys();
  if (first === undefined) return;
  const more = rest.size === 1 ? '' : ` and ${rest.size - 1} more like it`;
  throw new DataError(
    { file },
    {
      found: `${show(first)}${more}`,
      expected:
        'only keys below backbone.model. or backbone.backbone.model., and of heads, classifier.0. and so on',
    },
  );
}
