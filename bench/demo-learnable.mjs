// How well and how fast a small network learns the demo data set (mien data demo), on faces that it has not seen.
//
// Options: --data FOLDER (drawn anew without it) --epochs 30 --threads 2 --seed 1
// It learns from the training sides of the three single-task sets, and is scored on their validation sides and on the
// test side of the fully labelled one: F1 per action unit, accuracy and macro F1 of expressions, concordance of valence
// and arousal.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { aten, fromTypedArray, inferenceMode, manualSeed, nn, optim, setNumThreads, tidy } from '@mien/torch';
import { pathOf, readManifest } from 'mien/datasets';
import { writeDemo } from 'mien/datasets/demo';
import { decodeRgb } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { Random } from 'mien/random';
import { print } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    epochs: { type: 'string', default: '30' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
});
const BATCH = 32;
const SIZE = 112;
const UNITS = ABAW1.actionUnits.length;
const CLASSES = ABAW1.expressions.length;

/** Pictures and labels of one side of a manifest; NaN (units, affect) and −1 (expression) where there is none. */
async function load(folder, name, side) {
  const manifest = await readManifest(join(folder, `${name}.parquet`));
  const rows = [...manifest.faces.rows()]
    .map((row, i) => ({ row, i }))
    .filter(({ row }) => row.split === side);
  const pictures = new Uint8Array(rows.length * SIZE * SIZE * 3);
  await Promise.all(
    rows.map(async ({ i }, k) => {
      pictures.set((await decodeRgb(pathOf(manifest, i))).data, k * SIZE * SIZE * 3);
    }),
  );
  return {
    count: rows.length,
    pictures,
    expression: rows.map(({ row }) => ABAW1.expressions.indexOf(row.expression ?? '')),
    units: rows.map(({ row }) => row.actionUnits ?? new Array(UNITS).fill(Number.NaN)),
    affect: rows.map(({ row }) => [row.valence ?? Number.NaN, row.arousal ?? Number.NaN]),
  };
}

function merged(parts) {
  const pictures = new Uint8Array(parts.reduce((sum, { pictures }) => sum + pictures.length, 0));
  let at = 0;
  for (const part of parts) {
    pictures.set(part.pictures, at);
    at += part.pictures.length;
  }
  const all = (key) => parts.flatMap((part) => part[key]);
  return {
    count: all('expression').length,
    pictures,
    expression: all('expression'),
    units: all('units'),
    affect: all('affect'),
  };
}

function buildNetwork() {
  const stage = (from, to, kernel) => [
    new nn.Conv2d(from, to, kernel, { stride: 2, padding: kernel >> 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU(),
  ];
  return new nn.Sequential(
    ...stage(3, 24, 5),
    ...stage(24, 48, 3),
    ...stage(48, 96, 3),
    new nn.Flatten(),
    new nn.Dropout(0.25),
    new nn.Linear(96 * 7 * 7, 96),
    new nn.BatchNorm1d(96),
    new nn.ReLU(),
    new nn.Dropout(0.25),
    new nn.Linear(96, UNITS + CLASSES + 2),
  );
}

/** [n, 3, 56, 56]: halved; shifted by up to 4 pixels, flipped and lit anew where `random` is given. */
function batchOf({ pictures }, order, random) {
  const half = SIZE / 2;
  const out = new Float32Array(order.length * 3 * half * half);
  const clamped = (v) => Math.min(SIZE - 2, Math.max(0, v));
  order.forEach((picture, k) => {
    const flip = random?.chance(0.5) ?? false;
    const [dx, dy] = random ? [random.integer(9) - 4, random.integer(9) - 4] : [0, 0];
    const gain = (random ? random.between(0.8, 1.2) : 1) / 64;
    for (let y = 0; y < half; y++)
      for (let x = 0; x < half; x++) {
        const from =
          ((picture * SIZE + clamped(2 * y + dy)) * SIZE + clamped((flip ? SIZE - 2 - 2 * x : 2 * x) + dx)) *
          3;
        const below = from + SIZE * 3;
        for (let c = 0; c < 3; c++) {
          const sum =
            pictures[from + c] + pictures[from + 3 + c] + pictures[below + c] + pictures[below + 3 + c];
          out[((k * 3 + c) * half + y) * half + x] = (sum / 4 - 128) * gain;
        }
      }
  });
  return fromTypedArray(out, [order.length, 3, half, half]);
}

/** Lin's concordance correlation. */
function concordance(x, y) {
  const mean = (a) => a.reduce((s, v) => s + v, 0) / a.length;
  const [mx, my] = [mean(x), mean(y)];
  const cov = mean(x.map((v, i) => (v - mx) * (y[i] - my)));
  const spread = mean(x.map((v) => (v - mx) ** 2)) + mean(y.map((v) => (v - my) ** 2));
  return (2 * cov) / (spread + (mx - my) ** 2);
}

function f1(truth, said) {
  const hits = truth.filter((one, i) => one && said[i]).length;
  return (2 * hits) / Math.max(1, truth.filter(Boolean).length + said.filter(Boolean).length);
}

const round = (value) => Math.round(value * 1000) / 1000;
const meanOf = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;

function score(network, data) {
  const outputs = [];
  network.eval();
  for (let at = 0; at < data.count; at += BATCH) {
    const order = Array.from({ length: Math.min(BATCH, data.count - at) }, (_, i) => at + i);
    outputs.push(...tidy(() => inferenceMode(() => network.forward(batchOf(data, order)).toArray())));
  }
  const result = {};
  if (!Number.isNaN(data.units[0][0])) {
    const each = ABAW1.actionUnits.map((_, k) =>
      f1(
        data.units.map((u) => u[k] === 1),
        outputs.map((o) => o[k] > 0),
      ),
    );
    result.auF1 = Object.fromEntries(ABAW1.actionUnits.map((unit, k) => [unit, round(each[k])]));
    result.auMeanF1 = round(meanOf(each));
  }
  if (data.expression[0] >= 0) {
    const said = outputs.map((o) => {
      const logits = o.slice(UNITS, UNITS + CLASSES);
      return logits.indexOf(Math.max(...logits));
    });
    result.exprAccuracy = round(meanOf(said.map((one, i) => Number(one === data.expression[i]))));
    const present = ABAW1.expressions.map((_, k) => k).filter((k) => data.expression.includes(k));
    result.exprMacroF1 = round(
      meanOf(
        present.map((k) =>
          f1(
            data.expression.map((e) => e === k),
            said.map((s) => s === k),
          ),
        ),
      ),
    );
  }
  if (!Number.isNaN(data.affect[0][0]))
    for (const [k, name] of [
      [0, 'valenceCcc'],
      [1, 'arousalCcc'],
    ])
      result[name] = round(
        concordance(
          outputs.map((o) => Math.tanh(o[UNITS + CLASSES + k])),
          data.affect.map((a) => a[k]),
        ),
      );
  return result;
}

const folder = values.data ?? mkdtempSync(join(tmpdir(), 'mien-demo-'));
try {
  if (values.data === undefined) {
    const start = performance.now();
    await writeDemo(folder, { seed: 1, size: SIZE, scale: 'medium' });
    print({ bench: 'demo-learnable', drawnInSeconds: round((performance.now() - start) / 1000) });
  }
  setNumThreads(Number(values.threads));
  manualSeed(Number(values.seed));
  const random = Random.seeded(Number(values.seed));
  const train = merged(await Promise.all(['expr', 'au', 'va'].map((name) => load(folder, name, 'train'))));
  const network = buildNetwork();
  const labelled = train.units.filter(([first]) => !Number.isNaN(first));
  // Between no correction for rare units and a full one.
  const positiveWeights = Float32Array.from({ length: UNITS }, (_, k) =>
    Math.sqrt(labelled.length / labelled.filter((units) => units[k] === 1).length - 1),
  );
  const epochs = Number(values.epochs);
  const steps = Math.floor(train.count / BATCH);
  const optimiser = new optim.AdamW(network.parameters(), { lr: 2e-3, weightDecay: 0.02 });
  const schedule = new optim.CosineLr(optimiser, { totalSteps: epochs * steps });
  const start = performance.now();
  const before = process.cpuUsage();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    network.train();
    const order = random.permutation(train.count);
    let total = 0;
    for (let step = 0; step < steps; step++) {
      const picked = [...order.subarray(step * BATCH, (step + 1) * BATCH)];
      total += tidy(() => {
        optimiser.zeroGrad();
        const output = network.forward(batchOf(train, picked, random));
        const units = picked.flatMap((i) => train.units[i]);
        const affect = picked.flatMap((i) => train.affect[i]);
        const known = (list) =>
          fromTypedArray(
            Float32Array.from(list, (v) => (Number.isNaN(v) ? 0 : 1)),
            [picked.length, list.length / picked.length],
          );
        const filled = (list) =>
          fromTypedArray(
            Float32Array.from(list, (v) => (Number.isNaN(v) ? 0 : v)),
            [picked.length, list.length / picked.length],
          );
        const auLoss = aten
          .binaryCrossEntropyWithLogits(output.narrow(1, 0, UNITS), filled(units), {
            weight: known(units),
            posWeight: fromTypedArray(positiveWeights),
            reduction: 2,
          })
          .div(Math.max(1, units.filter((v) => !Number.isNaN(v)).length));
        const classes = fromTypedArray(BigInt64Array.from(picked, (i) => BigInt(train.expression[i])));
        const exprLoss = aten.crossEntropyLoss(output.narrow(1, UNITS, CLASSES), classes, {
          ignoreIndex: -1,
        });
        const error = output
          .narrow(1, UNITS + CLASSES, 2)
          .tanh()
          .sub(filled(affect))
          .square()
          .mul(known(affect));
        const vaLoss = error.sum().div(Math.max(1, affect.filter((v) => !Number.isNaN(v)).length));
        const loss = auLoss.add(exprLoss).add(vaLoss.mul(4));
        loss.backward();
        optimiser.step();
        schedule.step();
        return loss.item();
      });
    }
    if (epoch % 5 === 0 || epoch === epochs)
      console.error(
        `epoch ${epoch}: loss ${(total / steps).toFixed(3)}, ${((performance.now() - start) / 1000).toFixed(0)} s`,
      );
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const validation = await Promise.all(['expr', 'au', 'va'].map((name) => load(folder, name, 'validation')));
  print({
    bench: 'demo-learnable',
    epochs,
    threads: Number(values.threads),
    trainingSeconds: round(seconds),
    cpuSeconds: round((user + system) / 1e6),
    picturesPerSecond: round((epochs * steps * BATCH) / seconds),
    validation: Object.assign({}, ...validation.map((data) => score(network, data))),
    fullTest: score(network, await load(folder, 'full', 'test')),
  });
} finally {
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
}
