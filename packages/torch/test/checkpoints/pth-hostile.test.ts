import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CheckpointError, readPth } from '../../src/checkpoints/index.js';
import {
  Call,
  float32s,
  floats,
  Global,
  int32,
  int64,
  LEGACY_MAGIC,
  legacyPth,
  ops,
  pickle,
  Raw,
  SYSTEM_INFO,
  storage,
  tensor,
  type ZipEntry,
  zip,
  zipEntries,
  zipPth,
} from './make-pth.js';
import { failure, fileOf, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();

/** Reads the same object from a zip archive and from a legacy stream, neither of which has storages. */
async function fails(object: Uint8Array, code: CheckpointError['code'], message: RegExp): Promise<void> {
  const files = [zip(zipEntries(object, {})), legacyPth(new Raw(object), [])];
  for (const bytes of files) {
    const path = fileOf(folder, bytes);
    await failure(() => readPth(path), code, message, path);
  }
}

describe('hostile pickles, in both formats', () => {
  it('a function to be run is refused by name, with its place', async () => {
    const attack = ops(0x80, 2, 'cposix\nsystem\nX', int32(9), 'touch pwnd\x85R.');
    await fails(attack, 'refused', /refused the name "posix\.system", nothing was executed.*\(at byte \d+/);
    const error = await failure(
      () => readPth(fileOf(folder, zip(zipEntries(attack, {})))),
      'refused',
      /of net\/data\.pkl/,
    );
    expect([error.offset, error.entry]).toEqual([2, 'net/data.pkl']);
  });

  it('whole modules are refused with what to save instead', async () => {
    const module = pickle(new Call(new Global('models.resnet', 'ResNet'), []));
    await fails(module, 'refused', /"models\.resnet\.ResNet".*save model\.state_dict\(\) instead/);
  });

  it('lengths that lie are refused before memory is allocated', async () => {
    await fails(ops(0x80, 4, 'B', int32(-2), '.'), 'truncated', /4294967294 bytes/);
    await fails(ops(0x80, 4, 0x8e, int64(2n ** 62n), '.'), 'truncated', /bytes, \d+ are left/);
    await fails(ops(0x80, 4, 0x8d, int64(2n ** 40n), '.'), 'limit', /a string of 1099511627776 bytes/);
  });

  it('a million open lists and a million nested tuples end, in order or in an error', async () => {
    await fails(
      Buffer.concat([ops(0x80, 2), Buffer.alloc(1_500_000, ']')]),
      'limit',
      /stack holds more than/,
    );
    const nested = ops(0x80, 2, ')', Buffer.alloc(1_000_000, 0x85), '.');
    const file = await readPth(fileOf(folder, zip(zipEntries(nested, {}))));
    await failure(() => file.stateDict(), 'invalid', /the checkpoint is a tuple/);
  });

  it('dictionaries that contain themselves do not hang', async () => {
    const cycle = ops(0x80, 2, '}q', 0, 'X', int32(5), 'modelh', 0, 'sX', int32(1), 'xh', 0, 's.');
    const file = await readPth(fileOf(folder, zip(zipEntries(cycle, {}))));
    expect((file.value as Map<string, unknown>).get('model')).toBe(file.value);
    await failure(() => file.stateDict(), 'invalid', /no state dict found.*"model" \(a dictionary\)/);
  });

  it('one large dictionary under very many names is looked at once', async () => {
    const inner = Array.from({ length: 200_000 }, (_, i) => ops('J', int32(i), 'N'));
    const names = Array.from({ length: 200_000 }, (_, i) =>
      ops('U', 6, i.toString(36).padStart(6, '0'), 'h', 1),
    );
    const object = ops(0x80, 2, '}(', Buffer.concat(inner), 'uq', 1, '0}(', Buffer.concat(names), 'u.');
    const file = await readPth(fileOf(folder, zip(zipEntries(object, {}))));
    const started = performance.now();
    await failure(() => file.stateDict(), 'invalid', /no state dict found/);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('many tensors on one storage take its memory once', async () => {
    const rebuild = 'ctorch._utils\n_rebuild_tensor\n';
    const one = ops(rebuild, 'q', 1, '0(', 'X', int32(7), 'storagectorch\nFloatStorage\nX', int32(1), '0X');
    const id = ops(
      int32(3),
      'cpuJ',
      int32(250_000),
      'tQq',
      2,
      '0(h',
      2,
      'K',
      0,
      'J',
      int32(250_000),
      0x85,
      'K',
      1,
      0x85,
    );
    const object = ops(0x80, 2, one, id, 'tq', 3, '0](', 'h\x01h\x03R'.repeat(10_000), 'e.');
    const file = await readPth(fileOf(folder, zip(zipEntries(object, { 0: new Uint8Array(1_000_000) }))));
    expect((file.value as unknown[]).length).toBe(10_000);
    expect(file.decodedBytes).toBe(1_000_000);
  });

  it('strided tensors share one bound on what is copied', async () => {
    const from = storage('ByteStorage', '0', 1);
    const expanded = tensor(from, 0, [2 ** 27], [0]);
    const one = await readPth(fileOf(folder, zipPth([expanded], { 0: Uint8Array.of(7) })));
    expect(one.decodedBytes).toBe(2 ** 27 + 1);
    const three = fileOf(folder, zipPth([expanded, expanded, expanded], { 0: Uint8Array.of(7) }));
    await failure(
      () => readPth(three),
      'limit',
      /brings what is inflated or copied from the file to 402653184 bytes/,
    );
  });

  it('storages that contradict each other or are missing', async () => {
    const mixed = [storage('FloatStorage', '0', 1), storage('LongStorage', '0', 1)];
    await failure(
      () => readPth(fileOf(folder, zipPth(mixed, {}))),
      'corrupt',
      /1 × float32 and with 1 × int64/,
    );
    const missing = fileOf(folder, zipPth([floats('0', 1)], { 1: float32s(1) }));
    await failure(() => readPth(missing), 'corrupt', /storage "0" has no entry "net\/data\/0"/);
    const short = fileOf(folder, zipPth([floats('0', 2)], { 0: float32s(1) }));
    await failure(
      () => readPth(short),
      'corrupt',
      /has 4 bytes, where the pickle states 2 × float32 = 8 bytes/,
    );
    const huge = fileOf(folder, zipPth([storage('FloatStorage', '0', 2n ** 52n)], {}));
    await failure(() => readPth(huge), 'corrupt', /more than can be counted/);
    const large = fileOf(folder, zipPth([storage('FloatStorage', '0', 2n ** 40n)], {}));
    await failure(() => readPth(large), 'limit', /4398046511104 bytes.*at most 17179869184 are allowed/);
    const negative = fileOf(folder, zipPth([storage('FloatStorage', '0', -1)], {}));
    await failure(() => readPth(negative), 'corrupt', /not a natural number/);
  });
});

describe('hostile legacy streams', () => {
  const one = { t: floats('0', 1, true) };

  async function legacyFails(bytes: Uint8Array, message: RegExp, code: CheckpointError['code'] = 'corrupt') {
    await failure(() => readPth(fileOf(folder, bytes)), code, message);
  }

  it('the list of storages must fit the pickle', async () => {
    await legacyFails(legacyPth(one, []), /storage "0" is used but its data is not listed/);
    const twice = [0, 1].map(() => ['0', 1, float32s(1)] as const);
    await legacyFails(legacyPth(one, twice), /names one twice/);
    const extra = [['0', 1, float32s(1)] as const, ['1', 1, float32s(1)] as const];
    await legacyFails(legacyPth(one, extra), /storage "1" is listed but no tensor uses it/);
    const parts = [LEGACY_MAGIC, 1001, SYSTEM_INFO, one, [1]].map(pickle);
    await legacyFails(ops(...parts), /not a list of strings/);
  });

  it('element counts must be what the pickle states', async () => {
    await legacyFails(
      legacyPth(one, [['0', 2, float32s(1, 2)]]),
      /has 2 elements, where the pickle states 1/,
    );
    const lie = legacyPth({ t: floats('0', 2 ** 30, true) }, [['0', 2 ** 30, float32s(1)]]);
    await legacyFails(lie, /needs 4294967296 bytes, 4 are left/, 'truncated');
  });

  it('what follows the last storage is counted, as torch.load ignores it too', async () => {
    const bytes = ops(legacyPth(one, [['0', 1, float32s(1)]]), 'rest');
    expect((await readPth(fileOf(folder, bytes))).trailingBytes).toBe(4);
  });

  it('pickles longer than the first look at the file are read whole', async () => {
    const long = 'x'.repeat(6 << 20);
    const bytes = legacyPth({ ...one, long }, [['0', 1, float32s(1.5)]]);
    const { value } = await readPth(fileOf(folder, bytes));
    expect((value as Map<string, string>).get('long')?.length).toBe(6 << 20);
  });
});

describe('hostile zip archives', () => {
  const good = zipEntries(pickle({ t: floats('0', 2) }), { 0: float32s(1, 2) });

  function change(name: string, changes: Partial<ZipEntry>): ZipEntry[] {
    return good.map((entry) => (entry.name === name ? { ...entry, ...changes } : entry));
  }

  async function zipFails(entries: readonly ZipEntry[], code: CheckpointError['code'], message: RegExp) {
    const path = fileOf(folder, zip(entries));
    await failure(() => readPth(path), code, message, path);
  }

  it('compressed entries are read', async () => {
    const path = fileOf(folder, zip(good.map((entry) => ({ ...entry, compress: true }))));
    expect((await readPth(path)).stateDict().get('t')?.data).toEqual(float32s(1, 2));
  });

  it('a zip bomb is stopped before it inflates', async () => {
    const zeros = new Uint8Array(300 << 20);
    const bomb = zipEntries(pickle({ t: floats('0', zeros.length / 4) }), { 0: zeros });
    await zipFails(
      bomb.map((entry) => ({ ...entry, compress: true })),
      'limit',
      /brings what is inflated or copied from the file to \d+ bytes, where at most 268435456/,
    );
    const lie = { compress: true, statedSize: 2 ** 30 };
    await zipFails(change('net/data.pkl', lie), 'limit', /more than 536870912|at most 536870912/);
    await zipFails(
      change('net/byteorder', { ...lie, statedSize: 1 << 29 }),
      'corrupt',
      /says "536870912 bytes"/,
    );
  });

  it('an entry that inflates to another size than stated is refused', async () => {
    const size = pickle({ t: floats('0', 2) }).length;
    const name = 'net/data.pkl';
    await zipFails(
      change(name, { compress: true, statedSize: size - 1 }),
      'corrupt',
      /cannot be inflated to its \d+ bytes/,
    );
    const long = { compress: true, statedSize: size + 1 };
    await zipFails(change(name, long), 'corrupt', /inflates to \d+ bytes, where \d+ are stated/);
    const far = { compress: true, statedSize: 1 << 28 };
    await zipFails(change(name, far), 'corrupt', /claims to inflate from \d+ to 268435456 bytes/);
  });

  it('sizes that differ for a stored entry, a wrong checksum, encryption, other methods', async () => {
    const name = 'net/data/0';
    await zipFails(change(name, { statedSize: 4 }), 'corrupt', /size mismatch/);
    await zipFails(
      change(name, { statedCrc: 1 }),
      'corrupt',
      /entry "net\/data\/0" does not match its checksum/,
    );
    await zipFails(change(name, { flags: 1, statedStoredSize: 20 }), 'unsupported', /is encrypted/);
    await zipFails(change(name, { flags: 0x41 }), 'corrupt', /strong encryption/);
    await zipFails(change(name, { method: 12 }), 'unsupported', /compressed by method 12/);
  });

  it('writers that leave the checksum out are tolerated', async () => {
    const path = fileOf(folder, zip(change('net/data/0', { statedCrc: 0 })));
    expect((await readPth(path)).stateDict().size).toBe(1);
  });

  it('two entries of one name, entries that overlap, headers that name another entry', async () => {
    await zipFails([...good, good[2] as ZipEntry], 'corrupt', /two entries named "net\/data\/0"/);
    await zipFails(
      change('net/data/0', { headerName: 'net/data/1' }),
      'corrupt',
      /its header names another entry/,
    );
    await zipFails(change('net/data/0', { statedOffset: 0 }), 'corrupt', /is damaged/);
    await zipFails(change('net/data/0', { statedOffset: 0x7fffffff }), 'corrupt', /lie outside the file/);
    await zipFails(
      [...good, { name: 'b/data.pkl', data: ops() }],
      'corrupt',
      /two checkpoints, "net" and "b"/,
    );
    await zipFails([{ name: '../data.pkl', data: ops() }], 'corrupt', /relative path/);
  });

  it('an archive of a TorchScript program is named as one', async () => {
    const script = [...good, { name: 'net/constants.pkl', data: ops() }];
    await zipFails(script, 'unsupported', /is a TorchScript archive/);
  });
});

describe('truncation', () => {
  const value = { a: floats('0', 3), b: tensor(storage('FloatStorage', '0', 3), 0, [2, 3], [0, 1]) };
  const legacy = { a: floats('0', 3, true) };

  it.each([
    ['a zip archive', zipPth(value, { 0: float32s(1, 2, 3) }), 1],
    ['a legacy stream', legacyPth(legacy, [['0', 3, float32s(1, 2, 3)]]), 1],
    ["PyTorch's zip archive", fixture('kinds.zip.pth'), 41],
    ["PyTorch's legacy stream", fixture('kinds.legacy.pth'), 41],
  ])('of %s is an error, wherever it is cut', async (_, bytes, step) => {
    expect((await readPth(fileOf(folder, bytes))).stateDict().size).toBeGreaterThan(0);
    for (let length = 0; length < bytes.length; length += step) {
      const cut = fileOf(folder, bytes.subarray(0, length));
      await expect(readPth(cut)).rejects.toBeInstanceOf(CheckpointError);
    }
  });
});

function fixture(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)));
}
