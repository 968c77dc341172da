// Learning from incomplete labels: three disjoint thirds of a labelled set keep one kind of label each; teacher, students and their ensemble beside a network that saw all labels.
//
// Options: --data FOLDER (ict-faces: train.tar and train.labels.csv) --work FOLDER (kept, and gone on with; default: a temporary one)
// --seeds 1,2 --students 3 --epochs 24 --full-epochs 24 --input 64 --threads 2
// --generations 2 --later-epochs 30: the best student teaches students anew, with stronger augmentation and mixup
// A fifth of the people is for validation; thirds are by person too. Every network sees the same number of pictures an epoch.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FaceTable, writeManifest } from 'mien/datasets';
import { readTable } from 'mien/files';
import { ABAW1, TASKS } from 'mien/labels';
import { resolveRecipe, train } from 'mien/learning';
import { Random } from 'mien/random';
import { print } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    work: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    students: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '24' },
    'full-epochs': { type: 'string', default: '24' },
    generations: { type: 'string', default: '1' },
    'later-epochs': { type: 'string', default: '30' },
    input: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
  },
});
if (values.data === undefined) throw new Error('--data FOLDER: where train.tar and train.labels.csv lie');

const VALIDATION_SHARE = 0.2;
const number = (text) => (text === undefined || text === '' ? undefined : Number(text));

/** Rows of the label table, as faces with all labels. */
async function readFaces(file) {
  const table = await readTable(file);
  const at = new Map(table.columns.map((name, k) => [name, k]));
  const faces = [];
  for await (const rows of table)
    for (const { cells } of rows) {
      const cell = (name) => cells[at.get(name)];
      faces.push({
        dataset: 'ict-faces',
        image: cell('image'),
        subject: cell('identity'),
        expression: cell('expression') || undefined,
        valence: number(cell('valence')),
        arousal: number(cell('arousal')),
        actionUnits: ABAW1.actionUnits.map((unit) => number(cell(unit))),
      });
    }
  return faces;
}

const ONLY = {
  EXPR: ({ expression }) => ({ expression }),
  AU: ({ actionUnits }) => ({ actionUnits }),
  VA: ({ valence, arousal }) => ({ valence, arousal }),
};
const WITHOUT = { expression: undefined, valence: undefined, arousal: undefined, actionUnits: undefined };

/** `expr.parquet`, `au.parquet`, `va.parquet`: a third each with one kind of label; `full.parquet`: all with all. */
async function writeThirds(folder, images) {
  const faces = await readFaces(join(values.data, 'train.labels.csv'));
  const people = Random.seeded(1).shuffle([...new Set(faces.map(({ subject }) => subject))].sort());
  const held = new Set(people.slice(0, Math.round(VALIDATION_SHARE * people.length)));
  const learners = people.slice(held.size);
  const third = new Map(learners.map((person, i) => [person, TASKS[i % TASKS.length]]));
  const write = (name, rows) => {
    const table = new FaceTable(ABAW1);
    for (const row of rows) table.push(row);
    writeManifest(join(folder, name), { faces: table, roots: new Map([['ict-faces', images]]), history: [] });
  };
  const sided = faces.map((face) => ({ ...face, split: held.has(face.subject) ? 'validation' : 'train' }));
  write('full.parquet', sided);
  for (const task of TASKS)
    write(
      `${task.toLowerCase()}.parquet`,
      sided
        .filter(({ split, subject }) => split === 'validation' || third.get(subject) === task)
        .map((face) => ({ ...face, ...WITHOUT, ...ONLY[task](face) })),
    );
}

const AUGMENTATION = {
  area: [0.75, 1],
  rotation: 8,
  cutout: { probability: 0 },
  blur: { probability: 0 },
  lowResolution: { probability: 0 },
};
/** Of later generations: students of a good teacher learn longer without learning pictures by heart. */
const STRONGER = { ...AUGMENTATION, area: [0.7, 1], rotation: 10, cutout: { probability: 0.25 } };

const settings = (seed, data, { input = {}, ...rest }) =>
  resolveRecipe(
    {
      seed,
      data,
      model: { backbone: 'compact', inputSize: Number(values.input) },
      input: { enlarge: 1.05, augmentation: AUGMENTATION, ...input },
      batch: { perTask: 16 },
      optimizer: { lr: 7e-4 },
      threads: Number(values.threads),
      ...rest,
    },
    'incomplete-labels',
  );

async function run(folder, recipe, teacher) {
  const started = performance.now();
  const begun = existsSync(join(folder, 'recipe.yaml'));
  await train({
    folder,
    ...(!begun && { recipe }),
    ...(teacher && { teacher }),
    onEvent: (event) => {
      if (event.kind === 'begin') console.error(`${folder}: ${event.member}`);
      if (event.kind === 'epoch')
        console.error(`  epoch ${event.record.epoch}: mean ${event.record.scores.mean.toFixed(3)}`);
    },
  });
  const { phases } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  return { members: phases[0].members, seconds: (performance.now() - started) / 1000 };
}

/** Steps of an epoch, from a member's log. */
const stepsOf = (log) =>
  readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => line && JSON.parse(line))
    .find(({ kind, epoch }) => kind === 'epoch' && epoch === 1).step;

const work = resolve(values.work ?? mkdtempSync(join(tmpdir(), 'mien-incomplete-')));
try {
  const images = join(work, 'faces');
  if (!existsSync(images)) {
    mkdirSync(images, { recursive: true });
    const { status, stderr } = spawnSync('tar', ['-xf', join(values.data, 'train.tar'), '-C', images], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  }
  await writeThirds(work, images);
  const file = (name) => [join(work, name)];
  for (const seed of values.seeds.split(',').map(Number)) {
    const thirds = { EXPR: file('expr.parquet'), AU: file('au.parquet'), VA: file('va.parquet') };
    const all = { EXPR: file('full.parquet'), AU: file('full.parquet'), VA: file('full.parquet') };
    const epochs = Number(values.epochs);
    const { members, seconds } = await run(
      join(work, `thirds-${seed}`),
      settings(seed, thirds, { teacher: { epochs }, students: { count: Number(values.students), epochs } }),
    );
    // As many steps an epoch as the thirds give, of pictures that carry all labels.
    const steps = stepsOf(join(work, `thirds-${seed}`, 'cnn/teacher/metrics.jsonl'));
    const full = await run(
      join(work, `all-${seed}`),
      settings(seed, all, {
        batch: { perTask: 16, epoch: steps },
        teacher: { epochs: Number(values['full-epochs']) },
        students: { count: 0 },
      }),
    );
    const record = (member, { scores }, generation) =>
      print({
        bench: 'incomplete-labels',
        seed,
        ...(generation !== undefined && { generation }),
        member,
        mean: scores.mean,
        exprF1: scores.EXPR.f1,
        exprAccuracy: scores.EXPR.accuracy,
        auF1: scores.AU.f1,
        auAccuracy: scores.AU.accuracy,
        cccValence: scores.VA.cccValence,
        cccArousal: scores.VA.cccArousal,
      });
    const allLabels = full.members[0].scores.mean;
    record('all labels', full.members[0]);
    let [generation, before, folder] = [{ members, seconds }, undefined, `thirds-${seed}`];
    for (let number = 1; ; number++) {
      for (const one of generation.members) record(one.member, one, number);
      const meanOf = (name) => generation.members.find(({ member }) => member === name).scores.mean;
      print({
        bench: 'incomplete-labels',
        seed,
        generation: number,
        ensembleMinusTeacher: meanOf('ensemble') - meanOf('teacher'),
        ...(before !== undefined && { ensembleMinusEnsembleBefore: meanOf('ensemble') - before }),
        ensembleToAllLabels: meanOf('ensemble') / allLabels,
        seconds: generation.seconds + (number === 1 ? full.seconds : 0),
      });
      if (number === Number(values.generations)) break;
      before = meanOf('ensemble');
      const students = generation.members.filter(({ member }) => member.startsWith('student'));
      const best = students.reduce((a, b) => (b.scores.mean > a.scores.mean ? b : a)).member;
      const teacher = join(work, folder, 'cnn', best, 'best.safetensors');
      folder = `thirds-${seed}-generation-${number + 1}`;
      const later = settings(seed, thirds, {
        input: { augmentation: STRONGER, mixup: 0.2 },
        teacher: { epochs },
        students: { count: Number(values.students), epochs: Number(values['later-epochs']) },
      });
      generation = await run(join(work, folder), later, teacher);
    }
  }
} finally {
  if (values.work === undefined) rmSync(work, { recursive: true, force: true });
}
