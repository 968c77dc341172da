// Non-linearities, element by element; Softmax along a dimension.
import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

export interface InPlaceOptions {
  /** Overwrite the input: saves memory where nobody else needs it. Default: false. */
  inplace?: boolean;
}

abstract class InPlaceable extends Module {
  readonly inplace: boolean;

  constructor({ inplace = false }: InPlaceOptions = {}) {
    super();
    this.inplace = inplace;
  }

  protected override describe(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}

/** max(x, 0). */
export class ReLU extends InPlaceable {
  forward(input: Tensor): Tensor {
    return this.inplace ? aten.relu_(input) : aten.relu(input);
  }
}

/** min(max(x, 0), 6). */
export class ReLU6 extends InPlaceable {
  forward(input: Tensor): Tensor {
    return this.inplace ? aten.hardtanh_(input, 0, 6) : aten.hardtanh(input, 0, 6);
  }
}

/** x·σ(x), also called swish. */
export class SiLU extends InPlaceable {
  forward(input: Tensor): Tensor {
    return this.inplace ? aten.silu_(input) : aten.silu(input);
  }
}

/** x·min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export class Hardswish extends InPlaceable {
  forward(input: Tensor): Tensor {
    return this.inplace ? aten.hardswish_(input) : aten.hardswish(input);
  }
}

/** min(max(x + 3, 0), 6) / 6. */
export class Hardsigmoid extends InPlaceable {
  forward(input: Tensor): Tensor {
    return this.inplace ? aten.hardsigmoid_(input) : aten.hardsigmoid(input);
  }
}

/** 1 / (1 + e^−x). */
export class Sigmoid extends Module {
  forward(input: Tensor): Tensor {
    return aten.sigmoid(input);
  }
}

export class Tanh extends Module {
  forward(input: Tensor): Tensor {
    return aten.tanh(input);
  }
}

/** x·Φ(x) with the normal distribution function, exact or approximated by tanh. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}) {
    super();
    this.approximate = approximate;
  }

  forward(input: Tensor): Tensor {
    return aten.gelu(input, { approximate: this.approximate });
  }

  protected override describe(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** e^x / Σ e^x along `dim`. */
export class Softmax extends Module {
  constructor(readonly dim: number) {
    super();
  }

  forward(input: Tensor): Tensor {
    return aten.softmax(input, this.dim);
  }

  protected override describe(): string {
    return `dim=${this.dim}`;
  }
}
