// Writes src/generated/aten.ts: the signatures of every ATen operator of the libtorch at hand.
// The checked-in file is that of libtorch 1.13; run `npm run generate -w @mien/torch` to see another's.
// With --check it writes nothing and fails where the file is not what it would write.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('../', import.meta.url);
const native = createRequire(import.meta.url)(new URL('build/mien_torch.node', root).pathname);
// Members that the class declares itself are not generated a second time.
const { Tensor } = await import(new URL('dist/tensor.js', root));
const handwritten = new Set(Object.getOwnPropertyNames(Tensor.prototype));

const SCALAR_TYPES = {
  Tensor: 'Tensor',
  Scalar: 'Scalar',
  int: 'number',
  SymInt: 'number',
  float: 'number',
  complex: 'Complex | number',
  bool: 'boolean',
  str: 'string',
  Device: 'Device',
  ScalarType: 'DType',
  Layout: 'Layout',
  MemoryFormat: 'MemoryFormat',
  Generator: 'Generator',
};
const RESERVED = new Set(['default', 'in', 'var', 'function', 'new', 'with', 'this', 'arguments', 'eval']);

const camelCase = (name) => name.replace(/(?<=[^_])_([^_])/g, (_, letter) => letter.toUpperCase());

/** Splits at commas outside brackets, parentheses and strings. */
function splitArguments(text) {
  const parts = [];
  let depth = 0;
  let quoted = false;
  let current = '';
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    if (!quoted && '(['.includes(c)) depth++;
    if (!quoted && ')]'.includes(c)) depth--;
    if (c === ',' && depth === 0 && !quoted) {
      parts.push(current.trim());
      current = '';
    } else current += c;
  }
  if (current.trim() !== '') parts.push(current.trim());
  return parts;
}

/** TypeScript of a schema type, or undefined where JavaScript has no value of it. */
function typeScriptOf(schemaType, isResult) {
  const type = schemaType.replace(/\([a-z*!|\s>-]*\)/g, '');
  if (type.endsWith('?')) {
    const inner = typeScriptOf(type.slice(0, -1), isResult);
    return inner && `${inner} | null`;
  }
  const list = /^(.*)\[(\d*)\]$/.exec(type);
  if (list) {
    const inner = typeScriptOf(list[1], isResult);
    if (!inner) return undefined;
    const element = inner.includes('|') ? `(${inner})` : inner;
    if (isResult) return `${element}[]`;
    return list[2] !== '' && !inner.includes('Tensor')
      ? `${inner} | readonly ${element}[]`
      : `readonly ${element}[]`;
  }
  return SCALAR_TYPES[type];
}

function parse(schema) {
  const match = /^aten::([\w.]+)\((.*)\) -> (.*)$/.exec(schema);
  if (!match) return undefined;
  let keywordOnly = false;
  const parameters = [];
  for (const part of splitArguments(match[2])) {
    if (part === '*') {
      keywordOnly = true;
      continue;
    }
    const [, type, name, fallback] = /^(.+?) (\w+)(=.*)?$/.exec(part) ?? [];
    const ts = type && typeScriptOf(type, false);
    if (!ts) {
      if (fallback === undefined) return undefined;
      continue;
    }
    parameters.push({ name: camelCase(name), ts, optional: fallback !== undefined, keywordOnly });
  }
  const returns =
    match[3].startsWith('(') && match[3].endsWith(')') ? splitArguments(match[3].slice(1, -1)) : [match[3]];
  const results = returns.map((part) => typeScriptOf(part.replace(/^(\S+) \w+$/, '$1'), true) ?? 'unknown');
  const result =
    results.length === 0 ? 'void' : results.length === 1 ? results[0] : `[${results.join(', ')}]`;
  return { parameters, result };
}

const positional = ({ name, ts, optional }) =>
  `${RESERVED.has(name) ? `${name}_` : name}${optional ? '?' : ''}: ${ts}`;
const property = ({ name, ts, optional }) => `${name}${optional ? '?' : ''}: ${ts}`;

/** The ways to call one overload: optional arguments by position, or all of them by name. */
function signatures({ parameters, result }) {
  const required = parameters.filter((p) => !p.keywordOnly && !p.optional);
  const optional = parameters.filter((p) => !p.keywordOnly && p.optional);
  const keywords = parameters.filter((p) => p.keywordOnly);
  const mustName = keywords.some((p) => !p.optional);
  const bag = (members, sure) => `options${sure ? '' : '?'}: { ${members.map(property).join('; ')} }`;
  const forms = [];
  // Nothing that may be left out can stand before an options object that may not.
  const inOrder = [...required, ...optional.map((p) => (mustName ? { ...p, optional: false } : p))];
  forms.push([...inOrder.map(positional), ...(keywords.length > 0 ? [bag(keywords, mustName)] : [])]);
  if (optional.length > 0) forms.push([...required.map(positional), bag([...optional, ...keywords], true)]);
  return forms.map((form) => `(${form.join(', ')}): ${result};`);
}

const operatorLines = [];
const methodLines = [];
const taken = new Map();
for (const [name, schemas] of Object.entries(native.operators()).sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (!name.startsWith('aten::')) continue;
  const short = camelCase(name.slice('aten::'.length));
  if (taken.has(short)) throw new Error(`${name} and ${taken.get(short)} are both called ${short}`);
  taken.set(short, name);
  for (const schema of schemas) {
    const parsed = parse(schema);
    if (!parsed) continue;
    const comment = `  /** \`${schema.replaceAll('*/', '*\\/')}\` */`;
    operatorLines.push(comment, ...signatures(parsed).map((signature) => `  ${short}${signature}`));
    const [first, ...rest] = parsed.parameters;
    if (first?.ts === 'Tensor' && / ?\(Tensor(\([a-z!]+\))? self/.test(schema) && !handwritten.has(short)) {
      const method = { ...parsed, parameters: rest };
      methodLines.push(comment, ...signatures(method).map((signature) => `  ${short}${signature}`));
    }
  }
}

const body = [...operatorLines, ...methodLines].join('\n');
const VALUE_TYPES = ['Complex', 'Device', 'Layout', 'MemoryFormat', 'Scalar'];
const text = `// Generated by scripts/generate-operators.mjs from libtorch ${native.info().version}; do not edit.
import type { DType } from '../dtypes.js';
import type { Generator } from '../generator.js';
import type { Tensor } from '../tensor.js';
import type { ${VALUE_TYPES.filter((type) => new RegExp(`\\b${type}\\b`).test(body)).join(', ')} } from '../values.js';

/** The operators as functions. */
export interface AtenOperators {
${operatorLines.join('\n')}
}

/** The operators whose first argument is a tensor, as its methods. */
export interface TensorMethods {
${methodLines.join('\n')}
}
`;
const target = new URL('src/generated/aten.ts', root);
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/generated/aten.ts is not what this libtorch gives');
    process.exitCode = 1;
  }
} else {
  mkdirSync(new URL('.', target), { recursive: true });
  writeFileSync(`${target.pathname}.tmp`, text);
  renameSync(`${target.pathname}.tmp`, target.pathname);
  console.log(`${taken.size} operators, ${text.length} bytes`);
}
