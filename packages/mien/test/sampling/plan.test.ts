import fc from 'fast-check';
import { FaceTable, samplesOf } from 'mien/datasets';
import { ABAW1, TASKS, type Task, tasksOf } from 'mien/labels';
import { balanceTask, epochPlan, type PlanOptions, type PlanStep } from 'mien/sampling';
import { describe, expect, it } from 'vitest';

const units = (size: number, first = 0) => Int32Array.from({ length: size }, (_, i) => first + i);

const sources = fc.record({
  size: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  weighted: fc.boolean(),
});

/** Plans of one to three tasks that make at least one batch each. */
const plans: fc.Arbitrary<PlanOptions> = fc
  .record({
    tasks: fc.record({ EXPR: sources, AU: sources, VA: sources }, { requiredKeys: ['EXPR'] }).map((tasks) =>
      Object.fromEntries(
        Object.entries(tasks).map(([task, { size, batchSize, weighted }], k) => [
          task,
          {
            units: units(size, 1000 * k),
            batchSize: Math.min(batchSize, size),
            ...(weighted && { weights: Float64Array.from({ length: size }, (_, i) => 1 + (i % 3)) }),
          },
        ]),
      ),
    ),
    seed: fc.nat(),
    length: fc.oneof(
      fc.constant('shortest' as const),
      fc.constant('longest' as const),
      fc.integer({ min: 1, max: 30 }),
    ),
    dropLast: fc.boolean(),
  })
  .map((options) => options as PlanOptions);

const plain = (steps: Iterable<PlanStep>) =>
  Array.from(steps, ({ step, batches }) => ({
    step,
    batches: Object.fromEntries(Object.entries(batches).map(([task, batch]) => [task, [...batch]])),
  }));

const flat = (steps: Iterable<PlanStep>, task: Task) =>
  Array.from(steps).flatMap(({ batches }) => [...(batches[task] ?? [])]);

describe('an epoch plan', () => {
  it('takes every task from one manifest, balanced, as docs/data-balance.md shows', () => {
    const faces = new FaceTable(ABAW1);
    for (let i = 0; i < 60; i++)
      faces.push({
        dataset: 'a',
        image: `${i}.jpg`,
        ...(i % 2 === 0 && { expression: i % 10 === 0 ? 'fear' : 'neutral' }),
        ...(i % 3 === 0 && { valence: i / 60, arousal: 0 }),
        ...(i % 5 === 0 && { actionUnits: ABAW1.actionUnits.map((_, k) => ((i >> k) & 1 ? 1 : 0)) }),
      });
    const source = (task: Task) => {
      const samples = samplesOf([faces], task);
      const { weights } = balanceTask(task, samples, 'mien', { schema: faces.schema, seed: 7 });
      return { units: samples.rows, weights, batchSize: 4 };
    };
    const tasks = { EXPR: source('EXPR'), AU: source('AU'), VA: source('VA') };
    const plan = epochPlan({ tasks, seed: 7, length: 'longest' });
    expect(plan.stepsPerEpoch).toBe(7); // 30 expressions, 4 a batch
    for (const { batches } of plan.steps(0))
      for (const task of TASKS)
        for (const row of batches[task] ?? []) expect(tasksOf(faces.row(row), ABAW1)).toContain(task);
  });

  it('gives one batch of valid units for each task at each step', () => {
    fc.assert(
      fc.property(plans, fc.nat(5), (options, epoch) => {
        const { dropLast } = options;
        const plan = epochPlan(options);
        const steps = [...plan.steps(epoch)];
        expect(steps.map(({ step }) => step)).toEqual([...Array(plan.stepsPerEpoch).keys()]);
        for (const { batches } of steps) {
          expect(Object.keys(batches).sort()).toEqual(Object.keys(options.tasks).sort());
          for (const [task, batch] of Object.entries(batches)) {
            const source = options.tasks[task as Task];
            if (dropLast) expect(batch).toHaveLength(source?.batchSize ?? -1);
            expect(batch.length).toBeGreaterThan(0);
            for (const unit of batch) expect(source?.units).toContain(unit);
          }
        }
      }),
    );
  });

  it('goes on from any step as if it had never stopped', () => {
    fc.assert(
      fc.property(plans, fc.nat(5), fc.nat(40), (options, epoch, stop) => {
        const plan = epochPlan(options);
        const from = Math.min(stop, plan.stepsPerEpoch);
        const saved = JSON.parse(JSON.stringify(plan.state(epoch, from)));
        const resumed = epochPlan(options);
        const place = resumed.fromState(saved);
        expect(plain(resumed.steps(place.epoch, place.step))).toEqual(plain(plan.steps(epoch)).slice(from));
      }),
    );
  });

  it('splits every batch among the ranks without overlap', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 5 }), (options, ranks) => {
        const whole = plain(epochPlan(options).steps(2));
        const parts = Array.from({ length: ranks }, (_, rank) =>
          plain(epochPlan({ ...options, rank, ranks }).steps(2)),
        );
        whole.forEach(({ batches }, i) => {
          for (const [task, batch] of Object.entries(batches)) {
            const ofRanks = parts.map((steps) => steps[i]?.batches[task] ?? []);
            expect(ofRanks.flat()).toEqual(batch);
            const sizes = ofRanks.map((part) => part.length);
            expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          }
        });
      }),
    );
  });

  it('shows every unit once an epoch without weights, in another order each epoch', () => {
    const plan = epochPlan({ tasks: { AU: { units: units(50), batchSize: 8 } }, seed: 1, dropLast: false });
    const orders = [0, 1].map((epoch) => flat(plan.steps(epoch), 'AU'));
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([...units(50)]);
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it('draws with replacement by weight, as many as there are units', () => {
    const weights = Float64Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0 : 1));
    const plan = epochPlan({ tasks: { VA: { units: units(1000), weights, batchSize: 10 } }, seed: 1 });
    const drawn = flat(plan.steps(0), 'VA');
    expect(drawn).toHaveLength(1000);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(500);
    expect(new Set(drawn).size).toBeLessThan(500);
  });

  it('ends with the shortest task, as the reference does, or lets shorter tasks start over in a new order', () => {
    const tasks = {
      EXPR: { units: units(12), batchSize: 4 },
      AU: { units: units(31), batchSize: 4 },
    };
    expect(epochPlan({ tasks, seed: 1 }).stepsPerEpoch).toBe(3);
    const longest = epochPlan({ tasks, seed: 1, length: 'longest' });
    expect(longest.stepsPerEpoch).toBe(7);
    const expressions = flat(longest.steps(0), 'EXPR');
    const laps = [expressions.slice(0, 12), expressions.slice(12, 24)];
    for (const lap of laps) expect(lap.toSorted((a, b) => a - b)).toEqual([...units(12)]);
    expect(laps[0]).not.toEqual(laps[1]);
    expect(epochPlan({ tasks, seed: 1, length: 100 }).stepsPerEpoch).toBe(100);
  });

  it('draws each task apart from the others', () => {
    const source = { units: units(40), batchSize: 40 };
    const [first] = epochPlan({ tasks: { EXPR: source, AU: source }, seed: 1 }).steps(0);
    expect(first?.batches.EXPR).not.toEqual(first?.batches.AU);
    const [alone] = epochPlan({ tasks: { AU: source }, seed: 1 }).steps(0);
    expect(alone?.batches.AU).toEqual(first?.batches.AU);
  });

  it('refuses the place of another plan, but goes on with other ranks', () => {
    const options: PlanOptions = { tasks: { EXPR: { units: units(12), batchSize: 4 } }, seed: 1 };
    const state = epochPlan(options).state(1, 2);
    expect(epochPlan({ ...options, ranks: 2 }).fromState(state)).toEqual({ epoch: 1, step: 2 });
    const others: PlanOptions[] = [
      { ...options, seed: 2 },
      { ...options, length: 3 },
      { ...options, tasks: { EXPR: { units: units(12, 1), batchSize: 4 } } },
      { ...options, tasks: { EXPR: { units: units(12), batchSize: 3 } } },
      { ...options, tasks: { AU: { units: units(12), batchSize: 4 } } },
      {
        ...options,
        tasks: { EXPR: { units: units(12), batchSize: 4, weights: new Float64Array(12).fill(1) } },
      },
    ];
    for (const other of others)
      expect(() => epochPlan(other).fromState(state)).toThrow(/belongs to another plan/);
  });

  it.each([
    ['no tasks', {}, {}, /without tasks/],
    ['too few units', { EXPR: { units: units(3), batchSize: 4 } }, {}, /EXPR: 3 samples make no batch of 4/],
    ['no units', { EXPR: { units: units(0), batchSize: 4 } }, {}, /EXPR: 0 samples make no batch/],
    ['a batch of nothing', { AU: { units: units(3), batchSize: 0 } }, {}, /AU: batch size 0/],
    [
      'weights of other units',
      { VA: { units: units(3), weights: Float64Array.of(1), batchSize: 1 } },
      {},
      /VA: 1 weights for 3 samples/,
    ],
    ['a length of 0', { AU: { units: units(3), batchSize: 1 } }, { length: 0 }, /epoch length 0/],
    ['a negative seed', { AU: { units: units(3), batchSize: 1 } }, { seed: -1 }, /seed -1/],
    ['a rank too many', { AU: { units: units(3), batchSize: 1 } }, { rank: 2, ranks: 2 }, /rank 2 of 2/],
  ])('refuses %s', (_, tasks, rest, message) => {
    expect(() => epochPlan({ tasks, seed: 0, ...rest } as PlanOptions)).toThrow(message);
  });
});

describe('one task of a plan', () => {
  it("has the plan's batches, from any step", () => {
    const tasks = {
      EXPR: { units: Int32Array.from({ length: 23 }, (_, i) => 100 + i), batchSize: 4 },
      VA: {
        units: Int32Array.from({ length: 9 }, (_, i) => i),
        batchSize: 3,
        weights: new Float64Array(9).fill(1),
      },
    };
    for (const rank of [0, 1]) {
      const plan = epochPlan({ tasks, seed: 5, length: 'longest', rank, ranks: 2 });
      for (const task of ['EXPR', 'VA'] as const) {
        const order = plan.order(3, task);
        const batches = [...plan.steps(3)].map((step) => step.batches[task]);
        expect(order.steps).toBe(batches.length);
        const backwards = Array.from({ length: order.steps }, (_, i) => order.samples(order.steps - 1 - i));
        expect(backwards.reverse()).toEqual(batches);
        expect(Math.max(...batches.map((batch) => batch?.length ?? 0))).toBeLessThanOrEqual(order.batchSize);
      }
    }
    expect(() => epochPlan({ tasks, seed: 5 }).order(0, 'AU')).toThrow(/no task AU/);
  });
});
