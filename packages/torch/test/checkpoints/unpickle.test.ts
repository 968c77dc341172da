import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  NUMPY_GLOBALS,
  type PickleGlobals,
  PYTHON_GLOBALS,
  type RawTensor,
  type UnpickleOptions,
  unpickle,
} from '../../src/checkpoints/index.js';
import { Complex } from '../../src/values.js';
import { int32, int64, ops, pickle } from './make-pth.js';
import { failure } from './temporary.js';

const GLOBALS: PickleGlobals = new Map([...PYTHON_GLOBALS, ...NUMPY_GLOBALS]);

function read(bytes: Uint8Array, options: Partial<UnpickleOptions> = {}): unknown {
  return unpickle(bytes, 0, { file: 'test.pkl', globals: GLOBALS, ...options }).value;
}

/** Reads opcodes without the PROTO in front and the STOP behind. */
function run(...parts: (string | number | Uint8Array)[]): unknown {
  return read(ops(...parts, '.'));
}

const PICKLES: string[] = JSON.parse(readFileSync(new URL('fixtures/pickles.json', import.meta.url), 'utf8'));

describe("Python's own pickles", () => {
  it.each(PICKLES.map((hex, protocol) => ({ protocol, hex })))(
    'of protocol $protocol give the same value',
    ({ hex }) => {
      const value = read(Buffer.from(hex, 'hex')) as Map<unknown, unknown>;
      expect(value.get('none')).toBe(null);
      expect(value.get('yes')).toBe(true);
      expect(value.get('no')).toBe(false);
      const ints = [
        0,
        1,
        255,
        256,
        65535,
        65536,
        -1,
        -(2 ** 31),
        2 ** 31,
        2 ** 53 - 1,
        -(2n ** 63n),
        2n ** 100n,
      ];
      expect(value.get('ints')).toEqual(ints);
      expect(value.get('floats')).toEqual([0, -0, 1.5, 1e300, Infinity, -Infinity]);
      const text = ['', 'plain', 'Grüße', '日本', '😀', 'tab\tnewline\nquote\'"\\'];
      expect(value.get('text')).toEqual(text);
      expect(value.get('long')).toBe('x'.repeat(300));
      expect(value.get('bytes')).toEqual([
        new Uint8Array(0),
        Uint8Array.of(0, 0x80, 0xff),
        new Uint8Array(300),
      ]);
      expect(value.get('array')).toEqual(Uint8Array.of(97, 98));
      expect(value.get('tuples')).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
      expect(value.get('nested')).toEqual(new Map([['a', new Map([['b', [new Map()]]])]]));
      expect(value.get(1)).toBe('int key');
      const tupleKey = [...value.keys()].find((key) => Array.isArray(key));
      expect(tupleKey).toEqual([1, 2]);
      expect(value.get(tupleKey)).toBe('tuple key');
      expect(value.get('set')).toEqual(new Set([1]));
      expect(value.get('frozen')).toEqual(new Set([2]));
      expect([...(value.get('ordered') as Map<string, number>)]).toEqual([
        ['b', 1],
        ['a', 2],
      ]);
      expect(value.get('complex')).toEqual(new Complex(1, 2));
      const cycle = value.get('cycle') as unknown[];
      expect(cycle[0]).toBe(1);
      expect(cycle[1]).toBe(cycle);
      const numbers = value.get('numbers') as RawTensor;
      expect([numbers.dtype, numbers.shape]).toEqual(['float64', [2]]);
      expect(new Float64Array(numbers.data.buffer)).toEqual(Float64Array.of(1.5, -2));
    },
  );
});

describe('values', () => {
  it('tuples are frozen arrays, lists are not', () => {
    expect(Object.isFrozen(run('(K', 1, 't'))).toBe(true);
    expect(Object.isFrozen(run('](K', 1, 'e'))).toBe(false);
  });

  it('integers are bigints only beyond the safe integers', () => {
    expect(read(pickle(2n ** 53n - 1n))).toBe(2 ** 53 - 1);
    expect(read(pickle(2n ** 53n))).toBe(2n ** 53n);
    expect(read(pickle(-(2n ** 53n)))).toBe(-(2n ** 53n));
    expect(run(0x8a, 0)).toBe(0);
  });

  it("Python 2's strings are text where they are UTF-8, else bytes", () => {
    expect(run('U', 3, 'abc')).toBe('abc');
    expect(run('U', 2, 0xc3, 0x28)).toEqual(Uint8Array.of(0xc3, 0x28));
    expect(run("S'a\\n\\x41'\n")).toBe('a\nA');
  });

  it('paths become strings, namespaces dictionaries', () => {
    expect(run('cpathlib\nPosixPath\n(U', 1, '/U', 4, 'dataU', 1, 'xtR')).toBe('/data/x');
    const namespace = run(
      'cargparse\nNamespace\n)',
      0x81,
      '}U',
      2,
      'lrG',
      Buffer.from('3fe0000000000000', 'hex'),
      'sb',
    );
    expect(namespace).toEqual(new Map([['lr', 0.5]]));
  });

  it('several pickles in a row each say where they end', () => {
    const bytes = ops(pickle('first'), pickle([2]), 'rest');
    const first = unpickle(bytes, 0, { file: 'row.pkl' });
    const second = unpickle(bytes, first.end, { file: 'row.pkl' });
    expect([first.value, second.value, second.end]).toEqual(['first', [2], bytes.length - 4]);
  });

  it('POP, POP_MARK and DUP work as in Python', () => {
    expect(run('K', 1, 'K', 2, '0')).toBe(1);
    expect(run('K', 1, '(K', 2, 'K', 3, '1')).toBe(1);
    expect(run('K', 1, '(0')).toBe(1);
    expect(run('(K', 7, '2t')).toEqual([7, 7]);
  });

  it('OrderedDict takes the pairs that Python 2 wrote', () => {
    const value = run('ccollections\nOrderedDict\n((](U', 1, 'a', 'K', 1, 'e](U', 1, 'b', 'K', 2, 'eltR');
    expect(value).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
  });

  it('NumPy scalars become numbers', () => {
    const scalar = (code: string, order: string, bytes: Uint8Array) =>
      run(
        ...['cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(U', code.length, code, 'K', 0, 'K', 1, 'tR'],
        ...['(K', 3, 'U', 1, order, 'NNNJ', int32(-1), 'J', int32(-1), 'K', 0, 'tb'],
        ...['C', bytes.length, bytes, 'tR'],
      );
    expect(scalar('f2', '<', Uint8Array.of(0x00, 0x3e))).toBe(1.5);
    expect(scalar('f2', '<', Uint8Array.of(0x01, 0x80))).toBe(-(2 ** -24));
    expect(scalar('f4', '<', new Uint8Array(Float32Array.of(0.25).buffer))).toBe(0.25);
    expect(scalar('i8', '<', int64(-5))).toBe(-5);
    expect(scalar('u8', '<', int64(-1))).toBe(2n ** 64n - 1n);
    expect(scalar('b1', '|', Uint8Array.of(1))).toBe(true);
    expect(scalar('c8', '<', new Uint8Array(Float32Array.of(1, -2).buffer))).toEqual(new Complex(1, -2));
    expect(() => scalar('f4', '>', new Uint8Array(4))).toThrow(/not little endian/);
    expect(() => scalar('f4', '<', new Uint8Array(3))).toThrow(/3 bytes, where 4 are due/);
    expect(() => scalar('O8', '|', new Uint8Array(8))).toThrow(/NumPy type "O8" is not supported/);
  });
});

describe('what is refused', () => {
  it('any name that was not passed, with its place, and without executing anything', async () => {
    const bytes = ops(0x80, 2, 'cos\nsystem\n(U', 4, 'true', 'tR.');
    const error = await failure(
      () => read(bytes),
      'refused',
      /"os\.system", nothing was executed.*at byte 2/,
      'test.pkl',
    );
    expect(error.offset).toBe(2);
    await failure(
      () => read(ops(0x80, 4, 0x8c, 2, 'os', 0x8c, 6, 'system', 0x93, '.')),
      'refused',
      /"os\.system"/,
    );
    await failure(() => run('(U', 4, 'true', 'ios\nsystem\n'), 'refused', /"os\.system"/);
    await failure(() => run('c__builtin__\neval\n'), 'refused', /"__builtin__\.eval"/);
    await failure(() => run('ccollections\nOrderedDict.__init__.__globals__\n'), 'refused', /__globals__/);
    await failure(() => run('cconstructor\nconstructor\n'), 'refused', /constructor/);
  });

  it('calls of data, and states for what takes none', async () => {
    await failure(() => run('K', 1, ')R'), 'refused', /refused to call an integer/);
    await failure(() => run('cbuiltins\nlist\n)R'), 'refused', /refused to call builtins\.list/);
    await failure(() => run('}}b'), 'refused', /refused BUILD on a dictionary/);
    await failure(() => run('c__builtin__\nset\n)R}b'), 'refused', /refused BUILD on a set/);
  });

  it('extension codes, out-of-band buffers and unknown opcodes', async () => {
    await failure(() => run(0x82, 1), 'unsupported', /EXT1 is not supported/);
    await failure(() => run(0x97), 'unsupported', /NEXT_BUFFER is not supported/);
    await failure(() => run(0xff), 'corrupt', /0xff is not a pickle opcode/);
    await failure(() => run(0x80, 9), 'corrupt', /protocol 9/);
    await failure(() => run('K', 1, 'Q'), 'corrupt', /refers to data outside itself/);
  });

  it('malformed programs', async () => {
    await failure(() => run('0'), 'corrupt', /too few values/);
    await failure(() => run('K', 1, '(R'), 'corrupt', /too few values/);
    await failure(() => run('t'), 'corrupt', /no mark/);
    await failure(() => run('K', 1, 'K', 2), 'corrupt', /1 entries left/);
    await failure(() => run('K', 1, '('), 'corrupt', /too few|left on its stack/);
    await failure(() => run('h', 3), 'corrupt', /memo entry 3 is read before/);
    await failure(() => run(')K', 1, 'a'), 'corrupt', /APPEND to a tuple/);
    await failure(() => run(']K', 1, 'K', 2, 's'), 'corrupt', /SETITEM on a list/);
    await failure(() => run('}(K', 1, 'u'), 'corrupt', /a key that has no value/);
    await failure(() => run('}]K', 1, 's'), 'corrupt', /a list as a key/);
    await failure(() => run('X', int32(2), 0xc3, 0x28), 'corrupt', /not valid UTF-8/);
    await failure(() => run('Iabc\n'), 'corrupt', /not a number/);
    await failure(() => run('F1e\n'), 'corrupt', /not a number/);
    await failure(() => run('S"abc\n'), 'corrupt', /malformed string/);
    await failure(() => run('T', int32(-1)), 'corrupt', /a string of -1 bytes/);
    await failure(() => run('ccollections\nOrderedDict\n]R'), 'corrupt', /a call with a list/);
  });
});

describe('bounds', () => {
  it('lengths are compared with what is left before anything is allocated', async () => {
    await failure(() => run('B', int32(-1)), 'truncated', /4294967295 bytes, 1 are left/);
    await failure(() => run(0x8e, int64(2n ** 62n)), 'truncated', /4611686018427388000 bytes, 1 are left/);
    await failure(() => run(0x8d, int64(-1n)), 'limit', /a string of 18446744073709552000 bytes/);
    await failure(() => run('X', int32(2 ** 20)), 'truncated', /1048576 bytes/);
    await failure(() => run(0x8b, int32(2 ** 30)), 'limit', /an integer of 1073741824 bytes/);
    await failure(() => run(0x8b, int32(-1)), 'corrupt', /an integer of -1 bytes/);
    await failure(() => run(`L${'9'.repeat(100_000)}L\n`), 'limit', /an integer of 40000 bytes/);
    await failure(() => read(ops(`c${'x'.repeat(2 ** 21)}`)), 'limit', /a line of more than/);
  });

  it('deep nesting neither overflows nor hangs', async () => {
    const depth = 1_000_000;
    let value = read(ops(')', Buffer.alloc(depth, 0x85), '.'), { limits: { maxObjects: 2 * depth } });
    let levels = 0;
    while (Array.isArray(value) && value.length > 0) {
      value = value[0];
      levels++;
    }
    expect(levels).toBe(depth);
    await failure(() => read(Buffer.alloc(depth * 2, '(')), 'limit', /stack holds more than 1000000 entries/);
    await failure(() => read(Buffer.alloc(depth * 3, ']')), 'limit', /stack holds more than 1000000 entries/);
  });

  it('memo, values and objects are counted', async () => {
    const puts = ops('K', 1, ...Array.from({ length: 20 }, (_, i) => ops('r', int32(i * 1000))), '.');
    await failure(() => read(puts, { limits: { maxMemo: 10 } }), 'limit', /memo holds more than 10/);
    const lists = ops(']', ...Array.from({ length: 20 }, () => ']a'), '.');
    await failure(() => read(lists, { limits: { maxObjects: 10 } }), 'limit', /more than 10 objects/);
    const nones = ops(']', ...Array.from({ length: 20 }, () => 'Na'), '.');
    await failure(() => read(nones, { limits: { maxValues: 10 } }), 'limit', /more than 10 values/);
    const dictionary = ops('}(', ...Array.from({ length: 20 }, (_, i) => ops('K', i, 'N')), 'u.');
    await failure(() => read(dictionary, { limits: { maxObjects: 10 } }), 'limit', /more than 10 entries/);
  });

  it('a "billion laughs" of references costs only its own length', () => {
    const layers = Array.from({ length: 100 }, (_, i) =>
      ops(']q', i + 1, `(${`h${String.fromCharCode(i)}`.repeat(10)}e`),
    );
    const started = performance.now();
    run(']q', 0, ...layers, ...Array.from({ length: 100 }, () => Buffer.from('0')).slice(0, 100));
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('copying the same data over and over is stopped', async () => {
    const text = 'x'.repeat(1 << 20);
    const copy = 'c_codecs\nencode\nh\x00X\x06\x00\x00\x00latin1\x86R0';
    const copies = ops('X', int32(text.length), text, 'q', 0, copy.repeat(100), '.');
    await failure(() => read(copies), 'limit', /copies take/);
    const sets = ops('(', 'K\x01'.repeat(1000), 'lq', 0, 'c__builtin__\nset\nh\x00\x85R0'.repeat(100), '.');
    await failure(() => read(sets, { limits: { maxValues: 50_000 } }), 'limit', /more than 50000 values/);
  });

  it('a tuple of a million entries is checked in no time, however often', () => {
    const tuple = ops('(', 'N'.repeat(900_000), 'tq', 0);
    const started = performance.now();
    const value = read(ops(tuple, '0}', 'h\x00Ns'.repeat(300_000), '.')) as Map<unknown, unknown>;
    expect(value.size).toBe(1);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
