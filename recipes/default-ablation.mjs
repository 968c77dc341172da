// What each ingredient of the default models is worth: the small network trained briefly with all of them, without one, and without
// one data set, then students of the first; each judged on the validation sides of all sets. Prints Markdown. Runs that are finished
// are not repeated.
//
//   node recipes/default-ablation.mjs OUT [--set KEY=VALUE …]
//
// From the folder that holds default/ (recipes/default-data.mjs) and runs/default-s-backbone (recipes/default-s-backbone.yaml).

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [out, ...more] = process.argv.slice(2);
if (out === undefined) {
  process.stderr.write('usage: node recipes/default-ablation.mjs OUT [--set KEY=VALUE …]\n');
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const CLI = join(import.meta.dirname, '../packages/mien/dist/cli/main.js');
const RECIPE = join(import.meta.dirname, 'default-s-mix.yaml');
/** An eighth of the stage's draws; the backbone has had its many passes over FER+ before. */
const BRIEF = ['teacher.epochs=2', 'batch.epoch=240'];
/** FER+ must not have been seen. */
const FROM_NOTHING = 'model.pretrained=null';
const FER = 'default/fer-expr.parquet';
const MUX = 'default/muxspace.parquet';
const ICT = 'default/ict-au.parquet';

/** Name, and what is set. */
const VARIANTS = [
  ['all ingredients', 'all', []],
  [
    'tasks weighted 3 : 6 : 0.3',
    'weights',
    [3, 6, 0.3, 0.3].map((weight, i) => `loss.weights.${['EXPR', 'AU', 'valence', 'arousal'][i]}=${weight}`),
  ],
  ['no balancing', 'no-balancing', ['batch.balance=none']],
  ['no augmentation', 'no-augmentation', ['input.transform=none']],
  ['no backbone', 'no-backbone', [FROM_NOTHING]],
  ['EXPR alone', 'expr-alone', ['tasks=[EXPR]']],
  ['AU alone', 'au-alone', ['tasks=[AU]']],
  ['VA alone', 'va-alone', ['tasks=[VA]']],
  ['without FER+', 'without-fer', [FROM_NOTHING, 'tasks=[EXPR, AU]', `data.EXPR=[${MUX}]`]],
  ['without muxspace', 'without-mux', [`data.EXPR=[${FER}]`, `data.AU=[${ICT}]`]],
  ['without renderings', 'without-ict', [`data.AU=[${MUX}]`]],
];

/** Students of the first variant, from the same first weights and as briefly: what they gain is distillation's. */
const DISTILLED = ['students.count=3', 'students.epochs=2'];
const TEACHER = join(out, 'all/cnn/teacher/best.safetensors');

const mien = (...args) => execFileSync('node', [CLI, ...args], { stdio: ['ignore', 2, 2] });

function trained(folder, settings, ...how) {
  const run = join(out, folder);
  if (existsSync(join(run, 'finished'))) return;
  if (existsSync(run)) mien('train', '--resume', run, ...how);
  else {
    const set = [...BRIEF, ...settings].flatMap((one) => ['--set', one]);
    mien('train', RECIPE, ...how, ...set, ...more, '--out', run);
  }
  writeFileSync(join(run, 'finished'), '');
}

/**
 * Scores of networks, and of their ensemble where there are several. Thresholds of action units are chosen for each, on other
 * subjects than those that are scored.
 */
function judged(folder, members) {
  const json = join(out, `${folder}.json`);
  const sets = ['fer-expr', 'fer-va', 'muxspace', 'ict'].flatMap((set) => [
    '--data',
    `default/${set}.parquet`,
  ]);
  const networks = members.map((member) => join(out, folder, 'cnn', member));
  if (!existsSync(json)) mien('eval', ...networks, ...sets, '--thresholds', 'max-f1', '--json', json);
  return JSON.parse(readFileSync(json, 'utf8')).members;
}

const COLUMNS = [
  ['FER+ accuracy', (sets) => sets['fer-plus']?.EXPR?.accuracy],
  ['muxspace F1 of EXPR', (sets) => sets.muxspace?.EXPR?.f1],
  ['muxspace F1 of AU', (sets) => sets.muxspace?.AU?.f1CrossFitted],
  ['renderings F1 of AU', (sets) => sets['ict-faces']?.AU?.f1CrossFitted],
  ['FER+ CCC of VA', (sets) => sets['fer-plus-va']?.VA?.ccc],
];

const cell = (figure) =>
  figure === undefined
    ? ''
    : `${figure.value.toFixed(3)} [${figure.low?.toFixed(3)}, ${figure.high?.toFixed(3)}]`;
const line = (cells) => `| ${cells.join(' | ')} |\n`;

for (const [, folder, settings] of VARIANTS) trained(folder, settings);
trained('distilled', DISTILLED, '--stage', 'students', '--teacher', TEACHER);

const scored = VARIANTS.map(([name, folder]) => [name, judged(folder, ['teacher'])[0]]);
const students = judged('distilled', ['student_0', 'student_1', 'student_2']);
scored.splice(1, 0, ['the same, distilled', students[0]], ['three of these as an ensemble', students.at(-1)]);
const rows = scored.map(([name, { datasets }]) => [name, ...COLUMNS.map(([, of]) => cell(of(datasets)))]);
const header = ['', ...COLUMNS.map(([name]) => name)];
process.stdout.write([header, header.map(() => '---'), ...rows].map(line).join(''));
