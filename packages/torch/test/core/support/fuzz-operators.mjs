// Calls operators with wrong arguments, in a process of its own: a crash must not take the test down with it.
// argv: JSON {seed, from, to, log}. Before each call the operator's name goes to `log`, so that a crash has a name.
import { openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  aten,
  Complex,
  fromTypedArray,
  generator,
  manualSeed,
  noGrad,
  ones,
  op,
  setNumThreads,
  Tensor,
  tidy,
  zeros,
} from '@mien/torch';

const { seed, from, to, log, skip = [] } = JSON.parse(process.argv[2]);
setNumThreads(1);
manualSeed(0);

/** mulberry32: a stream of numbers on [0, 1) that is the same everywhere. */
export function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const next = random(seed);
const pick = (list) => list[Math.floor(next() * list.length)];

const tensors = [
  zeros([]),
  zeros([0]),
  ones([1]),
  ones([3]),
  ones([2, 3]),
  ones([3, 2]).t(),
  ones([1, 2, 3]),
  ones([1, 2, 5, 5]),
  zeros([2, 0, 3]),
  ones([2, 3], { dtype: 'int64' }),
  ones([4], { dtype: 'int64' }).mul(-7),
  ones([3], { dtype: 'int64' }).mul(1e6),
  zeros([3], { dtype: 'bool' }),
  ones([2, 2], { dtype: 'float64' }),
  ones([2, 2], { dtype: 'bfloat16' }),
  ones([2], { dtype: 'complex64' }),
  ones([2, 3], { dtype: 'uint8' }),
  zeros([1]).expand([2, 3]),
  ones([2, 3]).requiresGrad_(),
  ones([2, 3], { device: 'meta' }),
  fromTypedArray(new Float32Array([NaN, Infinity, -1])),
  aten.toSparse(ones([2, 2])),
  ones([2, 3], { dtype: 'int32' }),
];
const disposed = ones([1]);
disposed.dispose();
const integers = [
  -1,
  0,
  1,
  2,
  3,
  5,
  -100,
  1000,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  9223372036854775807n,
  -9223372036854775808n,
];
const numbers = [...integers, 0.5, -2.5, NaN, Infinity, -Infinity, 1e308];
const strings = [
  '',
  'x',
  'cpu',
  'cuda:99',
  'meta',
  'float32',
  'int64',
  'mean',
  'ij,jk->ik',
  'channels_last',
  'strided',
  '\ud800',
  '💥'.repeat(3),
];
const g = generator({ seed: 1 });

function ofType(type) {
  if (type.endsWith('?')) return next() < 0.3 ? null : ofType(type.slice(0, -1));
  const list = /^(.*)\[\d*\]$/.exec(type);
  if (list)
    return next() < 0.1
      ? ofType(list[1])
      : Array.from({ length: pick([0, 1, 2, 2, 3, 4, 7]) }, () => ofType(list[1]));
  switch (type) {
    case 'Tensor':
      return pick(tensors);
    case 'int':
    case 'SymInt':
      return pick(integers);
    case 'float':
    case 'Scalar':
      return pick(numbers);
    case 'bool':
      return next() < 0.5;
    case 'Generator':
      return g;
    default:
      return pick(strings);
  }
}
function anything() {
  return pick([
    () => pick(tensors),
    () => disposed,
    () => pick(numbers),
    () => pick(strings),
    () => null,
    () => undefined,
    () => true,
    () => [pick(tensors), pick(numbers)],
    () => [[]],
    () => ({ dim: pick(numbers) }),
    () => ({ nonsense: 1 }),
    () => new Complex(1, NaN),
    () => Symbol('x'),
    () => () => 1,
    () => new Date(),
    () => new Int32Array([1, -2]),
    () => g,
    () => 2n ** 70n,
    () => new Map(),
    () => [Array(50).fill(null)],
  ])();
}

// Operators that do what they are told to files.
const EXCLUDED = new Set(['aten::from_file']);
// Operators that take their time as long as the number they are given says (libtorch 2.13 loops for ever in random_).
// Operators that take as long as the number they are given says.
const ENDLESS = /polynomial|matrix_power|binomial|combinations|random/;
const schemas = Object.entries(createRequire(import.meta.url)('../../../build/mien_torch.node').operators())
  .filter(
    ([name]) =>
      name.startsWith('aten::') && !EXCLUDED.has(name) && !ENDLESS.test(name) && !skip.includes(name),
  )
  .flatMap(([name, list]) => list.map((schema) => [name, schema]));

const file = openSync(log, 'w');
let errors = 0;
let results = 0;
for (let i = from; i < to; i++) {
  const [name, schema] = schemas[Math.floor(next() * schemas.length)];
  const types = /\((.*)\) -> /
    .exec(schema)[1]
    .split(', ')
    .filter((part) => part !== '*' && part !== '')
    .map((part) => part.replace(/\([a-z!|* >-]*\)/g, '').split(' ')[0]);
  const mostlyRight = next() < 0.75;
  const args = types.map((type) => (mostlyRight && next() < 0.93 ? ofType(type) : anything()));
  if (next() < 0.1) args.pop();
  if (next() < 0.05) args.push(anything());
  const show = (a) =>
    typeof a === 'bigint'
      ? `${a}n`
      : Array.isArray(a)
        ? `[${a.map(show)}]`
        : a instanceof Tensor && !a.isDisposed
          ? `${a.dtype}[${a.shape}]`
          : String(
              a?.constructor === Object
                ? JSON.stringify(a, (_, v) => (typeof v === 'bigint' ? String(v) : v))
                : typeof a === 'symbol'
                  ? 'symbol'
                  : a instanceof Map
                    ? 'map'
                    : a === disposed
                      ? 'disposed'
                      : a,
            );
  writeSync(file, `${i} ${schema} <- ${args.map(show).join(' ; ')}\n`.slice(0, 1500).padEnd(1500), 0);
  try {
    tidy(() => {
      next() < 0.5 ? noGrad(() => op(name)(...args)) : op(name)(...args);
    });
    results++;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    errors++;
  }
}
process.stdout.write(`\n${JSON.stringify({ errors, results })}\n`);
