// The multitask network: one backbone, a head per task. And the same over time: per task, a GRU reads that task's features.

import { nn, type Tensor } from '@mien/torch';
import { TASKS, type Task } from '../labels/index.js';
import { GruHead, Head } from './heads.js';
import { backboneOf } from './registry.js';
import { type NetworkSpec, outputsOf } from './spec.js';

export type ByTask<T> = Partial<Record<Task, T>>;

export interface NetworkOutput {
  /** Of each task of the network: [N, n], or [B, T, n] for sequences; see `outputsOf` for n. */
  logits: ByTask<Tensor>;
  /** Of each task [N, hidden], N = B·T for sequences. */
  features: ByTask<Tensor>;
}

/** What training and inference need of both kinds of network. */
export interface Network extends nn.Module {
  readonly spec: NetworkSpec;
  /** @param images [N, 3, S, S], normalised; of sequences [B, T, 3, S, S] */
  forward(images: Tensor): NetworkOutput;
}

/** Holds the architecture under the key that the reference's checkpoints have it under. */
class BackboneHolder extends nn.Module {
  constructor(readonly model: nn.Layer) {
    super();
  }

  forward(images: Tensor): Tensor {
    return this.model.forward(images);
  }
}

/** A network for single pictures. Keys: `backbone.model.…` and `classifier.{i}.…`, i counting the network's tasks. */
export class ImageNetwork extends nn.Module implements Network {
  readonly backbone: BackboneHolder;
  readonly classifier: nn.ModuleList<Head>;
  readonly #spec: NetworkSpec;

  /** @throws RangeError for an unknown backbone, or a picture that is too small for it */
  constructor(spec: NetworkSpec) {
    super();
    const { build, features, smallestInput, name } = backboneOf(spec.backbone);
    if (spec.inputSize < smallestInput)
      throw new RangeError(`an input of ${spec.inputSize} pixels; ${name} needs at least ${smallestInput}`);
    this.#spec = spec;
    this.backbone = new BackboneHolder(build(spec.inputSize));
    this.classifier = new nn.ModuleList(
      spec.tasks.map((task) => new Head(features, spec.hidden, outputsOf(spec, task), spec.dropout)),
    );
  }

  get spec(): NetworkSpec {
    return this.#spec;
  }

  forward(images: Tensor): NetworkOutput {
    const vector = this.backbone.forward(images);
    const output: NetworkOutput = { logits: {}, features: {} };
    this.#spec.tasks.forEach((task, i) => {
      const { logits, feature } = (this.classifier.at(i) as Head).forward(vector);
      output.logits[task] = logits;
      output.features[task] = feature;
    });
    return output;
  }
}

/** A network for clips. Keys: those of the image network behind `backbone.`, and `classifier.{i}.…` of the GRU heads. */
export class SequenceNetwork extends nn.Module implements Network {
  readonly backbone: ImageNetwork;
  readonly classifier: nn.ModuleList<GruHead>;
  readonly #spec: NetworkSpec;

  /** @throws RangeError as `ImageNetwork`, or when the spec has no sequences */
  constructor(spec: NetworkSpec) {
    super();
    const { sequence, ...image } = spec;
    if (sequence === undefined) throw new RangeError('a sequence network needs a spec with "sequence"');
    this.#spec = spec;
    this.backbone = new ImageNetwork(image);
    this.classifier = new nn.ModuleList(
      spec.tasks.map(
        (task) => new GruHead(spec.hidden, sequence.hidden, outputsOf(spec, task), spec.dropout),
      ),
    );
  }

  get spec(): NetworkSpec {
    return this.#spec;
  }

  forward(images: Tensor): NetworkOutput {
    const [batch, frames] = images.shape as [number, number];
    const { features } = this.backbone.forward(images.flatten(0, 1));
    const logits: ByTask<Tensor> = {};
    this.#spec.tasks.forEach((task, i) => {
      const feature = (features[task] as Tensor).reshape([batch, frames, -1]);
      logits[task] = (this.classifier.at(i) as GruHead).forward(feature);
    });
    return { logits, features };
  }
}

/** Makes a network with fresh weights. @throws RangeError when the spec cannot be built */
export function buildNetwork(spec: NetworkSpec): ImageNetwork | SequenceNetwork {
  const inOrder = TASKS.filter((task) => spec.tasks.includes(task));
  if (inOrder.join() !== spec.tasks.join())
    throw new RangeError(
      `tasks ${spec.tasks.join(', ')}; expected some of ${TASKS.join(', ')}, in this order`,
    );
  return spec.sequence === undefined ? new ImageNetwork(spec) : new SequenceNetwork(spec);
}
