import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { liveTensors, nn, noGrad, ones, type Tensor, tensor, tidy, zeros } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { compositeNetwork, expectSame, normal, numbers, smallNetwork } from './support.js';

const golden = JSON.parse(readFileSync(new URL('fixtures/golden.json', import.meta.url), 'utf8'));

/** Takes parameters and modules under whatever names a test wants. */
class Bag extends nn.Module {
  constructor(things: Record<string, unknown> = {}) {
    super();
    Object.assign(this, things);
  }
  override forward(input: Tensor): Tensor {
    return input;
  }
}

const parameter = (n = 1) => new nn.Parameter(ones([n]));

describe('what a module holds', () => {
  it('has the same names in the same order as in PyTorch', () => {
    const net = compositeNetwork();
    expect(net.namedParameters().map(([key]) => key)).toEqual(golden.parameters);
    expect(net.namedBuffers().map(([key]) => key)).toEqual(golden.buffers);
    expect(net.namedModules().map(([key]) => key)).toEqual(golden.modules);
    const entries = Array.from(net.stateDict(), ([key, value]) => [key, value.shape, value.dtype]);
    expect(entries).toEqual(golden.stateDict);
  });

  it('is printed as in PyTorch', () => {
    expect(compositeNetwork().toString()).toBe(golden.printed);
    expect(inspect(new nn.Linear(2, 3))).toBe('Linear(in_features=2, out_features=3, bias=True)');
  });

  it('puts a prefix before every name', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1));
    expect(net.namedParameters('a').map(([key]) => key)).toEqual(['a.0.weight', 'a.0.bias']);
    expect([...net.stateDict('a.').keys()]).toEqual(['a.0.weight', 'a.0.bias']);
  });

  it('finds properties in the order of their declaration, between what is registered', () => {
    class Mixed extends Bag {
      first = parameter();
      readonly alias = this.registerParameter('second_key', parameter());
      third: nn.Parameter | null = null;
      fourth = parameter();
    }
    const mixed = new Mixed();
    expect(mixed.namedParameters().map(([key]) => key)).toEqual(['first', 'second_key', 'fourth']);
    mixed.third = parameter();
    mixed.first = parameter(2);
    expect(mixed.namedParameters().map(([key, p]) => [key, ...p.shape])).toEqual([
      ['first', 2],
      ['second_key', 1],
      ['fourth', 1],
      ['third', 1],
    ]);
  });

  it('names a module by its key alone where a property holds what was registered', () => {
    class Net extends Bag {
      readonly stem = this.registerModule('conv1_7x7_s2', new nn.Linear(1, 1, { bias: false }));
      readonly blocks = ['a', 'b'].map((key) =>
        this.registerModule(key, new nn.Linear(1, 1, { bias: false })),
      );
    }
    expect([...new Net().stateDict().keys()]).toEqual(['conv1_7x7_s2.weight', 'a.weight', 'b.weight']);
  });

  it('leaves out places that hold nothing, and fills them later', () => {
    const bag = new Bag();
    bag.registerParameter('later', null);
    bag.registerBuffer('never', null);
    expect(bag.stateDict().size).toBe(0);
    bag.registerParameter('later', parameter());
    expect([...bag.stateDict().keys()]).toEqual(['later']);
  });

  it('leaves out private fields', () => {
    class Hidden extends Bag {
      readonly #teacher = new nn.Linear(1, 1);
      get teacher(): nn.Module {
        return this.#teacher;
      }
    }
    expect(new Hidden().parameters()).toEqual([]);
  });

  it('refuses keys that are taken or cannot be keys', () => {
    const bag = new Bag({ taken: parameter() });
    expect(() => bag.registerParameter('taken', parameter())).toThrow("Bag has 'taken' already");
    bag.registerModule('child', new Bag());
    expect(() => bag.registerBuffer('child', zeros([1]))).toThrow("Bag has 'child' already");
    expect(() => bag.registerModule('a.b', new Bag())).toThrow('must not be empty or hold a dot');
    expect(() => bag.registerModule('', new Bag())).toThrow('must not be empty or hold a dot');
  });

  it('refuses arrays and maps of modules, which would not be trained', () => {
    expect(() => new Bag({ layers: [new nn.Linear(1, 1)] }).parameters()).toThrow(
      /Bag\.layers .* use ModuleList/,
    );
    expect(() => new Bag({ layers: new Map([['a', parameter()]]) }).stateDict()).toThrow(
      /ModuleList or ModuleDict/,
    );
  });

  it('lists a parameter once that two modules share, and saves it for both', () => {
    const [one, two] = [new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 2, { bias: false })];
    two.weight = one.weight;
    const net = new nn.Sequential(one, two, one);
    expect(net.parameters()).toEqual([one.weight]);
    expect(net.modules()).toEqual([net, one, two]);
    expect([...net.stateDict().keys()]).toEqual(['0.weight', '1.weight', '2.weight']);
  });
});

describe('parameters', () => {
  it('outlive the scope that their module was made in', () => {
    const before = liveTensors();
    const net = tidy(() => smallNetwork());
    expect(net.parameters().every((p) => !p.isDisposed && p.isLeaf && p.requiresGrad)).toBe(true);
    expect(net.buffers().every((b) => !b.isDisposed && !b.requiresGrad)).toBe(true);
    expect(liveTensors() - before).toBe(net.parameters().length + net.buffers().length);
    net.dispose();
    expect(liveTensors()).toBe(before);
  });

  it('are leaves even of computed values, and share their memory', () => {
    const source = ones([2]).requiresGrad_();
    const made = new nn.Parameter(source.mul(2));
    expect(made.isLeaf && made.requiresGrad).toBe(true);
    const still = new nn.Parameter(source, { requiresGrad: false });
    noGrad(() => still.fill_(5));
    expect(numbers(source)).toEqual([5, 5]);
    expect(still.requiresGrad).toBe(false);
  });

  it('of integers have no gradients', () => {
    const before = liveTensors();
    tidy(() =>
      expect(() => new nn.Parameter(tensor([1], { dtype: 'int64' }))).toThrow(/floating point|gradients/),
    );
    expect(liveTensors()).toBe(before);
  });
});

describe('modes', () => {
  it('reach every module below', () => {
    const net = compositeNetwork();
    expect(
      net
        .eval()
        .modules()
        .some((module) => module.training),
    ).toBe(false);
    expect(
      net
        .train()
        .modules()
        .every((module) => module.training),
    ).toBe(true);
  });

  it('leave a frozen part in evaluation mode, without gradients, its statistics at rest', () => {
    const net = smallNetwork();
    const body = new nn.Sequential(...[...net].slice(0, 3));
    const model = new nn.Sequential(body.freeze(), ...[...net].slice(3)).train();
    expect(body.modules().some((module) => module.training)).toBe(false);
    expect(model.training).toBe(true);
    const before = numbers(net.stateDict().get('1.running_mean') as Tensor);
    tidy(() =>
      model
        .forward(normal([2, 3, 8, 8], 1).float())
        .sum()
        .backward(),
    );
    expect(body.parameters().every((p) => p.grad === null)).toBe(true);
    expect((net.at(-1) as nn.Linear).weight.grad).not.toBeNull();
    expect(numbers(net.stateDict().get('1.running_mean') as Tensor)).toEqual(before);
    expect(numbers(net.stateDict().get('1.num_batches_tracked') as Tensor)).toEqual([0]);
    model.requiresGrad_(true);
    expect(body.parameters().some((p) => p.requiresGrad)).toBe(false);
  });

  it('let a part of what is frozen thaw', () => {
    const net = smallNetwork().freeze();
    const last = net.at(-1) as nn.Linear;
    last.unfreeze();
    net.train();
    expect(net.parameters().filter((p) => p.requiresGrad)).toEqual([last.weight, last.bias]);
    expect(net.modules().filter((module) => module.training)).toEqual([last]);
  });

  it('are as before when all is unfrozen, parameters that had no gradients included', () => {
    const net = smallNetwork();
    const [first] = net.parameters() as [nn.Parameter];
    first.requiresGrad = false;
    net.freeze().freeze().unfreeze().train();
    expect(net.parameters().filter((p) => !p.requiresGrad)).toEqual([first]);
    expect(net.modules().every((module) => module.training)).toBe(true);
    expect(net.frozen).toBe(false);
  });
});

describe('gradients', () => {
  it('are forgotten or set to zero', () => {
    const net = smallNetwork();
    const backward = () =>
      tidy(() =>
        net
          .forward(normal([2, 3, 8, 8], 1).float())
          .sum()
          .backward(),
      );
    backward();
    net.zeroGrad({ setToNone: false });
    for (const p of net.parameters()) expect(numbers(p.grad as Tensor).every((x) => x === 0)).toBe(true);
    backward();
    net.zeroGrad();
    expect(net.parameters().every((p) => p.grad === null)).toBe(true);
  });
});

describe('to', () => {
  it('changes floating-point tensors within the same objects, gradients too', () => {
    const net = smallNetwork();
    tidy(() =>
      net
        .forward(normal([2, 3, 8, 8], 1).float())
        .sum()
        .backward(),
    );
    const parameters = net.parameters();
    const weights = parameters.map(numbers);
    const live = liveTensors();
    expect(net.to({ dtype: 'float64' })).toBe(net);
    expect(liveTensors()).toBe(live);
    expect(net.parameters()).toEqual(parameters);
    for (const p of parameters)
      expect([p.dtype, p.grad?.dtype, p.requiresGrad]).toEqual(['float64', 'float64', true]);
    expect(parameters.map(numbers)).toEqual(weights);
    expect(net.buffers().map((b) => b.dtype)).toEqual(['float64', 'float64', 'int64']);
    tidy(() =>
      net
        .forward(normal([2, 3, 8, 8], 1))
        .sum()
        .backward(),
    );
  });

  it('lays out what has four dimensions as asked, and computes the same', () => {
    const net = smallNetwork(0, 'float64').eval();
    const input = normal([2, 3, 8, 8], 2);
    const before = numbers(net.forward(input));
    net.to({ memoryFormat: 'channels_last' });
    expect((net.at(0) as nn.Conv2d).weight.isContiguous('channels_last')).toBe(true);
    expect((net.at(-1) as nn.Linear).weight.isContiguous()).toBe(true);
    const after = numbers(net.forward(input));
    after.forEach((x, i) => {
      expect(x).toBeCloseTo(before[i] as number, 12);
    });
  });

  it('changes nothing where nothing is to change, and refuses integers', () => {
    const net = smallNetwork();
    const versions = net.stateDict();
    net.to({}).to({ dtype: 'float32', device: 'cpu' });
    expectSame(net.stateDict().values(), versions.values());
    expect(() => net.to({ dtype: 'int64' })).toThrow(/floating-point/);
  });
});
