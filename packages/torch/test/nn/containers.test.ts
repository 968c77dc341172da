import { keep, liveTensors, nn, noGrad, ones, openScope, type Tensor, tidy } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers, smallNetwork } from './support.js';

/** Applies a function; remembers how many tensors were alive when it was called. */
class Step extends nn.Module {
  alive = 0;
  readonly #body: (x: Tensor) => Tensor;
  constructor(body: (x: Tensor) => Tensor) {
    super();
    this.#body = body;
  }
  override forward(input: Tensor): Tensor {
    this.alive = liveTensors();
    return this.#body(input);
  }
}

describe('Sequential', () => {
  it('is its layers one after the other', () => {
    const net = smallNetwork(1, 'float64').eval();
    const x = normal([2, 3, 8, 8], 1);
    let expected = x;
    for (const layer of net) expected = layer.forward(expected);
    expectClose(net.forward(x), expected, 0);
    expect(net.length).toBe(6);
    expect(net.at(-1)).toBeInstanceOf(nn.Linear);
  });

  it('has keys of its own where names are given', () => {
    const layers = {
      first: new nn.Linear(1, 1, { bias: false }),
      '2nd': new nn.Linear(1, 1, { bias: false }),
    };
    expect([...new nn.Sequential(layers).stateDict().keys()]).toEqual(['first.weight', '2nd.weight']);
    expect([...new nn.Sequential(new Map(Object.entries(layers))).stateDict().keys()]).toEqual([
      'first.weight',
      '2nd.weight',
    ]);
  });

  it('hands its input on where it is empty', () => {
    const x = ones([1]);
    expect(new nn.Sequential().forward(x)).toBe(x);
    expect(x.isDisposed).toBe(false);
  });

  it('frees each intermediate result as soon as the next is there', () => {
    const steps = Array.from({ length: 6 }, () => new Step((x) => x.add(1)));
    const before = liveTensors();
    const x = ones([2]);
    const y = new nn.Sequential(...steps).forward(x);
    expect(steps.map(({ alive }) => alive - before)).toEqual([1, 2, 2, 2, 2, 2]);
    expect(liveTensors() - before).toBe(2);
    expect([numbers(x), numbers(y)]).toEqual([
      [1, 1],
      [7, 7],
    ]);
    x.dispose();
    y.dispose();
  });

  it('leaves alone what is not its own: the input, what is handed on, and what was kept', () => {
    const constant = ones([2]);
    let kept: Tensor | undefined;
    const net = new nn.Sequential(
      new nn.Identity(),
      new Step((x) => x.add_(1)),
      new Step((x) => (kept = keep(x.mul(2)))),
      new nn.Identity(),
      new Step(() => constant),
      new Step((x) => x),
    );
    const x = ones([2]);
    tidy(() => {
      expect(net.forward(x)).toBe(constant);
      expect(numbers(kept as Tensor)).toEqual([4, 4]);
    });
    expect([x, constant, kept].map((t) => t?.isDisposed)).toEqual([false, false, false]);
  });

  it('gives its result to the scope around it', () => {
    const net = new nn.Sequential(new Step((x) => x.add(1)), new nn.Sequential(new Step((x) => x.add(1))));
    const before = liveTensors();
    const scope = openScope();
    const y = net.forward(ones([1]));
    expect(numbers(y)).toEqual([3]);
    scope.dispose();
    expect(y.isDisposed).toBe(true);
    expect(liveTensors()).toBe(before);
  });

  it('leaves nothing behind when a layer throws', () => {
    const net = new nn.Sequential(
      new Step((x) => x.add(1)),
      new Step(() => {
        throw new Error('no');
      }),
    );
    const x = ones([1]);
    const before = liveTensors();
    expect(() => net.forward(x)).toThrow('no');
    expect(liveTensors()).toBe(before);
  });

  it('keeps what the backward pass needs', () => {
    const net = smallNetwork(1, 'float64');
    const x = normal([2, 3, 8, 8], 1);
    tidy(() => net.forward(x).sum().backward());
    const freed = net.parameters().map((p) => numbers(p.grad as Tensor));
    net.zeroGrad();
    tidy(() => {
      let y = x;
      for (const layer of net) y = layer.forward(y);
      y.sum().backward();
    });
    expect(net.parameters().map((p) => numbers(p.grad as Tensor))).toEqual(freed);
  });
});

describe('pipe', () => {
  it('composes layers without holding them', () => {
    const layers = [new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1)];
    const x = normal([4, 2], 1).float();
    expectClose(nn.pipe(x, layers), new nn.Sequential(...layers).forward(x), 0);
  });
});

describe('ModuleList', () => {
  it('holds modules by position', () => {
    const list = new nn.ModuleList([new nn.Linear(1, 2)]);
    expect(list.push(new nn.Linear(2, 3))).toBe(2);
    expect([...list].map((l) => l.outFeatures)).toEqual([2, 3]);
    expect([list.length, list.at(-1)?.outFeatures, list.at(5)]).toEqual([2, 3, undefined]);
    expect(list.namedChildren().map(([key]) => key)).toEqual(['0', '1']);
    expect(() => list.forward()).toThrow(/computes nothing/);
  });
});

describe('ModuleDict', () => {
  it('holds modules by name, and exchanges them', () => {
    const dict = new nn.ModuleDict({ a: new nn.Linear(1, 1), b: new nn.Linear(1, 2) });
    expect(dict.get('b').outFeatures).toBe(2);
    dict.set('b', new nn.Linear(1, 5));
    expect([...dict.keys()]).toEqual(['a', 'b']);
    expect(dict.get('b').outFeatures).toBe(5);
    expect(dict.namedParameters().map(([key, p]) => [key, p.shape[0]])).toEqual([
      ['a.weight', 1],
      ['a.bias', 1],
      ['b.weight', 5],
      ['b.bias', 5],
    ]);
    expect([dict.size, dict.has('a'), dict.has('z')]).toEqual([2, true, false]);
    expect(() => dict.get('z')).toThrow("no module 'z' among a, b");
    expect(() => dict.forward()).toThrow(/computes nothing/);
  });

  it('has no trouble with names that are methods', () => {
    const dict = new nn.ModuleDict({
      forward: new nn.Linear(1, 1, { bias: false }),
      eval: new nn.Identity(),
    });
    expect([...dict.stateDict().keys()]).toEqual(['forward.weight']);
    expect(noGrad(() => dict.eval().training)).toBe(false);
  });
});
