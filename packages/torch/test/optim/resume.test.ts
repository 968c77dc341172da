import { liveTensors, nn, ones, optim, type Tensor, tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, numbers, smallNetwork } from '../nn/support.js';
import { setGradients, snapshot, someParameters, steps } from './support.js';

type Make = (params: Tensor[]) => optim.Optimizer;
const MAKES: [string, Make][] = [
  ['Adam', (params) => new optim.Adam(params, { lr: 0.1, amsgrad: true })],
  ['AdamW', (params) => new optim.AdamW(params, { lr: 0.1, weightDecay: 0.1 })],
  ['SGD', (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9 })],
];

describe('an optimiser that is saved and resumed', () => {
  it.each(MAKES)('goes on bit for bit, wherever it is cut: %s', (_, make) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), (cut) => {
        tidy(() => {
          const [straight, first] = [someParameters(1), someParameters(1)];
          steps(make(straight), straight, 0, 8);
          const before = make(first);
          steps(before, first, 0, cut);
          const saved = snapshot(before.stateDict());
          const resumed = first.map((p) => new nn.Parameter(p.clone().detach()));
          const after = make(resumed);
          after.loadStateDict(saved);
          steps(after, resumed, cut, 8);
          expect(resumed.map(numbers)).toEqual(straight.map(numbers));
        });
      }),
      { numRuns: 9 },
    );
  });

  it('goes on bit for bit with its schedule, its averages and the network', () => {
    const target = tensor([0, 1, 2, 3], { dtype: 'int64' });
    const build = () => {
      const net = smallNetwork(3);
      const optimizer = new optim.Adam(net.parameters(), { lr: 0.05, betas: [0.5, 0.999] });
      const schedule = new optim.CosineLr(optimizer, { totalSteps: 10, warmUpSteps: 2, minLr: 1e-3 });
      return {
        net,
        optimizer,
        schedule,
        average: new optim.WeightAverage(net, { decay: 0.9, warmUp: true }),
      };
    };
    const train = (
      { net, optimizer, schedule, average }: ReturnType<typeof build>,
      from: number,
      to: number,
    ) => {
      for (let step = from; step < to; step++) {
        optimizer.zeroGrad();
        tidy(() =>
          nn.functional.crossEntropy(net.forward(normal([4, 3, 8, 8], step).float()), target).backward(),
        );
        optimizer.step();
        schedule.step();
        average.update();
      }
    };
    const clone = (state: Map<string, Tensor>) => new Map(Array.from(state, ([key, t]) => [key, t.clone()]));

    const straight = build();
    train(straight, 0, 10);

    const first = build();
    train(first, 0, 4);
    const { updates, averages } = first.average.stateDict();
    const saved = {
      net: clone(first.net.stateDict()),
      optimizer: snapshot(first.optimizer.stateDict()),
      schedule: JSON.parse(JSON.stringify(first.schedule.stateDict())) as optim.ScheduleState,
      average: { updates, averages: clone(averages) },
    };
    train(first, 4, 6); // what was saved does not move with it

    const resumed = build();
    resumed.net.loadStateDict(saved.net);
    resumed.optimizer.loadStateDict(saved.optimizer);
    resumed.schedule.loadStateDict(saved.schedule);
    resumed.average.loadStateDict(saved.average);
    train(resumed, 4, 10);

    const everything = ({ net, average, optimizer }: ReturnType<typeof build>) => [
      ...Array.from(net.stateDict().values(), numbers),
      ...Array.from(average.stateDict().averages.values(), numbers),
      optimizer.paramGroups.map(({ lr }) => lr),
    ];
    expect(everything(resumed)).toEqual(everything(straight));
  });
});

describe('an optimiser’s state', () => {
  it('is plain, with PyTorch’s numbering and names', () => {
    const [a, b] = [someParameters(1, [[2], [3]]), someParameters(2, [[4]])];
    const optimizer = new optim.Adam([{ params: a }, { params: b, lr: 0.5, amsgrad: true }]);
    setGradients([a[1] as Tensor, b[0] as Tensor], 1);
    optimizer.step();
    const { state, paramGroups } = optimizer.stateDict();
    const options = {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
    };
    expect(paramGroups).toEqual([
      { ...options, params: [0, 1] },
      { ...options, lr: 0.5, amsgrad: true, params: [2] },
    ]);
    expect(Array.from(state, ([number, values]) => [number, Object.keys(values)])).toEqual([
      [1, ['step', 'exp_avg', 'exp_avg_sq']],
      [2, ['step', 'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq']],
    ]);
    expect(state.get(1)?.step).toBe(1);
  });

  it('takes plain records of checkpoint readers, and steps as tensors', () => {
    const params = someParameters(1, [[2]]);
    const optimizer = new optim.Adam(params);
    const raw = (values: number[]): nn.RawValue => ({
      dtype: 'float64',
      shape: [2],
      data: new Uint8Array(new Float64Array(values).buffer),
    });
    const { paramGroups } = optimizer.stateDict();
    optimizer.loadStateDict({
      state: new Map([[0, { step: tensor(7), exp_avg: raw([1, 2]), exp_avg_sq: raw([3, 4]) }]]),
      paramGroups,
    });
    const loaded = optimizer.stateDict().state.get(0);
    expect([loaded?.step, numbers(loaded?.exp_avg as Tensor), numbers(loaded?.exp_avg_sq as Tensor)]).toEqual(
      [7, [1, 2], [3, 4]],
    );
  });

  it('tells of everything that does not fit, and changes nothing', () => {
    const params = someParameters(1, [[2], [3]]);
    const optimizer = new optim.Adam(params, { lr: 0.1 });
    steps(optimizer, params, 0, 2);
    const before = JSON.stringify(
      Array.from(optimizer.stateDict().state, ([i, s]) => [i, String(s.exp_avg)]),
    );
    const good = snapshot(optimizer.stateDict());
    const [group] = good.paramGroups as [optim.OptimizerState['paramGroups'][number]];
    const { eps: _, ...rest } = group;
    const state = new Map(good.state);
    state.set(0, { step: 1, exp_avg: ones([3]), exp_avg_sq: ones([2]), momentum_buffer: ones([2]) });
    state.set(1, { step: 1, exp_avg: ones([3]) });
    state.set(9, { step: 1 });
    const bad = { state, paramGroups: [{ ...rest, lr: 9, warmth: 1, params: [0, 1, 2] }, group] };
    let error: unknown;
    try {
      optimizer.loadStateDict(bad);
    } catch (thrown) {
      error = thrown;
    }
    expect(optim.isOptimizerStateError(error)).toBe(true);
    expect((error as optim.OptimizerStateError).message.split('\n  ')).toEqual([
      'the state does not fit this Adam; nothing was changed',
      'parameter groups: expected 1, found 2',
      'parameters of group 0: expected 2, found 3',
      'options of group 0: missing eps; unexpected warmth',
      'state of parameter 0: unexpected momentum_buffer',
      'exp_avg of parameter 0: expected the shape [2], found [3]',
      'state of parameter 1: missing exp_avg_sq',
      'state of parameter 9: there is no such parameter',
    ]);
    expect(optimizer.paramGroups[0]?.lr).toBe(0.1);
    expect(JSON.stringify(Array.from(optimizer.stateDict().state, ([i, s]) => [i, String(s.exp_avg)]))).toBe(
      before,
    );
    expect(() => optimizer.loadStateDict({ ...good, paramGroups: [{ ...group, lr: -1 }] })).toThrow('lr');
    expect(optimizer.paramGroups[0]?.lr).toBe(0.1);
  });

  it('is the optimiser’s own: neither side sees the other’s changes of options', () => {
    const optimizer = new optim.Adam(someParameters(1));
    const saved = optimizer.stateDict();
    const betas = saved.paramGroups[0]?.betas as [number, number];
    betas[0] = 0.1;
    expect(optimizer.paramGroups[0]?.betas).toEqual([0.9, 0.999]);
    optimizer.loadStateDict(saved);
    betas[0] = 0.2;
    expect(optimizer.paramGroups[0]?.betas).toEqual([0.1, 0.999]);
  });

  it('replaces what was there, and leaves nothing behind', () => {
    const params = someParameters(1);
    const optimizer = new optim.Adam(params);
    steps(optimizer, params, 0, 1);
    const before = liveTensors();
    tidy(() => optimizer.loadStateDict(optimizer.stateDict()));
    expect(liveTensors()).toBe(before);
    steps(optimizer, params, 1, 2);
    optimizer.loadStateDict({ state: new Map(), paramGroups: optimizer.stateDict().paramGroups });
    expect(optimizer.stateDict().state.size).toBe(0);
  });
});
