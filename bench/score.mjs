// Scoring three million frames: all three tasks, areas under curves, intervals by clip. Seconds, of the clock and of
// processors (others may share the machine), and peak memory.
//
// As large as Aff-Wild2: 600 clips, 8 action units, 7 expressions; 3 % of the labels are not known.
import { evaluate } from 'mien/judging';
import { ABAW1 } from 'mien/labels';
import { Random } from 'mien/random';
import { print } from './lib/measure.mjs';

const FRAMES = 3_000_000;
const CLIPS = 600;
const DRAWS = 1000;
const [units, classes] = [ABAW1.actionUnits.length, ABAW1.expressions.length];

const random = Random.seeded(1);
const filled = (array, of) => {
  for (let i = 0; i < array.length; i++) array[i] = of(i);
  return array;
};
const known = (length) => filled(new Uint8Array(length), () => (random.chance(0.97) ? 1 : 0));
const codes = filled(new Int32Array(FRAMES), (i) => Math.floor((i * CLIPS) / FRAMES));
const names = Array.from({ length: CLIPS }, (_, i) => `Aff-Wild2/clip ${i}`);

const truth = {
  schema: ABAW1,
  length: FRAMES,
  expression: filled(new Int32Array(FRAMES), () => random.integer(classes)),
  expressionKnown: known(FRAMES),
  actionUnits: filled(new Float32Array(FRAMES * units), () => (random.chance(0.15) ? 1 : 0)),
  actionUnitsKnown: known(FRAMES * units),
  valenceArousal: filled(new Float32Array(FRAMES * 2), () => random.between(-1, 1)),
  valenceArousalKnown: known(FRAMES * 2),
  dataset: { codes: new Int32Array(FRAMES), names: ['Aff-Wild2'] },
  cluster: { codes, names },
  clusteredBy: 'clip',
  clip: { codes, names },
  frame: filled(new Int32Array(FRAMES), (i) => i),
};

const predicted = filled(new Int32Array(FRAMES), (i) =>
  random.chance(0.5) ? truth.expression[i] : random.integer(classes),
);
const sure = filled(new Float32Array(FRAMES), () => random.between(0.3, 1));
const probabilities = filled(
  new Float32Array(FRAMES * units),
  (i) => 0.4 * truth.actionUnits[i] + 0.6 * random.float(),
);
const estimates = {
  name: 'model',
  schema: ABAW1,
  length: FRAMES,
  EXPR: {
    classes: predicted,
    probabilities: filled(new Float32Array(FRAMES * classes), (i) => {
      const row = Math.floor(i / classes);
      return i % classes === predicted[row] ? sure[row] : (1 - sure[row]) / (classes - 1);
    }),
  },
  AU: {
    decisions: filled(new Uint8Array(FRAMES * units), (i) => (probabilities[i] > 0.5 ? 1 : 0)),
    probabilities,
  },
  VA: {
    values: filled(
      new Float32Array(FRAMES * 2),
      (i) => 0.6 * truth.valenceArousal[i] + random.between(-0.4, 0.4),
    ),
  },
};

/** Clips as they are, or every frame on its own, as with single pictures. */
for (const [clusters, cluster] of [
  ['clips', truth.cluster],
  ['frames', { codes: truth.frame, names: Array.from(truth.frame, String) }],
]) {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const usage = process.cpuUsage();
  const { members } = evaluate([estimates], { ...truth, cluster }, { bootstrap: { draws: DRAWS } });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(usage);
  const { value, low, high } = members[0].mean;
  print({
    bench: 'score',
    frames: FRAMES,
    clusters,
    draws: DRAWS,
    seconds: Number(seconds.toFixed(1)),
    processorSeconds: Number(((user + system) / 1e6).toFixed(1)),
    inputMegabytes: Math.round(before / 2 ** 20),
    peakMegabytes: Math.round((process.resourceUsage().maxRSS * 1024) / 2 ** 20),
    mean: [low, value, high].map((one) => Number(one.toFixed(4))),
  });
}
