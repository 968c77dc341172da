import { optim } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const groups = (...lrs: number[]) => ({ paramGroups: lrs.map((lr) => ({ lr })) });
const rates = ({ paramGroups }: optim.Scheduled) => paramGroups.map(({ lr }) => lr);

/** The rate of the first group at each of `count` steps. */
function course(
  optimizer: optim.Scheduled,
  schedule: optim.Schedule,
  count: number,
  metrics: number[] = [],
): number[] {
  return Array.from({ length: count }, (_, i) => {
    const [lr] = rates(optimizer) as [number];
    schedule.step(metrics[i]);
    return lr;
  });
}

describe('ConstantLr', () => {
  it('stays, or rises to the base rate', () => {
    const still = groups(0.3);
    expect(course(still, new optim.ConstantLr(still), 3)).toEqual([0.3, 0.3, 0.3]);
    const rising = groups(1);
    expect(course(rising, new optim.ConstantLr(rising, { warmUpSteps: 3 }), 5)).toEqual([
      0.25, 0.5, 0.75, 1, 1,
    ]);
  });
});

describe('StepLr', () => {
  it('drops by a factor every few steps, without drift', () => {
    const optimizer = groups(0.1, 3);
    const schedule = new optim.StepLr(optimizer, { stepSize: 3, gamma: 0.5 });
    expect(course(optimizer, schedule, 7)).toEqual([0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]);
    expect(rates(optimizer)).toEqual([0.025, 0.75]);
    for (let i = 7; i < 60; i++) schedule.step();
    expect(rates(optimizer)).toEqual([0.1 * 0.5 ** 20, 3 * 0.5 ** 20]);
  });
});

describe('CosineLr', () => {
  it('rises linearly, falls like a cosine, and stays at its minimum', () => {
    const optimizer = groups(1);
    const found = course(
      optimizer,
      new optim.CosineLr(optimizer, { totalSteps: 6, warmUpSteps: 2, minLr: 0.2 }),
      8,
    );
    const half = (x: number) => 0.2 + 0.4 * (1 + Math.cos(Math.PI * x));
    const expected = [1 / 3, 2 / 3, 1, half(0.25), half(0.5), half(0.75), 0.2, 0.2];
    found.forEach((lr, i) => {
      expect(lr).toBeCloseTo(expected[i] as number, 14);
    });
  });

  it('stays within minimum and base rate, and falls all the way after its rise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (warmUpSteps, falling, base, share) => {
          const optimizer = groups(base);
          const minLr = share * base;
          const options = { warmUpSteps, totalSteps: warmUpSteps + falling, minLr };
          const found = course(optimizer, new optim.CosineLr(optimizer, options), options.totalSteps + 3);
          const [rise, fall] = [found.slice(0, warmUpSteps + 1), found.slice(warmUpSteps)];
          rise.slice(1).forEach((lr, i) => {
            expect(lr).toBeGreaterThan(rise[i] as number);
          });
          fall.slice(1).forEach((lr, i) => {
            expect(lr).toBeLessThanOrEqual((fall[i] as number) * (1 + 1e-15));
          });
          expect(found[0]).toBeGreaterThan(0);
          expect(Math.max(...found)).toBeCloseTo(base, 12);
          expect(found.at(-1)).toBeCloseTo(minLr, 12);
        },
      ),
    );
  });

  it('keeps the proportion of groups while it warms up', () => {
    const optimizer = groups(1, 10);
    const schedule = new optim.CosineLr(optimizer, { totalSteps: 10, warmUpSteps: 4 });
    for (let i = 0; i < 10; i++) {
      const [a, b] = rates(optimizer) as [number, number];
      expect(b / a).toBeCloseTo(10, 10);
      schedule.step();
    }
  });

  it('refuses spans that cannot be', () => {
    const optimizer = groups(1);
    expect(() => new optim.CosineLr(optimizer, { totalSteps: 3, warmUpSteps: 3 })).toThrow(
      /totalSteps .* at least 4/,
    );
    expect(() => new optim.CosineLr(optimizer, { totalSteps: 1.5 })).toThrow('found 1.5');
    expect(() => new optim.StepLr(optimizer, { stepSize: 0 })).toThrow('stepSize');
    expect(rates(optimizer)).toEqual([1]);
  });
});

describe('ReduceLrOnPlateau', () => {
  it('waits for its patience, reduces, and cools down', () => {
    const optimizer = groups(1);
    const schedule = new optim.ReduceLrOnPlateau(optimizer, {
      factor: 0.5,
      patience: 1,
      cooldown: 2,
      threshold: 0,
    });
    //            best  bad  bad→½  cool  cool  bad  bad→¼  cool  better
    const metrics = [5, 5, 5, 5, 5, 5, 5, 5, 4];
    expect(course(optimizer, schedule, 9, metrics)).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]);
    expect(schedule.stateDict()).toMatchObject({ best: 4, badSteps: 0, reductions: 2 });
  });

  it('watches for more, where more is better', () => {
    const optimizer = groups(1);
    const options = { mode: 'max', patience: 0, factor: 0.1, threshold: 0.1, thresholdMode: 'abs' } as const;
    const schedule = new optim.ReduceLrOnPlateau(optimizer, options);
    course(optimizer, schedule, 3, [0.5, 0.65, 0.7]);
    expect(schedule.stateDict()).toMatchObject({ best: 0.65, reductions: 1 });
  });

  it('wants an improvement by a share of the best', () => {
    const optimizer = groups(1);
    const schedule = new optim.ReduceLrOnPlateau(optimizer, { patience: 0, threshold: 0.1 });
    course(optimizer, schedule, 3, [10, 9.5, 8.9]);
    expect(schedule.stateDict()).toMatchObject({ best: 8.9, reductions: 1 });
  });

  it('does not go below its minimum, nor raise a rate to it', () => {
    const optimizer = groups(1, 0.001);
    const schedule = new optim.ReduceLrOnPlateau(optimizer, { patience: 0, minLr: 0.01 });
    course(optimizer, schedule, 6, [1, 1, 1, 1, 1, 1]);
    expect(rates(optimizer)).toEqual([0.01, 0.001]);
  });

  it('takes what is not a number for no improvement, and refuses to watch nothing', () => {
    const optimizer = groups(1);
    const schedule = new optim.ReduceLrOnPlateau(optimizer, { patience: 0, factor: 0.5 });
    course(optimizer, schedule, 2, [Number.NaN, 3]);
    expect(schedule.stateDict()).toMatchObject({ best: 3, reductions: 1 });
    expect(() => schedule.step()).toThrow('needs the metric');
    expect(() => new optim.ReduceLrOnPlateau(optimizer, { factor: 1 })).toThrow('factor');
  });
});

describe('every schedule', () => {
  const makes: [string, (o: optim.Scheduled) => optim.Schedule][] = [
    ['ConstantLr', (o) => new optim.ConstantLr(o, { warmUpSteps: 7 })],
    ['StepLr', (o) => new optim.StepLr(o, { stepSize: 4 })],
    ['CosineLr', (o) => new optim.CosineLr(o, { totalSteps: 17, warmUpSteps: 3 })],
    [
      'ReduceLrOnPlateau',
      (o) => new optim.ReduceLrOnPlateau(o, { patience: 1, cooldown: 1 }) as optim.Schedule,
    ],
  ];

  it.each(makes)('resumes anywhere with the rates of an uninterrupted run: %s', (_, make) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 0, max: 20 }),
        fc.boolean(),
        (metrics, cut, decayedAlready) => {
          const whole = groups(0.1, 0.3);
          const straight = make(whole);
          for (const metric of metrics) straight.step(metric);

          const first = groups(0.1, 0.3);
          const before = make(first);
          for (const metric of metrics.slice(0, cut)) before.step(metric);
          const saved = JSON.parse(JSON.stringify(before.stateDict()));
          // The optimiser may have been restored before its schedule is made.
          const second = decayedAlready ? groups(...rates(first)) : groups(0.1, 0.3);
          const after = make(second);
          after.loadStateDict(saved);
          expect(rates(second)).toEqual(rates(first));
          for (const metric of metrics.slice(cut)) after.step(metric);
          expect(rates(second)).toEqual(rates(whole));
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each(makes)('refuses a state for another number of groups: %s', (_, make) => {
    const saved = make(groups(1, 2)).stateDict();
    const optimizer = groups(1);
    expect(() => make(optimizer).loadStateDict(saved)).toThrow('for 2 parameter groups, the optimiser has 1');
  });
});
