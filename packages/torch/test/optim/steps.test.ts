import { autocast, nn, noGrad, optim, type Tensor, tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers, smallNetwork } from '../nn/support.js';
import { adam, type Options, type ScalarStep, sgd } from './formulas.js';
import { setGradients, someParameters, steps } from './support.js';

const DEFAULTS: Options = {
  lr: 0.05,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
  momentum: 0,
  dampening: 0,
  nesterov: false,
};

const ADAM: Partial<optim.AdamOptions>[] = [
  {},
  { betas: [0.5, 0.999] },
  { betas: [0, 0.9], eps: 1e-3 },
  { weightDecay: 0.1 },
  { amsgrad: true, betas: [0.9, 0.5] },
  { maximize: true, weightDecay: 0.2, amsgrad: true, lr: 0.01 },
];

const SGD: Partial<optim.SGDOptions>[] = [
  {},
  { momentum: 0.9 },
  { momentum: 0.9, dampening: 0.3 },
  { momentum: 0.8, nesterov: true },
  { weightDecay: 0.1 },
  { momentum: 0.5, weightDecay: 0.1, nesterov: true, maximize: true },
];

type Make = (params: Tensor[]) => optim.Optimizer;

/** Each element of each parameter goes its own way by the scalar formula. */
function expectFormula(make: Make, scalar: () => ScalarStep, count = 40): void {
  const params = someParameters(1);
  const optimizer = make(params);
  const expected = params.map((p) => numbers(p).map((value) => ({ value, step: scalar() })));
  for (let step = 0; step < count; step++) {
    // Now and then a parameter takes no part: it and its state stay as they are.
    const active = params.filter((_, i) => (step + i) % 5 !== 0);
    optimizer.zeroGrad();
    setGradients(active, step);
    params.forEach((p, i) => {
      const grad = tidy(() => p.grad && numbers(p.grad));
      if (grad === null) return;
      expected[i]?.forEach((element, j) => {
        element.value = element.step(element.value, grad[j] as number);
      });
    });
    optimizer.step();
  }
  params.forEach((p, i) => {
    expectClose(p, expected[i]?.map(({ value }) => value) as number[], 1e-11);
  });
}

describe('optimisers follow their formulas', () => {
  it.each(ADAM)('Adam %o', (options) => {
    const all = { ...DEFAULTS, ...options };
    expectFormula(
      (params) => new optim.Adam(params, { lr: DEFAULTS.lr, ...options }),
      () => adam(all, false),
    );
  });

  it.each([{ weightDecay: 0 }, { weightDecay: 0.3 }, { weightDecay: 0.3, amsgrad: true, maximize: true }])(
    'AdamW %o',
    (options) => {
      expectFormula(
        (params) => new optim.AdamW(params, { lr: DEFAULTS.lr, ...options }),
        () => adam({ ...DEFAULTS, ...options }, true),
      );
    },
  );

  it.each(SGD)('SGD %o', (options) => {
    expectFormula(
      (params) => new optim.SGD(params, { lr: DEFAULTS.lr, ...options }),
      () => sgd({ ...DEFAULTS, ...options }),
    );
  });

  it('for parameters of more elements than are taken at once', () => {
    const shapes = [[600, 500], [7], [300, 900], [3]];
    const params = someParameters(1, shapes);
    const before = params.map(numbers);
    const optimizer = new optim.Adam(params, { lr: 0.1, eps: 0 });
    setGradients(params, 1);
    optimizer.step();
    // Without eps, the first step is lr in the direction of the gradient's sign.
    params.forEach((p, i) => {
      const signs = tidy(() => numbers((p.grad as Tensor).sign()));
      expectClose(
        p,
        (before[i] as number[]).map((x, j) => x - 0.1 * (signs[j] as number)),
        1e-9,
      );
    });
  });
});

describe('Adam', () => {
  it('has PyTorch’s defaults', () => {
    const [adamGroup] = new optim.Adam(someParameters(1)).paramGroups;
    const { params: _, ...options } = adamGroup as optim.ParamGroup<optim.AdamOptions>;
    expect(options).toEqual({ ...pick(DEFAULTS), lr: 1e-3 });
    expect(new optim.AdamW(someParameters(1)).paramGroups[0]?.weightDecay).toBe(0.01);
  });

  it('does not see the scale of the gradients, but for eps', () => {
    fc.assert(
      fc.property(
        fc.integer({ max: 1e6 }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (seed, scale) => {
          const [plain, scaled] = [1, scale].map((factor) => {
            const params = someParameters(seed, [[5]]);
            const optimizer = new optim.Adam(params, { eps: 0, lr: 0.1, betas: [0.8, 0.9] });
            for (let step = 0; step < 5; step++) {
              setGradients(params, step, factor);
              optimizer.step();
            }
            return params;
          }) as [Tensor[], Tensor[]];
          expectClose(plain[0] as Tensor, scaled[0] as Tensor, 1e-9);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('finds the minimum of a bowl', () => {
    const target = normal([10], 1);
    const p = new nn.Parameter(normal([10], 2));
    const optimizer = new optim.Adam([p], { lr: 0.1 });
    for (let step = 0; step < 500; step++) {
      optimizer.zeroGrad();
      tidy(() => p.sub(target).square().sum().backward());
      optimizer.step();
    }
    expectClose(p, target, 1e-3);
  });
});

function pick({ lr, betas, eps, weightDecay, amsgrad, maximize }: Options): optim.AdamOptions {
  return { lr, betas, eps, weightDecay, amsgrad, maximize };
}

describe('every optimiser', () => {
  const all: [string, Make][] = [
    ['Adam', (params) => new optim.Adam(params, { lr: 0.1, weightDecay: 0.1, amsgrad: true })],
    ['AdamW', (params) => new optim.AdamW(params, { lr: 0.1, weightDecay: 0.1 })],
    ['SGD', (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true })],
  ];

  it.each(all)('leaves gradients as they are: %s', (_, make) => {
    const params = someParameters(1);
    const optimizer = make(params);
    steps(optimizer, params, 0, 2);
    setGradients(params, 7);
    const before = params.map((p) => numbers(p.grad as Tensor));
    optimizer.step();
    expect(params.map((p) => numbers(p.grad as Tensor))).toEqual(before);
  });

  it.each(all)('does nothing without gradients, and leaves frozen parameters: %s', (_, make) => {
    const params = someParameters(1);
    const before = params.map(numbers);
    const optimizer = make(params);
    optimizer.step();
    expect(params.map(numbers)).toEqual(before);
    expect(optimizer.stateDict().state.size).toBe(0);
  });

  it.each(all)('goes the other way with maximize as with negated gradients: %s', (_, make) => {
    const [down, up] = [someParameters(1), someParameters(1)];
    const [descent, ascent] = [make(down), make(up)];
    for (const group of ascent.paramGroups) group.maximize = true;
    for (let step = 0; step < 4; step++) {
      setGradients(down, step);
      setGradients(up, step, -1);
      descent.step();
      ascent.step();
    }
    down.forEach((p, i) => {
      expectClose(p, up[i] as Tensor, 0);
    });
  });

  it.each(all)('works on several dtypes at once, and follows where a module goes: %s', (_, make) => {
    const params = someParameters(1);
    const module = new nn.Linear(3, 2);
    const optimizer = make([...params, ...module.parameters()]);
    steps(optimizer, [...params, ...module.parameters()], 0, 2);
    module.to({ dtype: 'float64' });
    expect(module.weight.dtype).toBe('float64');
    steps(optimizer, [...params, ...module.parameters()], 2, 4);
    for (const values of optimizer.stateDict().state.values()) {
      for (const value of Object.values(values)) {
        if (typeof value !== 'number') expect((value as Tensor).dtype).toBe('float64');
      }
    }
  });

  it('moves float32 weights as it would float64 ones, within their precision', () => {
    for (const [, make] of all) {
      const wide = someParameters(1);
      const short = wide.map((p) => new nn.Parameter(noGrad(() => p.float())));
      const [a, b] = [make(wide), make(short)];
      steps(a, wide, 0, 20);
      steps(b, short, 0, 20);
      wide.forEach((p, i) => {
        expectClose(short[i] as Tensor, p, 1e-4);
      });
    }
  });

  it('with bfloat16 weights stays finite', () => {
    const p = new nn.Parameter(tensor([1, 2, 3], { dtype: 'bfloat16' }));
    const optimizer = new optim.AdamW([p], { lr: 0.01 });
    steps(optimizer, [p], 0, 3);
    expect(numbers(p).every(Number.isFinite)).toBe(true);
  });
});

describe('training', () => {
  it('learns a task in bfloat16 autocast with channels last, its weights staying float32', () => {
    const net = smallNetwork(1).to({ memoryFormat: 'channels_last' });
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 });
    const input = normal([8, 3, 8, 8], 1).float().to({ memoryFormat: 'channels_last' });
    const target = tensor([0, 1, 2, 3, 0, 1, 2, 3], { dtype: 'int64' });
    const losses = Array.from({ length: 150 }, () => {
      optimizer.zeroGrad();
      const loss = tidy(() => {
        const logits = autocast(() => net.forward(input));
        const loss = nn.functional.crossEntropy(logits.float(), target);
        loss.backward();
        return loss.item();
      });
      optimizer.step();
      return loss;
    });
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
    for (const t of [...net.parameters(), ...net.buffers().slice(0, 2)]) expect(t.dtype).toBe('float32');
  });
});
