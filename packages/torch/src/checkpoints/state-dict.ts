import { CheckpointError, quote } from './error.js';
import { describe } from './pickle-types.js';
import { isRawTensor, type RawStateDict, type RawTensor } from './raw-tensor.js';

/** Where training scripts put the weights, when the checkpoint holds more than them. */
const USUAL_KEYS = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'module',
  'weights',
  'params',
  'ema',
  'ema_state_dict',
  'state_dict_ema',
  'model_ema',
  'params_ema',
  'teacher',
  'student',
];

/** How many keys an error lists. */
const KEYS_SHOWN = 20;

export interface StateDictOptions {
  /** Where in the checkpoint the state dict lies: a key, or keys from the outside in. Found by itself by default. */
  readonly key?: string | readonly string[];
  /** Removed from the names that begin with it, such as `'module.'` of DataParallel. Nothing by default. */
  readonly stripPrefix?: string;
  /** What to do with entries that are not tensors: an error by default. */
  readonly nonTensors?: 'error' | 'skip';
}

/**
 * Finds the state dict in a checkpoint: the one dictionary of tensors under a usual key, else the checkpoint itself
 * where it is a dictionary of tensors.
 *
 * @param file named in errors
 */
export function findStateDict(value: unknown, file: string, options: StateDictOptions = {}): RawStateDict {
  const fail: Fail = (what) => {
    throw new CheckpointError('invalid', what, { file });
  };
  const found = options.key === undefined ? search(value, fail) : follow(value, [options.key].flat(), fail);
  const result: RawStateDict = new Map();
  const prefix = options.stripPrefix ?? '';
  for (const [name, entry] of found) {
    if (typeof name !== 'string')
      fail(`the state dict has ${describe(name)} as a key, where names are expected`);
    if (!isRawTensor(entry)) {
      if (options.nonTensors === 'skip') continue;
      fail(
        `entry ${quote(name)} of the state dict is ${describe(entry)}, not a tensor (option nonTensors: 'skip' skips it)`,
      );
    }
    const stripped = prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (result.has(stripped))
      fail(`the state dict has ${quote(stripped)} twice, with and without "${prefix}"`);
    result.set(stripped, entry as RawTensor);
  }
  return result;
}

type Dictionary = ReadonlyMap<unknown, unknown>;
type Fail = (what: string) => never;

function follow(value: unknown, path: readonly string[], fail: Fail): Dictionary {
  let at = value;
  for (const [depth, key] of path.entries()) {
    const where = depth === 0 ? 'the checkpoint' : `"${path.slice(0, depth).join('" → "')}"`;
    if (!(at instanceof Map))
      fail(`${where} is ${describeEntry(at)}, where a dictionary with "${key}" is expected`);
    if (!(at as Dictionary).has(key))
      fail(`${where} has no key "${key}"; it has ${listKeys(at as Dictionary)}`);
    at = (at as Dictionary).get(key);
  }
  if (!(at instanceof Map))
    fail(`"${path.join('" → "')}" is ${describeEntry(at)}, where a state dict is expected`);
  return at as Dictionary;
}

function search(value: unknown, fail: Fail): Dictionary {
  if (!(value instanceof Map)) {
    return fail(`the checkpoint is ${describeEntry(value)}, where a dictionary of tensors is expected`);
  }
  const holdsTensors = tensorHolder();
  const nested = USUAL_KEYS.filter((key) => holdsTensors(value.get(key)));
  const [only, second] = nested;
  if (second !== undefined) {
    const places = nested.map((key) => `"${key}"`).join(', ');
    return fail(`several state dicts: ${places}; say which by option key. Keys: ${listKeys(value)}`);
  }
  // Before the top level: beside the weights, checkpoints keep single tensors, such as a generator's state.
  if (only !== undefined) return value.get(only) as Dictionary;
  if (holdsTensors(value)) return value;
  const others = [...value].filter(([key, entry]) => typeof key === 'string' && holdsTensors(entry));
  const hint =
    others.length === 0 ? '' : `; option key: ${JSON.stringify(others[0]?.[0])} would take the tensors there`;
  return fail(`no state dict found at the top level or under a usual key${hint}. Keys: ${listKeys(value)}`);
}

/** Says whether a value is a dictionary with tensors; looks at each once, since a file may repeat one many times. */
function tensorHolder(): (value: unknown) => boolean {
  const known = new Map<Dictionary, boolean>();
  return (value) => {
    if (!(value instanceof Map)) return false;
    const before = known.get(value);
    if (before !== undefined) return before;
    let holds = false;
    for (const entry of value.values()) {
      holds = isRawTensor(entry);
      if (holds) break;
    }
    known.set(value, holds);
    return holds;
  };
}

function describeEntry(value: unknown): string {
  return isRawTensor(value) ? 'a tensor' : describe(value);
}

function listKeys(map: Dictionary): string {
  const shown: string[] = [];
  for (const [key, value] of map) {
    if (shown.length === KEYS_SHOWN) break;
    const name = typeof key === 'string' ? quote(key) : describe(key);
    shown.push(`${name} (${describeEntry(value)})`);
  }
  if (map.size > KEYS_SHOWN) shown.push(`… ${map.size - KEYS_SHOWN} more`);
  return shown.length === 0 ? 'none' : shown.join(', ');
}
