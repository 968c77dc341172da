// The parts of a network that belong to one task, as in the reference system: their state-dict keys are its own.

import { nn, type Tensor } from '@mien/torch';

/** What a head makes of its input. */
export interface HeadOutput {
  /** [N, n], or [B, T, n] for sequences */
  logits: Tensor;
  /** [N, hidden]: what a sequence head of the same task reads */
  feature: Tensor;
}

/** bn0 → fc_0 → ReLU → bn1 = feature → fc_1 = logits. */
export class Head extends nn.Module {
  readonly #bn0: nn.BatchNorm1d;
  readonly #dropout: nn.Dropout;
  readonly #fc0: nn.Linear;
  readonly #bn1: nn.BatchNorm1d;
  readonly #fc1: nn.Linear;

  /** @param dropout probability before each linear layer; the reference has none */
  constructor(inputs: number, hidden: number, outputs: number, dropout = 0) {
    super();
    this.#bn0 = this.registerModule('bn0', new nn.BatchNorm1d(inputs));
    this.#fc0 = this.registerModule('fc_0', new nn.Linear(inputs, hidden));
    this.#bn1 = this.registerModule('bn1', new nn.BatchNorm1d(hidden));
    this.#fc1 = this.registerModule('fc_1', new nn.Linear(hidden, outputs));
    this.#dropout = this.registerModule('dropout', new nn.Dropout(dropout));
  }

  /** @param input [N, inputs] */
  forward(input: Tensor): HeadOutput {
    const hidden = this.#fc0.forward(this.#dropout.forward(this.#bn0.forward(input))).relu_();
    const feature = this.#bn1.forward(hidden);
    return { logits: this.#fc1.forward(this.#dropout.forward(feature)), feature };
  }
}

/** A bidirectional GRU over time → ReLU → fc_1 = logits. */
export class GruHead extends nn.Module {
  readonly #gru: nn.GRU;
  readonly #dropout: nn.Dropout;
  readonly #fc1: nn.Linear;

  /** @param hidden units of each direction */
  constructor(inputs: number, hidden: number, outputs: number, dropout = 0) {
    super();
    this.#gru = this.registerModule(
      'GRU_layer',
      new nn.GRU(inputs, hidden, { bidirectional: true, batchFirst: true }),
    );
    this.#fc1 = this.registerModule('fc_1', new nn.Linear(2 * hidden, outputs));
    this.#dropout = this.registerModule('dropout', new nn.Dropout(dropout));
  }

  /** @param features [B, T, inputs] @returns [B, T, outputs] */
  forward(features: Tensor): Tensor {
    const [hidden] = this.#gru.forward(features);
    return this.#fc1.forward(this.#dropout.forward(hidden.relu()));
  }
}
