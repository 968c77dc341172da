// Run folders as training leaves them, written by the program's own writers.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { type EpochRecord, MemberLog, type Metrics, type Scores, type StepRecord } from 'mien/learning/logs';
import { Random } from 'mien/random';
import { picture } from './pictures.js';

export interface MemberPlan {
  epochs: number;
  stepsPerEpoch: number;
  /** How good it gets, 0 … 1. */
  skill?: number;
  seed?: number;
}

/** Scores of an epoch: they rise towards `skill`, with some noise, and fall a little at the end. */
function scoresOf(random: Random, progress: number, skill: number): Scores {
  const level = skill * (1 - Math.exp(-4 * progress)) * (progress > 0.8 ? 0.98 : 1);
  const near = (share: number) => level * share + random.between(-0.02, 0.02);
  const f1PerClass = ABAW1.expressions.map((_, i) => Math.max(0, near(1.1 - 0.12 * i)));
  const f1PerUnit = ABAW1.actionUnits.map((_, i) => Math.max(0, near(1.05 - 0.1 * i)));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const expr = { f1: mean(f1PerClass), accuracy: Math.min(1, near(0.9) + 0.1) };
  const au = { f1: mean(f1PerUnit), accuracy: Math.min(1, near(0.3) + 0.7) };
  const EXPR = { score: 0.67 * expr.f1 + 0.33 * expr.accuracy, ...expr, f1PerClass };
  const AU = { score: 0.5 * au.f1 + 0.5 * au.accuracy, ...au, f1PerUnit };
  const [cccValence, cccArousal] = [near(0.8), near(0.6)];
  const VA = { score: (cccValence + cccArousal) / 2, cccValence, cccArousal };
  return {
    total: EXPR.score + AU.score + cccValence + cccArousal,
    mean: mean([EXPR.score, AU.score, VA.score]),
    EXPR,
    AU,
    VA,
    samples: { EXPR: 12_345, AU: 45_678, VA: 33_900 },
  };
}

/** What a member logs while it trains. */
export function metricsOf({ epochs, stepsPerEpoch, skill = 0.7, seed = 1 }: MemberPlan): Metrics {
  const random = Random.seeded(seed);
  const metrics: Metrics = { steps: [], epochs: [] };
  const total = epochs * stepsPerEpoch;
  let most = 0;
  for (let step = 1; step <= total; step++) {
    const epoch = Math.ceil(step / stepsPerEpoch);
    const falling = (start: number, end: number) =>
      (end + (start - end) * Math.exp((-3 * step) / total)) * random.between(0.8, 1.2);
    const parts = {
      EXPR: falling(1.95, 0.7),
      AU: falling(0.69, 0.21),
      valence: falling(3.2, 1.9),
      arousal: falling(3.4, 2.2),
    };
    const loss = Object.values(parts).reduce((sum, value) => sum + value, 0);
    const record: StepRecord = {
      kind: 'step',
      step,
      epoch,
      lr: 1e-4 * Math.min(1, step / (0.05 * total)) * (0.5 + 0.5 * Math.cos((Math.PI * step) / total)),
      loss,
      parts,
      imagesPerSecond: random.between(301, 329),
      waiting: random.between(0, 0.04),
      gradientNorm: falling(8, 2),
    };
    metrics.steps.push(record);
    if (step % stepsPerEpoch > 0) continue;
    const scores = scoresOf(random, epoch / epochs, skill);
    const seconds = (stepsPerEpoch * 192) / 300 + 40;
    metrics.epochs.push({ kind: 'epoch', epoch, step, seconds, scores, best: scores.total > most });
    most = Math.max(most, scores.total);
  }
  return metrics;
}

/** Writes a member's logs. @returns its folder */
export function writeMember(run: string, member: string, metrics: Metrics): string {
  const log = new MemberLog(join(run, member), { clock: () => 1_763_629_953 });
  const records: (StepRecord | EpochRecord)[] = [...metrics.steps, ...metrics.epochs];
  records.sort((a, b) => a.step - b.step);
  for (const record of records) log.append(record);
  log.close();
  return join(run, member);
}

const RECIPE = `# the recipe as resolved
name: demo
seed: 1
data: demo/all.parquet
model: { backbone: compact, size: 112 }
loss: { weights: { EXPR: 1, AU: 8 }, VA: ccc-ce }
teacher: { epochs: 8 }
students: { count: 2, epochs: 3 }
`;

const ENVIRONMENT = {
  mien: '0.1.0',
  started: '2026-11-20T09:12:33Z',
  machine: { cpuModel: 'AMD EPYC', cores: 2, memoryTotal: 25_300_000_000 },
  libtorch: { version: '1.13.0', threads: 2 },
};

const label = (names: readonly string[]) =>
  Object.fromEntries(names.map((name, i) => [name, Math.round(4000 / (i + 1))]));

/** Samples of a phase whose pictures lie in `folder/pictures`. */
async function samplesOf(folder: string, count: number): Promise<object[]> {
  mkdirSync(join(folder, 'pictures'), { recursive: true });
  const random = Random.seeded(5);
  const samples: object[] = [];
  for (let i = 0; i < count; i++) {
    const image = join(folder, 'pictures', `${i}.png`);
    writeFileSync(image, await encodePng(picture(i, 112)));
    const truth = ABAW1.expressions[i % ABAW1.expressions.length] as string;
    const expression = i % 3 === 2 ? 'neutral' : truth;
    const probabilities = ABAW1.expressions.map((name) => [name, name === expression ? 0.64 : 0.06]);
    samples.push({
      image,
      truth: {
        expression: truth,
        actionUnits: Object.fromEntries(
          ABAW1.actionUnits.map((unit, k) => [unit, (i + k) % 3 === 0 ? 1 : 0]),
        ),
        valence: random.between(-1, 1),
        arousal: random.between(-1, 1),
      },
      prediction: {
        expression,
        expressionProbabilities: Object.fromEntries(probabilities),
        actionUnits: Object.fromEntries(ABAW1.actionUnits.map((unit) => [unit, random.float()])),
        valence: random.between(-1, 1),
        arousal: random.between(-1, 1),
      },
    });
  }
  return samples;
}

/** A run that is finished: a teacher, two students and their ensemble. */
export async function writeRun(run: string, { stepsPerEpoch = 120 } = {}): Promise<string> {
  const members = {
    teacher: metricsOf({ epochs: 8, stepsPerEpoch, skill: 0.66 }),
    student_0: metricsOf({ epochs: 3, stepsPerEpoch, skill: 0.7, seed: 2 }),
    student_1: metricsOf({ epochs: 3, stepsPerEpoch, skill: 0.69, seed: 3 }),
  };
  const entries = Object.entries(members).map(([member, metrics]) => {
    writeMember(run, `cnn/${member}`, metrics);
    const best = metrics.epochs.findLast((one) => one.best);
    return { member, scores: best?.scores, bestEpoch: best?.epoch };
  });
  const ensemble = { member: 'ensemble', scores: scoresOf(Random.seeded(9), 0.79, 0.74) };
  const json = (name: string, value: unknown) =>
    writeFileSync(join(run, name), `${JSON.stringify(value, null, 2)}\n`);
  writeFileSync(join(run, 'recipe.yaml'), RECIPE);
  json('environment.json', ENVIRONMENT);
  const splits = [
    ['train', 4],
    ['validation', 1],
  ] as const;
  json(
    'data.json',
    splits.flatMap(([split, parts]) => [
      { task: 'EXPR', split, samples: 4800 * parts, labels: label(ABAW1.expressions) },
      { task: 'AU', split, samples: 5200 * parts, labels: label(ABAW1.actionUnits) },
      { task: 'VA', split, samples: 3900 * parts, labels: { valence: 3900 * parts, arousal: 3900 * parts } },
    ]),
  );
  json('summary.json', { phases: [{ name: 'cnn', members: [...entries, ensemble] }] });
  json('cnn/samples.json', await samplesOf(run, 9));
  return run;
}
