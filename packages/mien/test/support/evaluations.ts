// Evaluations as judging makes them, of faces and models that are drawn at random: a teacher, students and their ensemble.
// Everything is counted from the same faces, so that the parts fit together; only intervals are made up.

import type {
  ActionUnitEvaluation,
  Comparison,
  Evaluation,
  ExpressionEvaluation,
  Figure,
  MemberEvaluation,
  Mistake,
  PartEvaluation,
  ReliabilityBin,
  RiskCoverage,
  ValenceArousalEvaluation,
} from 'mien/judging';
import { ABAW1, type LabelSchema, type Task } from 'mien/labels';
import { Random } from 'mien/random';

export interface EvaluationPlan {
  schema?: LabelSchema;
  faces?: number;
  tasks?: readonly Task[];
  members?: readonly string[];
  datasets?: readonly string[];
  groups?: readonly string[];
  /** Intervals, as of 1,000 draws. */
  intervals?: boolean;
  /** Whether more than decisions is known: curves, calibration, thresholds. */
  probabilities?: boolean;
  seed?: number;
}

interface Face {
  dataset: string;
  group: string;
  expression: number;
  units: number[];
  affect: [number, number];
}

/** What a member says of one face. */
interface Reading {
  probabilities: number[];
  units: number[];
  affect: [number, number];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => (values.length === 0 ? 0 : sum(values) / values.length);
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
const clamped = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
const argmax = (values: readonly number[]) => values.indexOf(Math.max(...values));
const order = (values: readonly number[]) =>
  values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));

function softmax(logits: readonly number[]): number[] {
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  return powers.map((power) => power / sum(powers));
}

/** Half are of the first class, the second is rare; the units of odd places are rarer than the others. */
function drawFaces(random: Random, plan: Required<EvaluationPlan>): Face[] {
  const { schema, datasets, groups } = plan;
  const classes = schema.expressions.length;
  return Array.from({ length: plan.faces }, (_, i) => ({
    dataset: datasets[Math.floor((i / plan.faces) ** 1.5 * datasets.length)] as string,
    group: groups[random.integer(groups.length)] as string,
    expression:
      random.float() < 0.4
        ? 0
        : Math.min(classes - 1, random.integer(classes) + (random.float() < 0.6 ? 2 : 0)),
    units: schema.actionUnits.map((_, k) =>
      random.float() < (k % 2 === 0 ? 0.25 : 0.05 + 0.01 * k) ? 1 : 0,
    ),
    affect: [clamped(0.1 + 0.4 * random.normal(), -1, 1), clamped(0.25 + 0.3 * random.normal(), -1, 1)],
  }));
}

function readFace(random: Random, face: Face, skill: number, schema: LabelSchema): Reading {
  const look = Random.keyed(Math.round(1e6 * Math.abs(face.affect[0]))); // what all members find hard in this face
  const logits = schema.expressions.map(
    (_, c) =>
      (c === face.expression ? 2.6 * skill : c === 0 ? 0.9 : 0) + look.normal() + 0.7 * random.normal(),
  );
  return {
    probabilities: softmax(logits.map((logit) => 1.5 * logit)),
    units: face.units.map((label, k) => {
      const reach = skill * (3.2 - 0.15 * k);
      return 1 / (1 + Math.exp(-(label * reach - 2 + look.normal() + 0.6 * random.normal())));
    }),
    affect: face.affect.map((value) =>
      clamped(skill * value + 0.22 * look.normal() + 0.12 * random.normal(), -1, 1),
    ) as [number, number],
  };
}

/** A number between those around it, as if faces had been drawn again. */
type Interval = (value: number, samples: number) => Figure;

const makeInterval =
  (wanted: boolean): Interval =>
  (value, samples) => {
    if (!wanted) return { value };
    const reach = 0.9 / Math.sqrt(samples + 1);
    return { value, low: value - reach, high: Math.min(1, value + 0.9 * reach) };
  };

function reliabilityOf(entries: readonly [confidence: number, right: boolean][]) {
  const bins = Array.from({ length: 10 }, (_, b) =>
    entries.filter(([confidence]) => Math.min(9, Math.floor(10 * confidence)) === b),
  ).filter((bin) => bin.length > 0);
  const reliability: ReliabilityBin[] = bins.map((bin) => ({
    confidence: mean(bin.map(([confidence]) => confidence)),
    share: mean(bin.map(([, right]) => Number(right))),
    samples: bin.length,
  }));
  const calibrationError = sum(
    reliability.map(
      ({ confidence, share, samples }) => (samples * Math.abs(confidence - share)) / entries.length,
    ),
  );
  return { reliability, calibrationError };
}

function expressionsOf(
  faces: readonly Face[],
  readings: readonly Reading[],
  { schema, probabilities }: Required<EvaluationPlan>,
  interval: Interval,
): ExpressionEvaluation {
  const n = faces.length;
  const confusion = schema.expressions.map(() => schema.expressions.map(() => 0));
  const entries = readings.map(({ probabilities }, i): [number, boolean] => {
    const read = argmax(probabilities);
    const row = confusion[faces[i]?.expression ?? 0] as number[];
    row[read] = (row[read] ?? 0) + 1;
    return [Math.max(...probabilities), read === faces[i]?.expression];
  });
  const classes = schema.expressions.map((name, c) => {
    const hits = confusion[c]?.[c] ?? 0;
    const samples = sum(confusion[c] ?? []);
    const read = sum(confusion.map((row) => row[c] ?? 0));
    const [precision, recall] = [ratio(hits, read), ratio(hits, samples)];
    return { name, samples, precision, recall, f1: ratio(2 * hits, samples + read) };
  });
  return {
    samples: n,
    f1: interval(mean(classes.map(({ f1 }) => f1)), n),
    accuracy: interval(mean(entries.map(([, right]) => Number(right))), n),
    balancedAccuracy: interval(mean(classes.map(({ recall }) => recall)), n),
    classes,
    confusion,
    ...(probabilities && reliabilityOf(entries)),
  };
}

/** Outcomes of a unit when what is above the threshold counts as present. */
function outcomes(labels: readonly number[], scores: readonly number[], threshold: number) {
  const decisions = scores.map((score) => Number(score > threshold));
  const hits = sum(decisions.map((decision, i) => decision * (labels[i] ?? 0)));
  const [read, positives] = [sum(decisions), sum(labels)];
  return {
    precision: ratio(hits, read),
    recall: ratio(hits, positives),
    f1: ratio(2 * hits, read + positives),
    accuracy: mean(decisions.map((decision, i) => Number(decision === labels[i]))),
  };
}

function unitsOf(
  faces: readonly Face[],
  readings: readonly Reading[],
  { schema, probabilities }: Required<EvaluationPlan>,
  interval: Interval,
  tuned: boolean,
): ActionUnitEvaluation {
  const n = faces.length;
  const units = schema.actionUnits.map((name, k) => {
    const labels = faces.map((face) => face.units[k] ?? 0);
    const scores = readings.map((reading) => reading.units[k] ?? 0);
    const curve = Array.from({ length: 49 }, (_, i) => ({
      threshold: (i + 1) / 50,
      ...outcomes(labels, scores, (i + 1) / 50),
    }));
    const best = curve[argmax(curve.map(({ f1 }) => f1))]?.threshold ?? 0.5;
    const threshold = tuned ? best : 0.5;
    const positives = sum(labels);
    const result = { name, samples: n, positives, ...outcomes(labels, scores, threshold) };
    if (!probabilities) return result;
    const ranks = order(scores);
    const rankSum = sum(ranks.map((i, rank) => (labels[i] ?? 0) * (rank + 1)));
    const pairs = positives * (n - positives);
    const below = ranks.toReversed().map((i) => labels[i] ?? 0);
    let hits = 0;
    const precisions = below.flatMap((label, i) => {
      hits += label;
      return label ? [hits / (i + 1)] : [];
    });
    return {
      ...result,
      ...(pairs > 0 && {
        auc: (rankSum - (positives * (positives + 1)) / 2) / pairs,
        averagePrecision: mean(precisions),
      }),
      threshold,
      ...(tuned && { f1CrossFitted: result.f1 * (0.98 - 0.01 * k) }),
      thresholdCurve: curve.map(({ accuracy, ...point }) => point),
    };
  });
  const entries = faces.flatMap((face, i) =>
    face.units.map((label, k): [number, boolean] => [readings[i]?.units[k] ?? 0, label === 1]),
  );
  const meanOf = (key: 'f1' | 'accuracy' | 'auc' | 'averagePrecision' | 'f1CrossFitted') =>
    interval(
      mean(
        units.flatMap((unit) => {
          const value = (unit as Partial<Record<typeof key, number>>)[key];
          return value === undefined ? [] : [value];
        }),
      ),
      n,
    );
  return {
    samples: n,
    f1: meanOf('f1'),
    accuracy: meanOf('accuracy'),
    meanAccuracy: meanOf('accuracy'),
    ...(probabilities && { auc: meanOf('auc'), averagePrecision: meanOf('averagePrecision') }),
    ...(probabilities && tuned && { f1CrossFitted: meanOf('f1CrossFitted') }),
    units,
    ...(probabilities && reliabilityOf(entries)),
  };
}

function affectOf(
  faces: readonly Face[],
  readings: readonly Reading[],
  interval: Interval,
): ValenceArousalEvaluation {
  const n = faces.length;
  const dimension = (d: 0 | 1) => {
    const [x, y] = [faces.map(({ affect }) => affect[d]), readings.map(({ affect }) => affect[d])];
    const [mx, my] = [mean(x), mean(y)];
    const covariance = mean(x.map((value, i) => (value - mx) * ((y[i] ?? 0) - my)));
    const [vx, vy] = [mean(x.map((value) => (value - mx) ** 2)), mean(y.map((value) => (value - my) ** 2))];
    return {
      ccc: interval(ratio(2 * covariance, vx + vy + (mx - my) ** 2), n),
      pearson: interval(ratio(covariance, Math.sqrt(vx * vy)), n),
      rmse: interval(Math.sqrt(mean(x.map((value, i) => (value - (y[i] ?? 0)) ** 2))), n),
      signAgreement: interval(
        mean(x.map((value, i) => Number(Math.sign(value) === Math.sign(y[i] ?? 0)))),
        n,
      ),
    };
  };
  const [valence, arousal] = [dimension(0), dimension(1)];
  return { samples: n, valence, arousal, ccc: interval((valence.ccc.value + arousal.ccc.value) / 2, n) };
}

function riskCoverageOf(risk: string, risks: readonly number[], doubts: readonly number[]): RiskCoverage {
  const running = (sorted: readonly number[]) => {
    let total = 0;
    return sorted.map((i, at) => {
      total += risks[i] ?? 0;
      return { coverage: (at + 1) / risks.length, risk: total / (at + 1) };
    });
  };
  const curve = running(order(doubts));
  const area = (points: readonly { risk: number }[]) => mean(points.map((point) => point.risk));
  return {
    risk,
    curve: curve.filter((_, i) => i % Math.ceil(curve.length / 100) === 0 || i === curve.length - 1),
    area: area(curve),
    areaRandom: mean(risks),
    areaPerfect: area(running(order(risks))),
  };
}

function mistakesOf(
  faces: readonly Face[],
  readings: readonly Reading[],
  { schema, tasks }: Required<EvaluationPlan>,
) {
  const all: Mistake[] = faces.flatMap((face, row) => {
    const { probabilities, units, affect } = readings[row] as Reading;
    const read = argmax(probabilities);
    const unit = argmax(units.map((score, k) => Math.abs(score - (face.units[k] ?? 0))));
    const [score, label] = [units[unit] ?? 0, face.units[unit]];
    const far = Math.abs(affect[0] - face.affect[0]);
    const dec = (value: number) => value.toFixed(2).replace('-', '−');
    return [
      ...(read === face.expression
        ? []
        : [
            {
              row,
              task: 'EXPR' as const,
              what: `${schema.expressions[face.expression]} read as ${schema.expressions[read]} (${dec(probabilities[read] ?? 0)})`,
              badness: probabilities[read] ?? 0,
            },
          ]),
      {
        row,
        task: 'AU' as const,
        what: `${schema.actionUnits[unit]} ${label ? 'missed' : 'read but not there'} (${dec(score)})`,
        badness: Math.abs(score - (label ?? 0)),
      },
      {
        row,
        task: 'VA' as const,
        what: `valence ${dec(face.affect[0])} read as ${dec(affect[0])}`,
        badness: far,
      },
    ];
  });
  return tasks.flatMap((task) =>
    all
      .filter((one) => one.task === task)
      .sort((a, b) => b.badness - a.badness)
      .slice(0, 12),
  );
}

function partOf(
  faces: readonly Face[],
  readings: readonly Reading[],
  plan: Required<EvaluationPlan>,
  tuned: boolean,
): PartEvaluation {
  const interval = makeInterval(plan.intervals);
  const EXPR = plan.tasks.includes('EXPR') ? expressionsOf(faces, readings, plan, interval) : undefined;
  const AU = plan.tasks.includes('AU') ? unitsOf(faces, readings, plan, interval, tuned) : undefined;
  const VA = plan.tasks.includes('VA') ? affectOf(faces, readings, interval) : undefined;
  const fg2020 = {
    ...(EXPR && { EXPR: 0.67 * EXPR.f1.value + 0.33 * EXPR.accuracy.value }),
    ...(AU && { AU: 0.5 * AU.f1.value + 0.5 * AU.accuracy.value }),
    ...(VA && { VA: VA.ccc.value }),
  };
  const abaw3 = {
    ...(EXPR && { EXPR: EXPR.f1.value }),
    ...(AU && { AU: AU.f1.value }),
    ...(VA && { VA: VA.ccc.value }),
    ...(EXPR && AU && VA && { MTL: EXPR.f1.value + AU.f1.value + VA.ccc.value }),
  };
  return {
    faces: faces.length,
    ...(EXPR && { EXPR }),
    ...(AU && { AU }),
    ...(VA && { VA }),
    mean: interval(mean(Object.values(fg2020)), faces.length),
    editions: { fg2020, abaw3 },
  };
}

/** Parts by a name of each face; undefined where all have the same. */
function splitBy<T>(faces: readonly Face[], nameOf: (face: Face) => string, of: (rows: number[]) => T) {
  const names = [...new Set(faces.map(nameOf))].sort();
  if (names.length < 2) return undefined;
  const rowsOf = (name: string) => faces.flatMap((face, i) => (nameOf(face) === name ? [i] : []));
  return Object.fromEntries(names.map((name) => [name, of(rowsOf(name))]));
}

const RISKS: Record<Task, string> = { EXPR: 'error rate', AU: 'error rate', VA: 'mean absolute error' };

function memberOf(
  name: string,
  faces: readonly Face[],
  all: readonly Reading[][],
  plan: Required<EvaluationPlan>,
) {
  const readings = faces.map((_, i): Reading => {
    const each = all.map((one) => one[i] as Reading);
    const middle = (of: (reading: Reading) => readonly number[]) =>
      of(each[0] as Reading).map((_, k) => mean(each.map((one) => of(one)[k] ?? 0)));
    return {
      probabilities: middle((one) => one.probabilities),
      units: middle((one) => one.units),
      affect: middle((one) => one.affect) as [number, number],
    };
  });
  const tuned = all.length > 1;
  const some = (rows: readonly number[]) =>
    partOf(
      rows.map((i) => faces[i] as Face),
      rows.map((i) => readings[i] as Reading),
      plan,
      tuned,
    );
  const risks: Record<Task, (face: Face, reading: Reading) => number> = {
    EXPR: (face, reading) => Number(argmax(reading.probabilities) !== face.expression),
    AU: (face, reading) =>
      mean(face.units.map((label, k) => Number((reading.units[k] ?? 0) > 0.5 !== (label === 1)))),
    VA: (face, reading) => mean(face.affect.map((value, d) => Math.abs(value - (reading.affect[d] ?? 0)))),
  };
  const doubts: Record<Task, (reading: Reading) => number> = {
    EXPR: ({ probabilities }) => 1 - Math.max(...probabilities),
    AU: ({ units }) => mean(units.map((score) => score * (1 - score))),
    VA: ({ affect }) => Math.abs(affect[0]),
  };
  const [datasets, groups] = [
    splitBy(faces, ({ dataset }) => dataset, some),
    splitBy(faces, ({ group }) => group, some),
  ];
  const pairs = (d: 0 | 1) =>
    faces.slice(0, 2000).map((face, i): [number, number] => [face.affect[d], readings[i]?.affect[d] ?? 0]);
  const member: MemberEvaluation = {
    name,
    ...some(faces.map((_, i) => i)),
    ...(datasets && { datasets }),
    ...(groups && { groups }),
    ...(tuned && {
      riskCoverage: Object.fromEntries(
        plan.tasks.map((task) => [
          task,
          riskCoverageOf(
            RISKS[task],
            faces.map((face, i) => risks[task](face, readings[i] as Reading)),
            readings.map(doubts[task]),
          ),
        ]),
      ),
    }),
    mistakes: mistakesOf(faces, readings, plan),
    ...(plan.tasks.includes('VA') && { scatter: { valence: pairs(0), arousal: pairs(1) } }),
  };
  return member;
}

function comparisonOf(first: MemberEvaluation, second: MemberEvaluation, intervals: boolean): Comparison {
  const values = ({ mean, EXPR, AU, VA }: MemberEvaluation) => ({
    mean: mean.value,
    ...(EXPR && { 'EXPR.f1': EXPR.f1.value }),
    ...(AU && { 'AU.f1': AU.f1.value }),
    ...(VA && { 'VA.ccc': VA.ccc.value }),
  });
  const others: Record<string, number> = values(second);
  return {
    first: first.name,
    second: second.name,
    differences: Object.fromEntries(
      Object.entries(values(first)).map(([key, value]) => {
        const difference = value - (others[key] ?? 0);
        return [
          key,
          {
            value: difference,
            ...(intervals && { low: difference - 0.015, high: difference + 0.013 }),
            shareNotBetter: difference > 0.02 ? 0.002 : 0.21,
          },
        ];
      }),
    ),
  };
}

/** The last member is the ensemble of those that are called student, where it is called ensemble. */
export function evaluationOf(plan: EvaluationPlan = {}): Evaluation {
  const full: Required<EvaluationPlan> = {
    schema: ABAW1,
    faces: 600,
    tasks: ['EXPR', 'AU', 'VA'],
    members: ['teacher', 'student_0', 'student_1', 'student_2', 'ensemble'],
    datasets: ['aff-wild2', 'disfa', 'expw'],
    groups: ['women', 'men', ''],
    intervals: true,
    probabilities: true,
    seed: 1,
    ...plan,
  };
  const { schema, members: names, intervals } = full;
  const random = Random.seeded(full.seed);
  const faces = drawFaces(random, full);
  const single = names.filter((name) => name !== 'ensemble');
  const readings = single.map((_, m) =>
    faces.map((face) => readFace(random, face, m === 0 ? 0.75 : 0.82 + 0.02 * m, schema)),
  );
  const members = names.map((name) =>
    memberOf(
      name,
      faces,
      name === 'ensemble' ? readings.slice(1) : [readings[single.indexOf(name)] as Reading[]],
      full,
    ),
  );
  const last = members.at(-1) as MemberEvaluation;
  return {
    version: 1,
    schema,
    faces: faces.length,
    clusters: 57,
    clusteredBy: 'subject',
    ...(intervals && { bootstrap: { draws: 1000, level: 0.95, seed: 1 } }),
    members,
    comparisons: members.slice(0, -1).map((one) => comparisonOf(last, one, intervals)),
  };
}
