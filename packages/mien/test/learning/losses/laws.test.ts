import { type Tensor, tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import {
  actionUnitLoss,
  DISTILLATION,
  dimensionLoss,
  expressionLoss,
  type Label,
  LOSS,
  type LossSettings,
  studentObjective,
  teacherObjective,
} from 'mien/learning/losses';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import {
  CLASSES,
  gradientOf,
  matrix,
  normal,
  numbers,
  scrambled,
  someBatches,
  someLabels,
  UNITS,
} from './support.js';

const N = 9;

interface Kind {
  name: string;
  width: number;
  settings: object;
  loss(logits: Tensor, label: Label, settings: LossSettings): Tensor;
  label(labels: ReturnType<typeof someLabels>): Label;
}

const valence = ({ VA: { target, known } }: ReturnType<typeof someLabels>): Label => ({
  target: target.select(1, 0),
  known: known.select(1, 0),
});

const KINDS: Kind[] = [
  ...['bce', 'focal', 'asymmetric'].map((AU) => ({
    name: `AU ${AU}`,
    width: UNITS,
    settings: { AU },
    loss: actionUnitLoss,
    label: ({ AU }: ReturnType<typeof someLabels>) => AU,
  })),
  ...['ce', 'focal'].map((EXPR) => ({
    name: `EXPR ${EXPR}`,
    width: CLASSES,
    settings: { EXPR, classWeights: [1, 2, 3, 4, 5, 6, 7] },
    loss: expressionLoss,
    label: ({ EXPR }: ReturnType<typeof someLabels>) => EXPR,
  })),
  ...['ccc', 'ccc-ce', 'ccc-focal'].map((VA) => ({
    name: `valence ${VA}`,
    width: 20,
    settings: { VA },
    loss: dimensionLoss,
    label: valence,
  })),
];

const of = (kind: Kind, label: Label) => {
  const settings = LOSS.parse(kind.settings);
  return (x: Tensor) => kind.loss(x, label, settings);
};

describe.each(KINDS)('$name', (kind) => {
  it('does not see what is not known: neither in value nor in gradient', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(5, -1e9, Number.NaN), (seed, wild) => {
        const random = Random.seeded(seed);
        const label = kind.label(someLabels(N, random));
        const logits = normal([N, kind.width], random);
        const mask = label.known.ndim === 2 ? label.known : label.known.unsqueeze(1);
        const moved = logits.maskedFill(mask.eq(0), 3);
        const changed = scrambled(label, wild);
        const [value, other] = [of(kind, label)(logits).item(), of(kind, changed)(moved).item()];
        expect(other).toBe(value);
        const gradient = gradientOf(of(kind, changed), moved);
        expect(gradient).toEqual(gradientOf(of(kind, label), logits));
        const known = numbers(mask.expand([N, kind.width]));
        expect(gradient.filter((one, i) => !known[i] && one !== 0)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('of known rows alone is the same', () => {
    const random = Random.seeded(3);
    const { target, known } = kind.label(someLabels(N, random));
    const rows = tensor([0, 2, 3, 7], { dtype: 'int64' });
    const some = known.mul(0).indexFill(0, rows, 1);
    const logits = normal([N, kind.width], random);
    const cut = (values: Tensor) => values.indexSelect(0, rows);
    const masked = of(kind, { target, known: some })(logits).item();
    expect(of(kind, { target: cut(target), known: cut(some) })(cut(logits)).item()).toBeCloseTo(masked, 12);
  });

  it('is 0 without a gradient if nothing is known', () => {
    const random = Random.seeded(4);
    const label = kind.label(someLabels(N, random, 0));
    const logits = normal([N, kind.width], random);
    expect(of(kind, label)(logits).item()).toBe(0);
    expect(gradientOf(of(kind, label), logits).every((one) => one === 0)).toBe(true);
  });

  it('does not depend on the order of rows', () => {
    const random = Random.seeded(5);
    const { target, known } = kind.label(someLabels(N, random));
    const logits = normal([N, kind.width], random);
    const order = tensor(Array.from(random.permutation(N)), { dtype: 'int64' });
    const ordered = (values: Tensor) => values.indexSelect(0, order);
    const found = of(kind, { target: ordered(target), known: ordered(known) })(ordered(logits)).item();
    expect(found).toBeCloseTo(of(kind, { target, known })(logits).item(), 12);
  });

  it('is finite, with its gradient, for logits of ±100 in float32', () => {
    const random = Random.seeded(6);
    const label = kind.label(someLabels(N, random, 1));
    const logits = normal([N, kind.width], random).sign().mul(100).float();
    const [value, gradient] = [of(kind, label)(logits).item(), gradientOf(of(kind, label), logits)];
    expect(Number.isFinite(value)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it('computes bfloat16 logits in float32', () => {
    const random = Random.seeded(7);
    const { target, known } = kind.label(someLabels(N, random));
    const label = { target: target.float(), known: known.float() };
    const logits = normal([N, kind.width], random).bfloat16();
    const loss = of(kind, label)(logits);
    expect(loss.dtype).toBe('float32');
    expect(loss.item()).toBe(of(kind, label)(logits.float()).item());
  });
});

describe.each([0, 1e-3])('constant batches, epsilon %d', (epsilon) => {
  const loss = LOSS.parse({ VA: 'ccc', epsilon });
  const known = matrix(new Array(N).fill(1), [N]);
  const constant = matrix(new Array(N).fill(-0.3), [N]);
  const varied = matrix([-0.9, -0.5, -0.3, 0, 0.1, 0.2, 0.6, 0.7, 0.9], [N]);
  const row = normal([1, 20], Random.seeded(1));
  const same = row.expand([N, 20]).contiguous();
  const others = normal([N, 20], Random.seeded(2));
  const value = row
    .softmax(1)
    .mul(
      matrix(
        Array.from({ length: 20 }, (_, k) => -1 + (2 * k) / 19),
        [20],
      ),
    )
    .sum();
  it.each([
    ['labels', others, constant],
    ['predictions', same, varied],
    ['both', same, constant],
    ['both, equal', same, value.expand([N]).contiguous()],
  ] as const)('of %s have CCC 0 and a finite gradient', (_, logits, target) => {
    for (const [x, y] of [
      [logits, target],
      [logits.float(), target.float()],
    ] as const) {
      const of = (one: Tensor) => dimensionLoss(one, { target: y, known }, loss);
      expect(of(x).item()).toBeCloseTo(1, 5);
      expect(gradientOf(of, x).every((one) => Math.abs(one) < 100)).toBe(true);
    }
  });
});

it.each([{}, { EXPR: 'focal', labelSmoothing: 0.1 }])(
  'soft labels that are one-hot cost what hard ones do: %o',
  (settings) => {
    const random = Random.seeded(8);
    const loss = LOSS.parse(settings);
    const { EXPR } = someLabels(N, random);
    const logits = normal([N, CLASSES], random);
    const half = (a: Label) => ({ target: a.target.mul(0.5).add(a.target.mul(0.5)), known: a.known });
    expect(expressionLoss(logits, half(EXPR), loss).item()).toBe(expressionLoss(logits, EXPR, loss).item());
    // A mixture costs the mixture of the costs.
    const other = someLabels(N, random).EXPR.target;
    const mixture = { target: EXPR.target.mul(0.3).add(other.mul(0.7)), known: EXPR.known };
    const costs = [EXPR.target, other].map((target) =>
      expressionLoss(logits, { target, known: EXPR.known }, loss).item(),
    );
    expect(expressionLoss(logits, mixture, loss).item()).toBeCloseTo(
      0.3 * (costs[0] as number) + 0.7 * (costs[1] as number),
      12,
    );
  },
);

describe('objectives', () => {
  const distillation = DISTILLATION.parse({});
  const student = (batches: Parameters<typeof studentObjective>[0], loss: LossSettings) =>
    studentObjective(batches, loss, distillation);

  it.each(['own', 'all'] as const)('do not see what is not known, %s labels', (labels) => {
    const loss = LOSS.parse({ labels });
    const batches = someBatches(N, 9);
    const wild = batches.map((batch) => ({
      ...batch,
      labels: Object.fromEntries(
        Object.entries(batch.labels).map(([task, label]) => [task, scrambled(label, Number.NaN)]),
      ),
    }));
    expect(teacherObjective(wild, loss).total.item()).toBe(teacherObjective(batches, loss).total.item());
    expect(student(wild, loss).total.item()).toBe(student(batches, loss).total.item());
  });

  it('of nothing are 0, and can be trained on', () => {
    const loss = LOSS.parse({});
    const masked = someBatches(N, 10, 0).map(({ teacher: _, ...batch }) => batch);
    const empty = masked.map((batch) => ({ ...batch, labels: {} }));
    for (const batches of [masked, empty])
      for (const { total, parts } of [teacherObjective(batches, loss), student(batches, loss)]) {
        expect(total.item()).toBe(0);
        total.backward();
        expect(Object.keys(parts)).toHaveLength(batches === masked ? 4 : 0);
        for (const { logits } of batches)
          for (const { grad } of Object.values(logits))
            if (grad) expect(numbers(grad).every((one) => one === 0)).toBe(true);
      }
  });

  it('free what they make but their result', async () => {
    const { liveTensors } = await import('@mien/torch');
    const batches = someBatches(N, 11);
    const loss = LOSS.parse({ labels: 'all' });
    const before = liveTensors();
    const results = [teacherObjective(batches, loss), student(batches, loss)];
    expect(liveTensors()).toBe(before + 2 * 5);
    for (const { total, parts } of results) for (const one of [total, ...Object.values(parts)]) one.dispose();
    expect(liveTensors()).toBe(before);
    expect(tidy(() => teacherObjective(batches, loss).total.item())).toBeGreaterThan(0);
  });
});
