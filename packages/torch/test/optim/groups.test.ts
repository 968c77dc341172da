import { liveTensors, nn, optim, type Tensor, tensor, tidy } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers, smallNetwork } from '../nn/support.js';
import { setGradients, someParameters, steps } from './support.js';

describe('parameter groups', () => {
  it('have the optimiser’s options but for their own', () => {
    const [a, b] = [someParameters(1), someParameters(2)];
    const optimizer = new optim.SGD([{ params: a, lr: 0.5 }, { params: b }], { lr: 0.1, momentum: 0.9 });
    expect(optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum])).toEqual([
      [0.5, 0.9],
      [0.1, 0.9],
    ]);
    expect(optimizer.paramGroups.map((group) => group.params)).toEqual([a, b]);
  });

  it('move as by an optimiser of their own', () => {
    const make = () => [someParameters(1, [[3]]), someParameters(2, [[2]])] as const;
    const [a, b] = make();
    const [c, d] = make();
    const together = new optim.Adam(
      [
        { params: a, lr: 0.5 },
        { params: b, weightDecay: 1 },
      ],
      { lr: 0.1 },
    );
    const [first, second] = [new optim.Adam(c, { lr: 0.5 }), new optim.Adam(d, { lr: 0.1, weightDecay: 1 })];
    for (let step = 0; step < 5; step++) {
      for (const params of [a, b, c, d]) setGradients(params, step);
      for (const optimizer of [together, first, second]) optimizer.step();
    }
    expect([a, b].flat().map(numbers)).toEqual([c, d].flat().map(numbers));
  });

  it('can be added later, and their rate assigned at any time', () => {
    const [a, b] = [someParameters(1, [[1]]), someParameters(2, [[1]])];
    const optimizer = new optim.SGD(a, { lr: 1 });
    optimizer.addParamGroup({ params: b, lr: 0 });
    setGradients([...a, ...b], 1);
    const before = numbers(b[0] as Tensor);
    optimizer.step();
    expect(numbers(b[0] as Tensor)).toEqual(before);
    (optimizer.paramGroups[1] as { lr: number }).lr = 2;
    optimizer.step();
    const grad = tidy(() => numbers((b[0] as Tensor).grad as Tensor));
    expectClose(b[0] as Tensor, [(before[0] as number) - 2 * (grad[0] as number)]);
  });

  it('refuse what cannot be', () => {
    const params = someParameters(1);
    const computed = (params[0] as Tensor).mul(2);
    expect(() => new optim.Adam([])).toThrow('Adam got no parameters');
    expect(() => new optim.Adam([...params, ...params])).toThrow(/shape \[3, 2\] was given twice/);
    const adam = new optim.Adam(params);
    expect(() => adam.addParamGroup({ params: [params[1] as Tensor] })).toThrow('given twice');
    expect(() => new optim.SGD([computed])).toThrow(/SGD: expected leaves, found the result of Mul/);
    const mixed = [params[0], 1] as Tensor[];
    expect(() => new optim.SGD(mixed)).toThrow(
      'SGD: expected tensors, or groups { params, … }, found tensor(',
    );
    expect(() => new optim.SGD([{ params: mixed }])).toThrow('SGD: expected tensors, found 1');
    const wrong = { learningRate: 1 } as Partial<optim.AdamOptions>;
    expect(() => new optim.Adam([{ params, ...wrong }])).toThrow(
      "Adam has no option 'learningRate'; its options are lr,",
    );
    expect(() => new optim.Adam(params, wrong)).toThrow("no option 'learningRate'");
    expect(adam.paramGroups.length).toBe(1);
  });

  it('refuse options out of range', () => {
    const params = someParameters(1);
    const adams: [Partial<optim.AdamOptions>, string][] = [
      [{ lr: -1 }, 'expected lr to be at least 0, found -1'],
      [{ lr: Number.NaN }, 'found NaN'],
      [{ betas: [0.9, 1] }, 'expected betas to be two numbers in [0, 1), found 0.9,1'],
      [{ eps: -1e-8 }, 'eps'],
      [{ weightDecay: -1 }, 'weightDecay'],
    ];
    for (const [options, message] of adams) expect(() => new optim.Adam(params, options)).toThrow(message);
    expect(() => new optim.SGD(params, { momentum: -1 })).toThrow('momentum');
    expect(() => new optim.SGD(params, { nesterov: true })).toThrow('nesterov');
    expect(() => new optim.SGD(params, { nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow(
      'nesterov',
    );
  });
});

describe('gradients', () => {
  it('are forgotten, or set to zero', () => {
    const params = someParameters(1);
    const optimizer = new optim.SGD(params, { momentum: 0.9 });
    setGradients(params, 1);
    optimizer.zeroGrad({ setToNone: false });
    for (const p of params) expect(numbers(p.grad as Tensor).every((x) => x === 0)).toBe(true);
    optimizer.zeroGrad();
    expect(params.every((p) => p.grad === null)).toBe(true);
  });

  it('that are zero still move by momentum', () => {
    const params = someParameters(1, [[2]]);
    const optimizer = new optim.SGD(params, { lr: 1, momentum: 0.5 });
    setGradients(params, 1);
    const before = numbers(params[0] as Tensor);
    const grad = tidy(() => numbers((params[0] as Tensor).grad as Tensor));
    optimizer.step();
    optimizer.zeroGrad({ setToNone: false });
    optimizer.step();
    expectClose(
      params[0] as Tensor,
      before.map((x, i) => x - 1.5 * (grad[i] as number)),
    );
  });
});

describe('memory', () => {
  it('is flat over a training loop, and the state is freed at the end', () => {
    const start = liveTensors();
    const net = smallNetwork();
    const parameters = liveTensors() - start;
    const optimizer = new optim.AdamW([{ params: net.parameters() }], { weightDecay: 0.1, amsgrad: true });
    const average = new optim.WeightAverage(net);
    const schedule = new optim.CosineLr(optimizer, { totalSteps: 20, warmUpSteps: 3 });
    const target = tensor([0, 1, 2], { dtype: 'int64' });
    const alive: number[] = [];
    for (let step = 0; step < 12; step++) {
      const loss = tidy(() => {
        optimizer.zeroGrad();
        const logits = net.forward(normal([3, 3, 8, 8], step).float());
        const loss = nn.functional.crossEntropy(logits, target);
        loss.backward();
        optim.clipGradNorm_(net.parameters(), 1);
        return loss.item();
      });
      expect(Number.isFinite(loss)).toBe(true);
      optimizer.step();
      schedule.step();
      average.update();
      alive.push(liveTensors());
    }
    expect(new Set(alive).size).toBe(1);
    optimizer.dispose();
    average.dispose();
    target.dispose();
    expect(liveTensors() - start).toBe(parameters);
    net.dispose();
    expect(liveTensors()).toBe(start);
  });

  it('is flat where the whole loop stands in one scope', () => {
    const params = someParameters(1);
    const optimizer = new optim.SGD(params, { momentum: 0.9 });
    tidy(() => steps(optimizer, params, 0, 1));
    const before = liveTensors();
    tidy(() => steps(optimizer, params, 1, 4));
    expect(liveTensors()).toBe(before);
    steps(optimizer, params, 4, 5);
  });
});
