// Names from Python's own library that stand for plain data. Python 2 called `builtins` `__builtin__`, and
// protocol 2, which PyTorch writes, still does.
import { Complex } from '../values.js';
import { describe, type PickleCall, type PickleGlobals, type PickleResolver } from './pickle-types.js';

/** A type that is only ever held, not called: the `list` of `defaultdict(list)`, say. */
const TYPE: PickleResolver = {};

/** Objects with attributes become a `Map` of them. */
const ATTRIBUTES: PickleResolver = {
  call: () => new Map(),
  build: (instance, state, call: PickleCall) => {
    if (!(instance instanceof Map) || !(state instanceof Map))
      call.fail(`attributes that are ${describe(state)}`);
    call.charge(state.size, 0);
    for (const [name, value] of state) instance.set(name, value);
  },
};

const DICTIONARY: PickleResolver = {
  call: (args, call: PickleCall) => dictionary(args[0], call),
  // A module's state dict carries version numbers as an attribute, `_metadata`: of no use for its tensors.
  build: () => {},
};

const SET: PickleResolver = {
  call: (args, call: PickleCall) => {
    const items = args[0] ?? [];
    if (!Array.isArray(items)) call.fail(`a set made of ${describe(items)}`);
    call.charge(items.length, 0);
    return new Set(items);
  },
};

const BYTES: PickleResolver = {
  call: ([data], call: PickleCall) => {
    if (data === undefined) return new Uint8Array(0);
    if (typeof data === 'string') return latin1(data, call);
    if (!(data instanceof Uint8Array)) call.fail(`bytes made of ${describe(data)}`);
    call.charge(0, data.length);
    return data.slice();
  },
};

const PATH: PickleResolver = {
  call: (parts, call: PickleCall) => {
    call.charge(parts.length, 0);
    let path = '';
    for (const part of parts) {
      if (typeof part !== 'string') call.fail(`a path with a part that is ${describe(part)}`);
      call.charge(0, part.length);
      path += path === '' || path.endsWith('/') ? part : `/${part}`;
    }
    return path;
  },
};

/** Protocols 0 to 2 have no opcode for bytes: Python writes them as Latin-1 text to be encoded again. */
const ENCODE: PickleResolver = {
  call: ([text, encoding], call: PickleCall) => {
    if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
      call.fail(`${describe(text)} to be encoded, where a string in latin1 is expected`);
    }
    return latin1(text, call);
  },
};

/** `complex` arrives as the pair that this package calls `Complex`. */
const COMPLEX: PickleResolver = {
  call: ([re = 0, im = 0], call: PickleCall) => {
    if (typeof re !== 'number' || typeof im !== 'number')
      call.fail('a complex number that is not made of two floats');
    return new Complex(re, im);
  },
};

/**
 * Names of Python's library that only make plain data: dictionaries, sets, bytes, complex numbers, paths (as
 * strings), `argparse.Namespace` (as a `Map`), and the basic types where they are held as values.
 */
export const PYTHON_GLOBALS: PickleGlobals = new Map([
  ...builtins('builtins'),
  ...builtins('__builtin__'),
  ['collections.OrderedDict', DICTIONARY],
  ['collections.Counter', DICTIONARY],
  ['collections.defaultdict', { call: () => new Map(), build: () => {} }],
  ['_codecs.encode', ENCODE],
  ['argparse.Namespace', ATTRIBUTES],
  ['pathlib.PosixPath', PATH],
  ['pathlib.PurePosixPath', PATH],
  ['pathlib.WindowsPath', PATH],
  ['pathlib.PureWindowsPath', PATH],
  ['pathlib._local.PosixPath', PATH],
  ['pathlib._local.WindowsPath', PATH],
]);

function builtins(module: string): [string, PickleResolver][] {
  return [
    [`${module}.set`, SET],
    [`${module}.frozenset`, SET],
    [`${module}.bytes`, BYTES],
    [`${module}.bytearray`, BYTES],
    [`${module}.complex`, COMPLEX],
    ...['bool', 'dict', 'float', 'int', 'list', 'str', 'tuple'].map((name): [string, PickleResolver] => [
      `${module}.${name}`,
      TYPE,
    ]),
  ];
}

/** OrderedDict's argument: nothing, a dictionary, or (Python 2) a list of pairs. */
function dictionary(source: unknown, call: PickleCall): Map<unknown, unknown> {
  if (source === undefined) return new Map();
  if (source instanceof Map) {
    call.charge(source.size, 0);
    return new Map(source);
  }
  if (!Array.isArray(source)) call.fail(`a dictionary made of ${describe(source)}`);
  call.charge(source.length, 0);
  const map = new Map<unknown, unknown>();
  for (const pair of source) {
    if (!Array.isArray(pair) || pair.length !== 2) call.fail('a dictionary made of items that are not pairs');
    map.set(pair[0], pair[1]);
  }
  return map;
}

function latin1(text: string, call: PickleCall): Uint8Array {
  call.charge(0, text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) call.fail(`a character beyond Latin-1 in bytes kept as text`);
    bytes[i] = code;
  }
  return bytes;
}
