import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CheckpointError,
  openSafetensors,
  type RawTensor,
  readPth,
  readSafetensors,
  writeSafetensors,
} from '../../src/checkpoints/index.js';
import { DTYPE_BYTES, type DType } from '../../src/dtypes.js';
import { float32s, int64, ops } from './make-pth.js';
import { failure, fileOf, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();

/** A file of a header as it stands, and data. */
function made(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): string {
  const bytes = typeof header === 'string' ? Buffer.from(header, 'utf8') : header;
  return fileOf(folder, ops(int64(bytes.length), bytes, data), 'safetensors');
}

function raw(dtype: DType, shape: number[], data: Uint8Array): RawTensor {
  return { dtype, shape, data };
}

async function written(
  tensors: Record<string, RawTensor>,
  metadata?: Record<string, string>,
): Promise<{ path: string; header: string; data: Buffer }> {
  const path = join(folder, 'written.safetensors');
  await writeSafetensors(path, tensors, metadata === undefined ? {} : { metadata });
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  return { path, header: bytes.toString('utf8', 8, 8 + length), data: bytes.subarray(8 + length) };
}

describe('writing', () => {
  it('lays the header out as the reference implementation does', async () => {
    const two = raw('float32', [1, 2], float32s(1, 2));
    const attn = await written({ 'attn.0': two });
    expect(attn.header).toBe('{"attn.0":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}   ');
    expect(attn.data).toEqual(Buffer.from(float32s(1, 2)));
    expect((await written({})).header).toBe('{}      ');
    const noted = await written({}, { framework: 'pt' });
    expect(noted.header).toBe('{"__metadata__":{"framework":"pt"}}     ');
    const path = join(folder, 'map.safetensors');
    await writeSafetensors(path, new Map([['attn.0', two]]), { metadata: new Map([['framework', 'pt']]) });
    expect((await readSafetensors(path)).metadata).toEqual(new Map([['framework', 'pt']]));
  });

  it('puts wide types first, then sorts by name as bytes', async () => {
    const types: DType[] = ['bool', 'uint8', 'int8', 'int16', 'float16', 'bfloat16', 'int32', 'float32'];
    const all: DType[] = [...types, 'complex64', 'float64', 'int64'];
    const tensors = Object.fromEntries(
      all.map((type) => [type, raw(type, [1], new Uint8Array(DTYPE_BYTES[type]))]),
    );
    const { path } = await written(tensors);
    expect((await readSafetensors(path)).tensors.size).toBe(all.length);
    expect([...(await readSafetensors(path)).tensors.keys()]).toEqual([...all].reverse());
    // U+FF5E sorts before U+1F600 in UTF-8, after it in UTF-16
    const names = ['b', 'a', '\u{1f600}', '\uff5e', 'B'];
    const named = await written(
      Object.fromEntries(names.map((name) => [name, raw('int8', [1], Uint8Array.of(1))])),
    );
    expect([...(await readSafetensors(named.path)).tensors.keys()]).toEqual([
      'B',
      'a',
      'b',
      '\uff5e',
      '\u{1f600}',
    ]);
  });

  it('aligns every tensor to its elements', async () => {
    const { path, header } = await written({
      odd: raw('bool', [3], Uint8Array.of(1, 0, 1)),
      half: raw('float16', [1], new Uint8Array(2)),
      wide: raw('int64', [1], new Uint8Array(8)),
    });
    expect(header.length % 8).toBe(0);
    const offsets = [...header.matchAll(/"(\w+)":\{"dtype":"\w+","shape":\[\d\],"data_offsets":\[(\d+)/g)];
    expect(offsets.map(([, name, begin]) => [name, Number(begin)])).toEqual([
      ['wide', 0],
      ['half', 8],
      ['odd', 10],
    ]);
    expect((await readSafetensors(path)).tensors.get('odd')?.data).toEqual(Uint8Array.of(1, 0, 1));
  });

  it('replaces the file at once and leaves nothing behind', async () => {
    const own = join(folder, 'atomic');
    mkdirSync(own);
    const path = join(own, 'model.safetensors');
    writeFileSync(path, 'before');
    const open = openSync(path, 'r');
    await writeSafetensors(path, { a: raw('uint8', [1], Uint8Array.of(1)) });
    expect(readFileSync(open, 'utf8')).toBe('before');
    closeSync(open);
    expect((await readSafetensors(path)).tensors.size).toBe(1);
    expect(readdirSync(own)).toEqual(['model.safetensors']);
    mkdirSync(join(own, 'taken'));
    const taken = join(own, 'taken');
    await failure(() => writeSafetensors(taken, {}), 'io', /cannot be written: EISDIR/, taken);
    const nowhere = join(own, 'missing', 'model.safetensors');
    await failure(() => writeSafetensors(nowhere, {}), 'io', /cannot be written: ENOENT/, nowhere);
    expect(readdirSync(own).sort()).toEqual(['model.safetensors', 'taken']);
  });

  it('refuses what the format cannot hold', async () => {
    const path = join(folder, 'refused.safetensors');
    const one = raw('uint8', [1], Uint8Array.of(1));
    const cases: [Record<string, RawTensor>, Record<string, unknown>, RegExp][] = [
      [
        { a: raw('complex128', [1], new Uint8Array(16)) },
        {},
        /type complex128, which safetensors files cannot hold/,
      ],
      [
        { a: raw('float32', [2], new Uint8Array(7)) },
        {},
        /"a" has 7 bytes, where float32 of shape \[2\] takes 8/,
      ],
      [{ a: raw('uint8', [-1], new Uint8Array(0)) }, {}, /"a" has shape \[-1\]/],
      [{ a: raw('uint8', [0.5], new Uint8Array(0)) }, {}, /"a" has shape \[0\.5\]/],
      [{ __metadata__: one }, {}, /keeps for its metadata/],
      [{ '\ud800': one }, {}, /surrogate pair in its name/],
      [{ a: one }, { epoch: 3 }, /metadata "epoch" is number, where only strings/],
      [{ a: one }, { epoch: '\udc00' }, /half of a surrogate pair/],
    ];
    for (const [tensors, metadata, message] of cases) {
      const options = { metadata: metadata as Record<string, string> };
      await failure(() => writeSafetensors(path, tensors, options), 'invalid', message, path);
    }
    expect(readdirSync(folder)).not.toContain('refused.safetensors');
  });
});

describe('writing, then reading', () => {
  const dtype = fc.constantFrom(
    ...(Object.keys(DTYPE_BYTES) as DType[]).filter((name) => name !== 'complex128'),
  );
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const tensor = fc.tuple(dtype, shape).chain(([type, sizes]) => {
    const length = sizes.reduce((product, size) => product * size, DTYPE_BYTES[type]);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => raw(type, sizes, data));
  });
  const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '__metadata__');

  it('is the identity for all types, shapes, names and metadata', async () => {
    const path = join(folder, 'identity.safetensors');
    const tensors = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 });
    const metadata = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'grapheme' })), {
      selector: ([key]) => key,
    });
    await fc.assert(
      fc.asyncProperty(tensors, metadata, async (entries, notes) => {
        const map = new Map(entries);
        await writeSafetensors(path, map, { metadata: new Map(notes) });
        const read = await readSafetensors(path);
        expect(read.metadata).toEqual(new Map(notes));
        expect(new Set(read.tensors.keys())).toEqual(new Set(map.keys()));
        for (const [key, { dtype, shape, data }] of read.tensors) {
          expect({ dtype, shape, data }).toEqual(map.get(key));
          expect(data.byteOffset % DTYPE_BYTES[dtype]).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('carries a PyTorch checkpoint over unchanged', async () => {
    const source = fileURLToPath(new URL('fixtures/kinds.zip.pth', import.meta.url));
    const tensors = (await readPth(source)).stateDict();
    tensors.delete('complex128');
    tensors.delete('permuted_complex128');
    const path = join(folder, 'kinds.safetensors');
    await writeSafetensors(path, tensors);
    const read = (await readSafetensors(path)).tensors;
    expect(read.size).toBe(tensors.size);
    for (const [key, value] of tensors) expect(read.get(key)).toEqual(value);
  });
});

describe('reading', () => {
  const header =
    '{"b":{"dtype":"U8","shape":[],"data_offsets":[4,5]},"a":{"shape":[2,2],"data_offsets":[0,4],"dtype":"I8"}}';

  it('opens without reading, then gives one tensor at a time', async () => {
    await using file = await openSafetensors(made(header, Uint8Array.of(1, 2, 3, 4, 5)));
    expect(file.names).toEqual(['a', 'b']);
    expect(file.info('a')).toEqual({ dtype: 'int8', shape: [2, 2] });
    expect((await file.tensor('b')).data).toEqual(Uint8Array.of(5));
    expect((await file.tensor('a')).data).toEqual(Uint8Array.of(1, 2, 3, 4));
    await failure(() => file.tensor('c'), 'invalid', /has no tensor "c" among its 2/, file.path);
    truncateSync(file.path, 100);
    await failure(() => file.tensor('b'), 'truncated', /became shorter while tensor "b" was read/);
  });

  it('takes whitespace, escapes and any order of the names', async () => {
    const spaced = ` {\n "\\u0062\\n" : { "dtype" :\t"U8", "shape" : [ 1 , 0 ] ,\r "data_offsets" : [ 0 , 0 ] } } \n `;
    expect([...(await readSafetensors(made(spaced.trimStart()))).tensors.keys()]).toEqual(['b\n']);
    expect((await readSafetensors(made('{}'))).tensors.size).toBe(0);
  });

  it('keeps names that JavaScript objects would trip over', async () => {
    const names = ['__proto__', 'constructor', '1', ''];
    const map = new Map(names.map((name, i) => [name, raw('uint8', [1], Uint8Array.of(i))]));
    const path = join(folder, 'names.safetensors');
    await writeSafetensors(path, map, { metadata: new Map([['__proto__', 'x']]) });
    const read = await readSafetensors(path);
    expect(new Map(read.tensors)).toEqual(map);
    expect(read.metadata.get('__proto__')).toBe('x');
  });

  it('headers of many megabytes of one character neither overflow nor hang', async () => {
    const many = 40 << 20;
    const cases = [
      `{${' '.repeat(many)}`,
      `{"${'\\\\'.repeat(many / 2)}`,
      `{"a":{"shape":[${'1'.repeat(many)}`,
    ];
    for (const text of cases) {
      const error = await openSafetensors(made(text)).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(CheckpointError);
      expect((error as Error).message.length).toBeLessThan(1000);
    }
  });
});
