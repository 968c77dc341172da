import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type PthFile, type RawTensor, readPth } from '../../src/checkpoints/index.js';
import { DTYPE_BYTES } from '../../src/dtypes.js';
import { Complex } from '../../src/values.js';
import {
  Call,
  float32s,
  floats,
  Global,
  legacyPth,
  ops,
  orderedDict,
  pickle,
  storage,
  Tuple,
  tensor,
  zip,
  zipEntries,
  zipPth,
} from './make-pth.js';
import { failure, fileOf, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

interface Expected {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: string;
}

const KINDS: Record<string, Expected> = JSON.parse(readFileSync(fixture('kinds.json'), 'utf8'));

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

function numbers(tensor: RawTensor | undefined): number[] {
  return [...new Float32Array((tensor as RawTensor).data.slice().buffer)];
}

describe.each([
  ['kinds.zip.pth', 'zip'],
  ['kinds.legacy.pth', 'legacy'],
  ['kinds.protocol4.pth', 'zip'],
  ['kinds.legacy4.pth', 'legacy'],
])('%s, which PyTorch wrote', (name, format) => {
  it('has every type, view and shape as PyTorch sees it', async () => {
    const file = await readPth(fixture(name));
    expect(file.format).toBe(format);
    expect(file.trailingBytes).toBe(0);
    const tensors = file.stateDict();
    expect([...tensors.keys()]).toEqual(Object.keys(KINDS));
    for (const [key, { dtype, shape, data }] of tensors) {
      expect({ key, dtype, shape, data: hex(data) }).toEqual({ key, ...KINDS[key] });
      expect(data.byteOffset % DTYPE_BYTES[dtype]).toBe(0);
    }
  });

  it('keeps contiguous views on the memory of their storage', async () => {
    const tensors = (await readPth(fixture(name))).stateDict();
    const [base, row] = [tensors.get('base') as RawTensor, tensors.get('row') as RawTensor];
    expect(row.data.buffer).toBe(base.data.buffer);
    expect(row.data.byteOffset).toBe(2 * 6 * 4);
  });
});

describe.each(['training.zip.pth', 'training.legacy.pth'])('%s, a whole training checkpoint', (name) => {
  it('gives plain values', async () => {
    const { value } = await readPth(fixture(name));
    const at = (key: string): unknown => (value as Map<string, unknown>).get(key);
    expect(at('epoch')).toBe(3);
    expect(at('best')).toBe(0.625);
    expect(at('hits')).toBe(-12);
    expect(at('done')).toBe(true);
    expect(at('scores')).toMatchObject({ dtype: 'float32', shape: [2, 2] });
    expect(numbers(at('scores') as RawTensor)).toEqual([0.5, 0.25, 0.125, 1]);
    const fortran = at('fortran') as RawTensor;
    expect([fortran.dtype, fortran.shape]).toEqual(['int64', [2, 3]]);
    expect(new BigInt64Array(fortran.data.buffer)).toEqual(BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n));
    expect(at('args')).toEqual(
      new Map<string, unknown>([
        ['lr', 1e-4],
        ['tasks', ['EXPR', 'AU']],
        ['root', '/data/faces'],
      ]),
    );
    expect(at('history')).toEqual(new Map([['loss', [3, 2.5]]]));
    expect(at('classes')).toEqual(new Set(['happy', 'sad']));
    expect(at('frozen')).toEqual(new Set([1, 2]));
    expect(at('blob')).toEqual(Uint8Array.of(0, 255));
    expect(at('nothing')).toEqual(new Uint8Array(0));
    expect(at('z')).toEqual(new Complex(1, -2));
    expect(at('big')).toBe(2n ** 70n);
    expect(at('dtype')).toBe('float16');
    expect(at('device')).toBe('cuda:1');
    expect(at('size')).toEqual([2, 3]);
    expect(at('generator')).toMatchObject({ dtype: 'uint8', shape: [16] });
    expect(at('none')).toBe(null);
    const optimizer = at('optimizer') as Map<string, unknown>;
    expect(optimizer.get('param_groups')).toMatchObject([expect.any(Map)]);
  });

  it('its state dict lies under "state_dict", tied weights share memory', async () => {
    const tensors = (await readPth(fixture(name))).stateDict();
    const names = ['conv.weight', 'bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var'];
    expect([...tensors.keys()].slice(0, 6)).toEqual([...names, 'bn.num_batches_tracked']);
    expect(tensors.get('conv.weight')?.shape).toEqual([2, 3, 3, 3]);
    expect(tensors.get('tied.weight')?.data.buffer).toBe(tensors.get('tied_too.weight')?.data.buffer);
  });
});

describe('the state dict', () => {
  const two = { 0: float32s(1, 2), 1: float32s(3) };
  const weights = orderedDict([
    ['a.weight', floats('0', 2)],
    ['a.bias', floats('1', 1)],
  ]);

  async function open(value: unknown, storages: Record<string, Uint8Array> = two): Promise<PthFile> {
    return readPth(fileOf(folder, zipPth(value, storages)));
  }

  it('is the top level, or lies under a usual key, or under the key that is given', async () => {
    for (const value of [weights, { state_dict: weights, epoch: 3 }, { model: weights }, { ema: weights }]) {
      const tensors = (await open(value)).stateDict();
      expect([...tensors.keys()]).toEqual(['a.weight', 'a.bias']);
      expect(numbers(tensors.get('a.weight'))).toEqual([1, 2]);
    }
    const nested = await open({ gan: { generator: weights } });
    expect(nested.stateDict({ key: ['gan', 'generator'] }).size).toBe(2);
  });

  it('keeps prefixes unless asked to strip one', async () => {
    const parallel = await readPth(fixture('parallel.pth'));
    expect(parallel.stateDict().has('module.conv.weight')).toBe(true);
    expect(parallel.stateDict({ stripPrefix: 'module.' }).has('conv.weight')).toBe(true);
    const clash = await open({ 'module.a': floats('1', 1), a: floats('1', 1) });
    await failure(
      () => clash.stateDict({ stripPrefix: 'module.' }),
      'invalid',
      /"a" twice, with and without "module\."/,
    );
  });

  it('is not guessed where several could be meant', async () => {
    const both = await open({ model: weights, ema: weights, epoch: 1 });
    const message =
      /several state dicts: "model", "ema"; say which by option key\. Keys: "model" \(a dictionary\), "ema"/;
    await failure(() => both.stateDict(), 'invalid', message, both.path);
    expect(both.stateDict({ key: 'ema' }).size).toBe(2);
  });

  it('is found beside single tensors', async () => {
    const file = await open({ rng: floats('1', 1), model: weights });
    expect([...file.stateDict().keys()]).toEqual(['a.weight', 'a.bias']);
  });

  it('where there is none, the error lists what there is', async () => {
    const gan = await open({ generator: weights, epoch: 1 });
    const message =
      /no state dict.*key: "generator" would.*Keys: "generator" \(a dictionary\), "epoch" \(an integer\)/;
    await failure(() => gan.stateDict(), 'invalid', message);
    await failure(() => gan.stateDict({ key: 'model' }), 'invalid', /no key "model"; it has "generator"/);
    await failure(
      () => gan.stateDict({ key: 'epoch' }),
      'invalid',
      /"epoch" is an integer, where a state dict/,
    );
    await failure(
      () => gan.stateDict({ key: ['epoch', 'x'] }),
      'invalid',
      /"epoch" is an integer, where a dictionary/,
    );
    const single = await open(floats('0', 2));
    await failure(() => single.stateDict(), 'invalid', /the checkpoint is a tensor/);
    await failure(async () => (await open([])).stateDict(), 'invalid', /the checkpoint is a list/);
  });

  it('has only tensors, unless others are to be skipped', async () => {
    const file = await open({ a: floats('0', 2), version: 3 });
    await failure(
      () => file.stateDict(),
      'invalid',
      /entry "version" of the state dict is an integer, not a tensor/,
    );
    expect([...file.stateDict({ nonTensors: 'skip' }).keys()]).toEqual(['a']);
    const keyed = await open(new Map([[1, floats('0', 2)]]));
    await failure(() => keyed.stateDict(), 'invalid', /an integer as a key/);
  });
});

describe('tensors', () => {
  const six = { 0: float32s(0, 1, 2, 3, 4, 5) };
  const whole = storage('FloatStorage', '0', 6);

  async function read(value: unknown, storages: Record<string, Uint8Array> = six): Promise<RawTensor> {
    return (await readPth(fileOf(folder, zipPth({ t: value }, storages)))).stateDict().get('t') as RawTensor;
  }

  it('follow offset, size and stride', async () => {
    expect(numbers(await read(tensor(whole, 0, [2, 3], [3, 1])))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(await read(tensor(whole, 0, [3, 2], [1, 3])))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(numbers(await read(tensor(whole, 1, [2, 2], [3, 1])))).toEqual([1, 2, 4, 5]);
    expect(numbers(await read(tensor(whole, 5, [], [])))).toEqual([5]);
    expect(numbers(await read(tensor(whole, 2, [3], [0])))).toEqual([2, 2, 2]);
    expect(numbers(await read(tensor(whole, 0, [1, 6, 1], [77, 1, 99])))).toEqual([0, 1, 2, 3, 4, 5]);
    // Overlapping windows, as unfold makes them
    expect(numbers(await read(tensor(whole, 0, [3, 2], [2, 1])))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(await read(tensor(whole, 0, [5, 2], [1, 1])))).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
    expect((await read(tensor(whole, 6, [0, 3], [3, 1]))).shape).toEqual([0, 3]);
  });

  it('stay inside their storage', async () => {
    const cases: [unknown, RegExp][] = [
      [tensor(whole, 1, [6], [1]), /reaches element 6 of a storage of 6/],
      [tensor(whole, 0, [2, 2], [3, 3]), /reaches element 6 of a storage of 6/],
      [tensor(whole, 6, [], []), /reaches element 6 of a storage of 6/],
      [tensor(whole, -1, [2], [1]), /offset is not a natural number/],
      [tensor(whole, 0, [-2], [1]), /size has an entry that is not a natural number/],
      [tensor(whole, 0, [2], [-1]), /stride has an entry that is not a natural number/],
      [tensor(whole, 0, [2], [1.5]), /stride has an entry that is not a natural number/],
      [tensor(whole, 0, [2n ** 60n], [1]), /size has an entry that is not a natural number/],
      [tensor(whole, 0, [2n ** 40n, 2n ** 40n], [1, 1]), /more than can be counted/],
      [tensor(whole, 0, [2, 2], [2n ** 52n, 2n ** 52n]), /reaches element beyond counting/],
      [tensor(whole, 0, [2, 2], [1]), /2 sizes but 1 strides/],
      [tensor(whole, 0, Array(100).fill(1), Array(100).fill(1)), /100 dimensions/],
      [
        new Call(new Global('torch._utils', '_rebuild_tensor'), [3, 0, new Tuple([]), new Tuple([])]),
        /storage is an integer/,
      ],
    ];
    for (const [value, message] of cases) await failure(() => read(value), 'corrupt', message);
  });

  it('may be expanded, but not without bound', async () => {
    const big = await read(tensor(whole, 0, [1000, 6], [0, 1]));
    expect(big.data.length).toBe(1000 * 6 * 4);
    const bomb = tensor(whole, 0, [2 ** 30, 1], [0, 1]);
    await failure(
      () => read(bomb),
      'limit',
      /4294967296 bytes, where at most 268435456 are allowed for its size/,
    );
  });

  it('are bounded by maxBytes', async () => {
    const path = fileOf(folder, zipPth({ t: tensor(whole, 0, [6], [1]) }, six));
    expect((await readPth(path, { maxBytes: 24 })).decodedBytes).toBe(24);
    await failure(
      () => readPth(path, { maxBytes: 23 }),
      'limit',
      /24 bytes, where at most 23.*option maxBytes/,
      path,
    );
  });

  it('of untyped storages take their type from the tensor', async () => {
    const untyped = storage('UntypedStorage', '0', 24);
    const v3 = new Global('torch._utils', '_rebuild_tensor_v3');
    const args = (dtype: string) => {
      const hooks = orderedDict([]);
      return [untyped, 1, new Tuple([2]), new Tuple([2]), false, hooks, new Global('torch', dtype)];
    };
    expect(numbers(await read(new Call(v3, args('float32'))))).toEqual([1, 3]);
    await failure(
      () => read(new Call(v3, args('uint32'))),
      'corrupt',
      /tensors of type "uint32" are not supported/,
    );
    await failure(
      () => read(new Call(v3, args('float64'))),
      'corrupt',
      /reaches element 3 of a storage of 3/,
    );
  });

  it('of subclasses and with attributes are their tensors', async () => {
    const size = new Call(new Global('torch', 'Size'), [new Tuple([2])]);
    const inner = [whole, 0, size, new Tuple([1]), false, orderedDict([])];
    const rebuild = new Global('torch._utils', '_rebuild_tensor_v2');
    const type = new Global('torch.nn.parameter', 'Parameter');
    const typed = new Global('torch._tensor', '_rebuild_from_type_v2');
    expect(numbers(await read(new Call(typed, [rebuild, type, new Tuple(inner), {}])))).toEqual([0, 1]);
    const nested = new Call(typed, [typed, type, new Tuple([rebuild, type, new Tuple(inner), {}]), {}]);
    await failure(() => read(nested), 'corrupt', /without a rebuild function/);
  });

  it('whose conjugation is pending are refused: their bytes are not their values', async () => {
    const rebuild = new Global('torch._utils', '_rebuild_tensor_v2');
    const args = [storage('ComplexFloatStorage', '0', 3), 0, new Tuple([3]), new Tuple([1]), false, {}];
    expect((await read(new Call(rebuild, [...args, { conj: false }]))).dtype).toBe('complex64');
    const message = /"conj" is pending; save tensor\.resolve_conj\(\)/;
    await failure(() => read(new Call(rebuild, [...args, { conj: true }])), 'corrupt', message);
  });

  it('a storage by itself is a tensor of one dimension', async () => {
    expect(numbers(await read(whole))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('in the legacy format may lie on views of storages', async () => {
    const view = storage('FloatStorage', '0', 6, new Tuple(['v', 2, 3]));
    const file = legacyPth({ t: tensor(view, 1, [2], [1]) }, [['0', 6, six[0]]]);
    expect(numbers((await readPth(fileOf(folder, file))).stateDict().get('t'))).toEqual([3, 4]);
    const outside = storage('FloatStorage', '0', 6, new Tuple(['v', 4, 3]));
    const bad = legacyPth({ t: tensor(outside, 0, [1], [1]) }, [['0', 6, six[0]]]);
    await failure(
      () => readPth(fileOf(folder, bad)),
      'corrupt',
      /a view of 3 elements at 4 in a storage of 6/,
    );
  });
});

it("names of one's own can be admitted, for what is data", async () => {
  const config = new Call(new Global('config', 'Options'), [], { lr: 0.5 });
  const path = fileOf(folder, zipPth({ config, w: floats('0', 1) }, { 0: float32s(1) }));
  await failure(() => readPth(path), 'refused', /"config\.Options"/);
  const build = (instance: object, state: unknown) => void Object.assign(instance, { state });
  const globals = new Map([['config.Options', { call: () => ({}), build }]]);
  const { value } = await readPth(path, { globals });
  expect((value as Map<string, unknown>).get('config')).toEqual({ state: new Map([['lr', 0.5]]) });
});

describe('what cannot be read says why', () => {
  it.each([
    ['module.pth', 'refused', /"__main__\.Net", nothing was executed.*save model\.state_dict\(\) instead/],
    ['script.pt', 'unsupported', /is a TorchScript archive \(it holds "script\/.*state_dict/],
    ['sparse.pth', 'refused', /_rebuild_sparse_tensor.*to_dense/],
    ['quantised.pth', 'refused', /quantised tensors are not supported/],
  ] as const)('%s', async (name, code, message) => {
    await failure(() => readPth(fixture(name)), code, message, fixture(name));
  });

  it.each([
    ['an empty file', ops(), 'truncated', /is empty/],
    [
      'a text',
      ops('hello, world\n'),
      'unsupported',
      /not a PyTorch checkpoint: it begins with "hello, world\\n"/,
    ],
    ['a gzip file', ops(0x1f, 0x8b, 8, 0), 'unsupported', /compressed by gzip; unpack it first/],
    ['a web page', ops('<!DOCTYPE html>'), 'unsupported', /web page/],
    ['a Git LFS pointer', ops('version https://git-lfs.github.com/spec/v1\n'), 'unsupported', /git lfs pull/],
    [
      'a tar archive',
      ops(Buffer.alloc(257), 'ustar', Buffer.alloc(250)),
      'unsupported',
      /PyTorch before 0\.1\.10/,
    ],
    ['a safetensors file', ops(2, Buffer.alloc(7), '{"__'), 'unsupported', /readSafetensors/],
    [
      'another zip archive',
      zip([{ name: 'a.txt', data: ops('a') }]),
      'unsupported',
      /no "<name>\/data\.pkl".*"a\.txt"/,
    ],
    ['an empty zip archive', zip([]), 'unsupported', /it holds nothing/],
    [
      'another pickle',
      pickle({ a: 1 }),
      'unsupported',
      /not one of torch\.save: its magic number is missing/,
    ],
  ] as const)('%s', async (_, bytes, code, message) => {
    const path = fileOf(folder, bytes);
    await failure(() => readPth(path), code, message, path);
  });

  it('a folder, and a path where nothing is', async () => {
    await failure(() => readPth(folder), 'io', /is a folder/, folder);
    await failure(() => readPth(`${folder}/missing.pth`), 'io', /cannot be opened: ENOENT/);
  });

  it('tensors of the wrong byte order', async () => {
    const big = zipEntries(pickle({ t: floats('0', 1) }), { 0: float32s(1) }).map((entry) =>
      entry.name.endsWith('byteorder') ? { ...entry, data: ops('big') } : entry,
    );
    await failure(() => readPth(fileOf(folder, zip(big))), 'unsupported', /big endian/);
    const storages = [['0', 1, float32s(1)]] as const;
    const system = { little_endian: false };
    const legacy = legacyPth({ t: floats('0', 1, true) }, storages, { system });
    await failure(() => readPth(fileOf(folder, legacy)), 'unsupported', /big endian/);
    const silent = legacyPth({ t: floats('0', 1, true) }, storages, { system: [] });
    await failure(() => readPth(fileOf(folder, silent)), 'corrupt', /does not say "little_endian"/);
    const version = legacyPth({ t: floats('0', 1, true) }, storages, { version: 1000 });
    await failure(() => readPth(fileOf(folder, version)), 'unsupported', /1001 is expected/);
  });
});
