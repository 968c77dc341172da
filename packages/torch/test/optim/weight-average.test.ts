import { liveTensors, nn, noGrad, ones, optim, type Tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, expectSame, normal, numbers, smallNetwork } from '../nn/support.js';

/** Sets every floating-point value of a module. */
function setAll(module: nn.Module, value: number): void {
  noGrad(() => {
    for (const t of [...module.parameters(), ...module.buffers()]) t.fill_(value);
  });
}

const values = (average: optim.WeightAverage, key: string) =>
  tidy(() => numbers(average.stateDict().averages.get(key) as Tensor));

describe('WeightAverage', () => {
  it('of values that stay the same is those values, bit for bit', () => {
    const module = smallNetwork();
    const before = tidy(() => [...module.stateDict().values()].map(numbers));
    const average = new optim.WeightAverage(module, { decay: 0.99, warmUp: true });
    for (let update = 0; update < 200; update++) average.update();
    expect(tidy(() => [...average.stateDict().averages.values()].map(numbers))).toEqual(before);
    average.dispose();
    module.dispose();
  });

  it('is Σ (1 − d)·d^(n−k)·valueₖ + dⁿ·start', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (course, decay) => {
          const module = new nn.Linear(1, 1, { dtype: 'float64' });
          setAll(module, 2);
          const average = new optim.WeightAverage(module, { decay });
          for (const value of course) {
            setAll(module, value);
            average.update();
          }
          const n = course.length;
          const expected = course.reduce(
            (sum, value, k) => sum + (1 - decay) * decay ** (n - 1 - k) * value,
            2 * decay ** n,
          );
          expectClose(values(average, 'weight'), [expected], 1e-9);
          const all = [2, ...course];
          expect(values(average, 'bias')[0]).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
          expect(values(average, 'bias')[0]).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
          average.dispose();
          module.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('warms up: early updates keep less', () => {
    const module = new nn.Linear(1, 1, { dtype: 'float64' });
    setAll(module, 0);
    const average = new optim.WeightAverage(module, { decay: 0.3, warmUp: true });
    setAll(module, 1);
    const kept = [1 / 10, 2 / 11, 3 / 12, 0.3, 0.3];
    let expected = 0;
    for (const decay of kept) {
      expect(average.nextDecay).toBe(Math.min(0.3, decay));
      average.update();
      expected = decay * expected + (1 - decay);
      expectClose(values(average, 'weight'), [expected]);
    }
    expect(average.updates).toBe(5);
  });

  it('averages running statistics, and copies counts', () => {
    const norm = new nn.BatchNorm1d(2, { dtype: 'float64' });
    const average = new optim.WeightAverage(norm, { decay: 0.5 });
    norm.forward(normal([4, 2], 1));
    average.update();
    expectClose(
      values(average, 'running_mean'),
      numbers(norm.runningMean as Tensor).map((x) => x / 2),
    );
    expect(values(average, 'num_batches_tracked')).toEqual([1]);
  });

  it('does not move the module', () => {
    const net = smallNetwork();
    const before = Array.from(net.stateDict().values(), numbers);
    const average = new optim.WeightAverage(net);
    average.update();
    expect(Array.from(net.stateDict().values(), numbers)).toEqual(before);
  });

  it('stands in for the module while swapped, and gives everything back', () => {
    const net = smallNetwork(1, 'float64');
    const average = new optim.WeightAverage(net, { decay: 0.5 });
    setAll(net, 3);
    const trained = tidy(() => Array.from(net.stateDict().values(), numbers));
    const averaged = tidy(() => Array.from(average.stateDict().averages.values(), numbers));
    const parameters = net.parameters();
    const live = liveTensors();
    {
      using _ = average.swap();
      expect(net.parameters()).toEqual(parameters);
      expect(tidy(() => Array.from(net.stateDict().values(), numbers))).toEqual(averaged);
      expect(net.parameters().every((p) => p.requiresGrad && p.isLeaf)).toBe(true);
      expect(() => average.update()).toThrow("update: the averages are in the module's place");
      expect(() => average.swap()).toThrow('dispose of the swap first');
      expect(() => average.stateDict()).toThrow('stateDict');
    }
    expect(tidy(() => Array.from(net.stateDict().values(), numbers))).toEqual(trained);
    expect(tidy(() => Array.from(average.stateDict().averages.values(), numbers))).toEqual(averaged);
    expect(liveTensors()).toBe(live);
    average.update();
  });

  it('lets training go on after a swap as if there had been none', () => {
    const run = (swapping: boolean) => {
      const net = smallNetwork(1);
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
      const average = new optim.WeightAverage(net, { decay: 0.8 });
      for (let step = 0; step < 4; step++) {
        optimizer.zeroGrad();
        tidy(() =>
          net
            .forward(normal([2, 3, 8, 8], step).float())
            .square()
            .sum()
            .backward(),
        );
        optimizer.step();
        average.update();
        if (!swapping) continue;
        using _ = average.swap();
        tidy(() => noGrad(() => net.eval().forward(normal([2, 3, 8, 8], 9).float())));
        net.train();
      }
      return [
        ...Array.from(net.stateDict().values(), numbers),
        ...Array.from(average.stateDict().averages.values(), numbers),
      ];
    };
    expect(run(true)).toEqual(run(false));
  });

  it('is copied into this or another module of the same structure', () => {
    const [net, other] = [smallNetwork(1), smallNetwork(2)];
    const average = new optim.WeightAverage(net, { decay: 0.5 });
    setAll(net, 0);
    average.update();
    average.applyTo(other);
    expectSame(other.stateDict().values(), average.stateDict().averages.values());
    expect(
      tidy(() => Array.from(net.stateDict().values(), numbers))
        .flat()
        .every((x) => x === 0),
    ).toBe(true);
    average.applyTo();
    expectSame(net.stateDict().values(), average.stateDict().averages.values());
    expect(() => average.applyTo(new nn.Linear(1, 1))).toThrow(nn.StateDictError);
  });

  it('goes out and in again', () => {
    const net = smallNetwork(1);
    const average = new optim.WeightAverage(net);
    average.update();
    const again = new optim.WeightAverage(smallNetwork(2), { warmUp: true });
    again.loadStateDict(average.stateDict());
    expect(again.updates).toBe(1);
    expectSame(again.stateDict().averages.values(), average.stateDict().averages.values());
    const wrong = { updates: 3, averages: new Map([['0.weight', ones([1])]]) };
    expect(() => again.loadStateDict(wrong)).toThrow(
      /WeightAverage; nothing was changed\n {2}missing: 0.bias/,
    );
    expect(again.updates).toBe(1);
  });

  it('follows its module to another dtype and layout', () => {
    const net = smallNetwork(1);
    const average = new optim.WeightAverage(net, { decay: 0.5 });
    net.to({ dtype: 'float64', memoryFormat: 'channels_last' });
    average.update();
    for (const [key, value] of average.stateDict().averages) {
      expectClose(value, net.stateDict().get(key) as Tensor, 1e-6);
      expect(value.dtype).toBe((net.stateDict().get(key) as Tensor).dtype);
    }
  });

  it('averages a parameter that modules share, and lives with frozen ones', () => {
    const [one, two] = [new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 2, { bias: false })];
    two.weight = one.weight;
    const net = new nn.Sequential(one.freeze(), two);
    const average = new optim.WeightAverage(net, { decay: 0.5 });
    const before = numbers(one.weight);
    setAll(net, 0);
    average.update();
    expectClose(
      values(average, '1.weight'),
      before.map((x) => x / 2),
      1e-7,
    );
    using _ = average.swap();
    expectClose(
      two.weight,
      before.map((x) => x / 2),
      1e-7,
    );
  });

  it('refuses decays out of range and modules that grew', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1));
    expect(() => new optim.WeightAverage(net, { decay: 1.1 })).toThrow('within [0, 1], found 1.1');
    const average = new optim.WeightAverage(net);
    net.registerModule('late', new nn.Linear(1, 1));
    expect(() => average.update()).toThrow("'late.weight' was added to the module");
  });
});
