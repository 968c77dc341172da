// Balancing 1.5 million faces with 8 action units, and drawing an epoch; beside the reference's way of doing ML-ROS.
//
// The reference appends 32 rows to the label matrix and counts all of it again, for every 32 clones. Its peer here does
// the same with NumPy (where a Python has it) for some rounds, and multiplies by the rounds that are needed.
import { spawnSync } from 'node:child_process';
import { cellsOf, dataEdges } from 'mien/datasets';
import { Random } from 'mien/random';
import {
  aliasTable,
  cloneWeights,
  drawWeighted,
  epochPlan,
  fairMlRos,
  inverseCountWeights,
  referenceMlRos,
} from 'mien/sampling';
import { print } from './lib/measure.mjs';

const SIZE = 1_500_000;
const REPEATS = 3;
/** Shares of faces that show each of the eight units, about those of the reference's merged set. */
const SHARES = [0.16, 0.024, 0.16, 0.06, 0.12, 0.012, 0.019, 0.13];
const PEER_ROUNDS = 20;
const PEER = `
import json, time, numpy as np
rng = np.random.default_rng(1)
labels = (rng.random((${SIZE}, 8)) < np.array(${JSON.stringify(SHARES)})).astype(float)
bag = np.where(labels[:, 5] == 1)[0]
start = time.perf_counter()
for _ in range(${PEER_ROUNDS}):
    drawn = bag[rng.integers(0, len(bag), 32)]
    bag = np.concatenate([bag, drawn])
    labels = np.concatenate([labels, labels[drawn]])
    counts = labels.sum(0)
    counts.max() / counts[5]
print(json.dumps((time.perf_counter() - start) / ${PEER_ROUNDS}))
`;

const random = Random.seeded(1);
const positive = Uint8Array.from({ length: SIZE * 8 }, (_, i) => (random.chance(SHARES[i % 8]) ? 1 : 0));
const labels = { width: 8, positive };
const valence = Float64Array.from({ length: SIZE }, () => Math.tanh(random.normal() / 2));
const arousal = Float64Array.from({ length: SIZE }, () => Math.tanh(random.normal() / 3));
const classes = Int32Array.from({ length: SIZE }, () => Math.floor(7 * random.float() ** 2));
const units = Int32Array.from({ length: SIZE }, (_, i) => i);
const cells = cellsOf(valence, arousal, { valence: dataEdges(valence), arousal: dataEdges(arousal) });
const gridWeights = inverseCountWeights(cells);
const table = aliasTable(gridWeights);

/** The best of some runs, in milliseconds, and what the last one gave. */
function timed(body) {
  const runs = Array.from({ length: REPEATS }, () => {
    const start = performance.now();
    const result = body();
    return { milliseconds: performance.now() - start, result };
  });
  return { milliseconds: Math.min(...runs.map((run) => run.milliseconds)), result: runs[0].result };
}

const report = (what, body, more = () => ({})) => {
  const { milliseconds, result } = timed(body);
  print({ bench: 'sampling', what, faces: SIZE, milliseconds: Math.round(milliseconds), ...more(result) });
  return { milliseconds, result };
};

const clones = ({ total }) => ({ clones: total });
const paper = report('ML-ROS, reference', () => referenceMlRos(labels, Random.seeded(1)), clones);
const uncapped = { cap: Number.POSITIVE_INFINITY };
report('ML-ROS, reference, uncapped', () => referenceMlRos(labels, Random.seeded(1), uncapped), clones);
const fair = report('ML-ROS, fair cap', () => fairMlRos(labels, Random.seeded(1)), clones);
report('action-unit weights to alias table', () => aliasTable(cloneWeights(fair.result.clones)));
report('expression weights', () => inverseCountWeights(classes));
report('valence-arousal grid weights', () =>
  inverseCountWeights(
    cellsOf(valence, arousal, { valence: dataEdges(valence), arousal: dataEdges(arousal) }),
  ),
);
report('draw an epoch by weight', () => drawWeighted(table, SIZE, Random.seeded(1)));
report('shuffle an epoch', () => Random.seeded(1).permutation(SIZE));
const source = { units, weights: gridWeights, batchSize: 64 };
const plan = epochPlan({ tasks: { EXPR: source, AU: source, VA: { units, batchSize: 64 } }, seed: 1 });
report(
  'plan an epoch of three tasks, batches of 64',
  () => {
    let steps = 0;
    for (const { step } of plan.steps(0)) steps = step + 1;
    return steps;
  },
  (steps) => ({ steps }),
);

const peer = spawnSync(process.env.PYTHON ?? 'python3', ['-c', PEER], { encoding: 'utf8' });
if (peer.status === 0) {
  const rounds = Math.ceil(paper.result.total / 32);
  const seconds = JSON.parse(peer.stdout) * rounds;
  print({
    bench: 'sampling',
    what: 'ML-ROS by copying the matrix (NumPy), estimated',
    rounds,
    measuredRounds: PEER_ROUNDS,
    milliseconds: Math.round(seconds * 1000),
    timesSlower: Math.round((seconds * 1000) / paper.milliseconds),
  });
}
