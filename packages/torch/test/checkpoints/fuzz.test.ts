import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CheckpointError, readPth, readSafetensors, writeSafetensors } from '../../src/checkpoints/index.js';
import {
  float32s,
  floats,
  int32,
  int64,
  legacyPth,
  ops,
  orderedDict,
  pickle,
  Raw,
  storage,
  Tuple,
  tensor,
  zip,
  zipEntries,
} from './make-pth.js';
import { fileOf, temporaryFolder } from './temporary.js';

// 10,000 damaged files, the same in every run. Each must be read or be refused by a CheckpointError.
const SEED = 20200227;
const folder = temporaryFolder();

type Random = () => number;

/** mulberry32: integers below 2^32. */
function generator(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const below = (random: Random, bound: number): number => random() % Math.max(1, bound);

/** Lengths and counts that readers get wrong. */
const LENGTHS = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

/** What numbers, lists and keys are written with. */
const TEXT = '0123456789-.eE"{}[],: \\IFUB';

const MUTATIONS: ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBits(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let n = below(random, 2); n >= 0; n--) {
      const at = below(random, copy.length);
      copy[at] = (copy[at] as number) ^ (1 << below(random, 8));
    }
    return copy;
  },
  function replaceBytes(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let n = below(random, 4); n >= 0; n--) copy[below(random, copy.length)] = below(random, 256);
    return copy;
  },
  function replaceText(bytes, random) {
    const copy = Buffer.from(bytes);
    const places = [...copy.keys()].filter((at) =>
      /[\w"{}[\],:.]/.test(String.fromCharCode(copy[at] as number)),
    );
    for (let n = below(random, 3); n >= 0; n--) {
      copy[places[below(random, places.length)] ?? 0] = TEXT.charCodeAt(below(random, TEXT.length));
    }
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length));
  },
  function insert(bytes, random) {
    const at = below(random, bytes.length);
    const added = Buffer.from(Array.from({ length: 1 + below(random, 16) }, () => below(random, 256)));
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
  },
  function remove(bytes, random) {
    const at = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 16))]);
  },
  function splice(bytes, random) {
    const from = below(random, bytes.length);
    const part = bytes.subarray(from, from + 1 + below(random, 64));
    const at = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + below(random, part.length))]);
  },
  function tamperLength(bytes, random) {
    const copy = Buffer.from(bytes);
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(LENGTHS[below(random, LENGTHS.length)] as bigint);
    field.copy(copy, below(random, copy.length), 0, [1, 2, 4, 8][below(random, 4)] as number);
    return copy;
  },
];

function mutate(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let n = below(random, 4) === 0 ? 2 : 1; n > 0; n--) {
    result = (MUTATIONS[below(random, MUTATIONS.length)] as (typeof MUTATIONS)[0])(result, random);
  }
  return result;
}

function fixture(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)));
}

const data = float32s(0, 1, 2, 3, 4, 5);
const whole = storage('FloatStorage', '0', 6);
const object = pickle({
  epoch: 3,
  state_dict: orderedDict([
    ['a', tensor(whole, 0, [2, 3], [3, 1])],
    ['b', tensor(whole, 0, [3, 2], [1, 3])],
    ['c', tensor(storage('LongStorage', '1', 1), 0, [], [])],
  ]),
});
const storages = { 0: data, 1: int64(7) };
const view = storage('FloatStorage', '0', 6, new Tuple(['v', 1, 4]));

interface Report {
  readonly read: number;
  readonly refused: number;
  readonly slowest: number;
}

/** Reads `count` files that `make` gives; anything but a value or a CheckpointError fails the test. */
async function fuzz(
  count: number,
  extension: string,
  make: (random: Random) => Uint8Array,
  read: (path: string, size: number) => Promise<void>,
): Promise<Report> {
  const random = generator(SEED);
  let refused = 0;
  let slowest = 0;
  for (let n = 0; n < count; n++) {
    const bytes = make(random);
    const path = fileOf(folder, bytes, extension);
    const started = performance.now();
    try {
      await read(path, bytes.length);
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw new Error(`file ${n} of seed ${SEED}`, { cause: error });
      expect(error.file).toBe(path);
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - started);
    rmSync(path);
  }
  return { read: count - refused, refused, slowest };
}

async function readChecked(path: string, size: number): Promise<void> {
  const file = await readPth(path);
  // Stored bytes are bounded by the file, derived ones by 256 MiB for files as small as these.
  expect(file.decodedBytes).toBeLessThanOrEqual(2 * size + 2 ** 28);
  try {
    file.stateDict({ nonTensors: 'skip' });
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
  }
}

function check(report: Report): void {
  console.info(
    `fuzz: ${report.read} read, ${report.refused} refused, slowest ${report.slowest.toFixed(0)} ms`,
  );
  expect(report.refused).toBeGreaterThan(0);
  expect(report.slowest).toBeLessThan(10_000);
  expect(process.memoryUsage().rss).toBeLessThan(2 * 2 ** 30);
}

/** Opcodes that push a value, with plausible operands. */
const PUSHES: readonly ((random: Random) => Buffer)[] = [
  ...'(N]}'.split('').map((char) => () => ops(char)),
  ...[')', 0x8f, 0x88].map((code) => () => ops(code)),
  (random) => ops('K', below(random, 8)),
  (random) => ops('J', int32((random() | 0) >> below(random, 32))),
  (random) => ops('h', below(random, 3)),
  (random) => encodedName(random),
  (random) => encodedName(random),
  (random) => ops('K', below(random, 4), 'K', below(random, 4), 0x86),
  () => encodedText('x'),
  () =>
    ops(
      '(',
      encodedText('storage'),
      'ctorch\nFloatStorage\n',
      encodedText('0'),
      encodedText('cpu'),
      'K',
      6,
      'tQ',
    ),
];

/** Opcodes that take values. */
const TAKES: readonly ((random: Random) => Buffer)[] = [
  ...'tttlRRaesudbQ02'.split('').map((char) => () => ops(char)),
  ...[0x81, 0x85, 0x85, 0x86, 0x87, 0x90, 0x91, 0x93].map((code) => () => ops(code)),
  (random) => ops('q', below(random, 3)),
];

function randomProgram(random: Random): Buffer {
  const choose = (from: typeof PUSHES) => (from[below(random, from.length)] as (typeof PUSHES)[0])(random);
  const steps = Array.from({ length: 1 + below(random, 12) }, () =>
    choose(below(random, 3) > 0 ? PUSHES : TAKES),
  );
  return ops('Nq', 0, ')q', 1, '}q', 2, '000', ...steps);
}

const NAMES = [
  ...['collections\nOrderedDict', 'torch._utils\n_rebuild_tensor_v2', 'torch._utils\n_rebuild_tensor'],
  ...[
    'torch._utils\n_rebuild_parameter',
    'torch._tensor\n_rebuild_from_type_v2',
    'torch\nSize',
    'torch\nLongStorage',
  ],
  ...[
    'numpy.core.multiarray\n_reconstruct',
    'numpy.core.multiarray\nscalar',
    'numpy\ndtype',
    '_codecs\nencode',
  ],
  ...[
    '__builtin__\nset',
    'builtins\ncomplex',
    'builtins\nbytearray',
    'argparse\nNamespace',
    'pathlib\nPosixPath',
  ],
];

function encodedName(random: Random): Buffer {
  return ops('c', `${NAMES[below(random, NAMES.length)]}\n`);
}

function encodedText(text: string): Buffer {
  return ops('U', text.length, text);
}

describe('damaged files', () => {
  it('zip archives', async () => {
    const seeds = [zip(zipEntries(object, storages)), fixture('kinds.zip.pth'), fixture('training.zip.pth')];
    const make = (random: Random) => mutate(seeds[below(random, seeds.length)] as Buffer, random);
    check(await fuzz(2000, 'pth', make, readChecked));
  });

  it('zip archives whose checksums were made to fit', async () => {
    const make = (random: Random) => {
      const entries = zipEntries(mutate(object, random), storages);
      const compress = below(random, 4) === 0;
      return zip(entries.map((entry) => ({ ...entry, compress })));
    };
    check(await fuzz(2000, 'pth', make, readChecked));
  });

  it('legacy streams', async () => {
    const stored = [['0', 6, data]] as const;
    const seeds = [
      legacyPth({ a: floats('0', 6, true), b: tensor(view, 1, [3], [1]) }, stored),
      fixture('kinds.legacy.pth'),
      fixture('training.legacy.pth'),
    ];
    const make = (random: Random) => mutate(seeds[below(random, seeds.length)] as Buffer, random);
    check(await fuzz(2500, 'pth', make, readChecked));
  });

  it('legacy streams with random programs for pickles', async () => {
    const make = (random: Random) => {
      // What the program leaves becomes a tuple, so that not every one ends in an untidy stack.
      const pickled = ops(0x80, 2, '((', randomProgram(random), below(random, 2) === 0 ? 'tt.' : 'tttt.');
      return legacyPth(new Raw(pickled), [['0', 6, data]]);
    };
    check(await fuzz(1500, 'pth', make, readChecked));
  });

  it('safetensors', async () => {
    const path = fileOf(folder, new Uint8Array(0), 'safetensors');
    await writeSafetensors(
      path,
      {
        a: { dtype: 'float32', shape: [2, 3], data },
        b: { dtype: 'int64', shape: [], data: int64(7) },
        empty: { dtype: 'bool', shape: [0, 2], data: new Uint8Array(0) },
      },
      { metadata: { format: 'pt' } },
    );
    const seed = readFileSync(path);
    const report = await fuzz(
      2000,
      'safetensors',
      (random) => mutate(seed, random),
      async (file, size) => {
        const { tensors } = await readSafetensors(file);
        let bytes = 0;
        for (const { data } of tensors.values()) bytes += data.length;
        expect(bytes).toBeLessThanOrEqual(size);
      },
    );
    check(report);
  });
});
