// The data of the default models, made ready for training: pictures out of their archives, and a manifest for each set.
//
//   node recipes/default-data.mjs DATA OUT
//
// DATA holds ferplus.tar, ferplus-expr.csv, ferplus-va.csv, muxspace.tar, muxspace.au.csv and ict-faces/train.tar.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaceTable, pathOf, readManifest, writeManifest } from 'mien/datasets';
import { decodeRgb } from 'mien/images';

const [data, out] = process.argv.slice(2).map((folder) => resolve(folder));
if (out === undefined) {
  process.stderr.write('usage: node recipes/default-data.mjs DATA OUT\n');
  process.exit(2);
}
mkdirSync(out, { recursive: true });

/** Whole or not at all: a folder that is there is complete. */
function extract(archive, folder) {
  if (existsSync(join(out, folder))) return;
  const temporary = join(out, `.${folder}`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  execFileSync('tar', ['-xf', join(data, archive), '-C', temporary]);
  renameSync(temporary, join(out, folder));
}

extract('ferplus.tar', 'ferplus');
extract('muxspace.tar', 'muxspace');
extract('ict-faces/train.tar', 'ict');

const mien = (...args) =>
  execFileSync('node', [join(import.meta.dirname, '../packages/mien/dist/cli/main.js'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
const manifest = (name) => join(out, `${name}.parquet`);

/** Rows of small CSV tables without quotes. */
const cells = (file) =>
  readFileSync(file, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));

async function contentOf(path) {
  const { data: pixels, width, height } = await decodeRgb(readFileSync(path));
  return createHash('sha256').update(`${width}x${height}:`).update(pixels).digest('hex');
}

/** A manifest's rows for which `keep` says a row, which may differ from what it was. */
async function rewrite(from, to, keep) {
  const { faces, roots, history } = await readManifest(manifest(from));
  const kept = new FaceTable(faces.schema);
  for (let row = 0; row < faces.length; row++) {
    const changed = await keep(faces.row(row), row);
    if (changed !== undefined) kept.push(changed);
  }
  writeManifest(manifest(to), { faces: kept, roots, history });
  process.stdout.write(`${to}: ${kept.length} of ${faces.length} faces\n`);
}

// Expressions of FER+ as raters' votes, for the pictures of ferplus-expr.csv. Training pictures that are copies of validation
// pictures are left out of both FER+ manifests.
mien(
  ...[
    'data',
    'import',
    'fer-plus',
    '--root',
    join(out, 'ferplus'),
    '--labels',
    'votes',
    '--out',
    manifest('votes'),
  ],
);
const votes = await readManifest(manifest('votes'));
const contents = [];
const validation = new Set();
for (let row = 0; row < votes.faces.length; row++) {
  contents[row] = await contentOf(pathOf(votes, row));
  if (votes.faces.split.get(row) === 'validation') validation.add(contents[row]);
}
const contentAt = new Map(contents.map((content, row) => [votes.faces.image.get(row), content]));
const copied = ({ split, image }) => split === 'train' && validation.has(contentAt.get(image));
const pool = new Map(
  cells(join(data, 'ferplus-expr.csv'))
    .slice(1)
    .map(([split, image, expression]) => [`FER2013${split}/${image}`, expression]),
);
await rewrite('votes', 'fer-expr', (face) =>
  pool.has(face.image) && !copied(face) ? { ...face, expression: pool.get(face.image) } : undefined,
);

// Valence and arousal of other pictures of FER+: a tenth, by a hash of the name, is for validation.
mien(
  ...['data', 'import', 'table', join(data, 'ferplus-va.csv'), '--images', join(out, 'ferplus')],
  ...['--image', 'FER2013{split}/{image}', '--dataset', 'fer-plus-va', '--out', manifest('va')],
);
const held = (name) => createHash('sha256').update(name).digest().readUInt32BE(0) % 10 === 0;
await rewrite('va', 'fer-va', (face) =>
  copied(face) ? undefined : { ...face, split: held(face.image) ? 'validation' : 'train' },
);

// muxspace: one table of both kinds of label; the person is the file's name without its number.
const units = cells(join(data, 'muxspace.au.csv'));
const unitsOf = new Map(units.slice(1).map(([image, ...rest]) => [image, rest]));
const legend = cells(join(out, 'muxspace/muxspace/legend.csv')).slice(1);
const joined = legend.map(([, image, emotion]) => {
  const person = image.replace(/\.[^.]*$/, '').replace(/[_-]?\d+$/, '');
  const known = unitsOf.get(image) ?? units[0].slice(1).map(() => '');
  return [image, person, emotion === 'contempt' ? '' : emotion, ...known];
});
const header = ['image', 'subject', 'expression', ...units[0].slice(1)];
writeFileSync(join(out, 'muxspace.csv'), `${[header, ...joined].map((row) => row.join()).join('\n')}\n`);
mien(
  ...[
    'data',
    'import',
    'table',
    join(out, 'muxspace.csv'),
    '--images',
    join(out, 'muxspace/muxspace/images'),
  ],
  ...['--dataset', 'muxspace', '--out', manifest('muxspace-all')],
);

// Rendered faces: exact action units.
mien(
  ...['data', 'import', 'table', join(out, 'ict/labels.csv'), '--images', join(out, 'ict')],
  ...['--subject', 'identity', '--dataset', 'ict-faces', '--out', manifest('ict-all')],
);
for (const name of ['muxspace', 'ict'])
  mien(
    ...[
      'data',
      'mix',
      manifest(`${name}-all`),
      '--split-by',
      'subject',
      '--shares',
      'train=0.85,validation=0.15',
    ],
    ...['--seed', '1', '--out', manifest(name)],
  );
// What is exact in a rendering. Its expression is posed by a formula, and its valence and arousal are derived from that.
await rewrite('ict', 'ict-au', ({ expression, valence, arousal, ...face }) => face);
// Of muxspace action units alone: its expressions are those of one rater each, FER+'s of ten.
await rewrite('muxspace', 'muxspace-au', ({ expression, ...face }) => face);
