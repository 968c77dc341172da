// The base of all optimisers: groups of parameters, a state for each parameter, and the step over them.
import { noGrad } from '../autograd.js';
import { zeroGrads } from '../nn/index.js';
import { aten } from '../operators.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import { Batch, follow, type ParamState, placeOf } from './batch.js';
import { type OptimizerState, packState, unpackState } from './optimizer-state.js';

/** What the groups of every optimiser have. */
export interface GroupOptions {
  /** Learning rate, ≥ 0. Assignable at any time. */
  lr: number;
  /** Climb instead of descending. Default: false. */
  maximize: boolean;
}

/** Parameters that are stepped with the same options, which may be changed between steps. */
export type ParamGroup<Options extends GroupOptions> = Options & { readonly params: readonly Tensor[] };

/** Parameters with options that differ from the optimiser's. */
export type ParamGroupInput<Options extends GroupOptions> = Partial<Options> & { params: Iterable<Tensor> };

/** Parameters, or groups of them. */
export type ParamsInput<Options extends GroupOptions> = Iterable<Tensor> | Iterable<ParamGroupInput<Options>>;

/**
 * Moves parameters by their gradients. Parameters without a gradient stay, and their state with them. A step leaves
 * gradients as they are and makes nothing that has to be freed; the state is freed by `dispose()`.
 */
export abstract class Optimizer<Options extends GroupOptions = GroupOptions> implements Disposable {
  /** Options may be assigned between steps; schedules do so. */
  readonly paramGroups: ParamGroup<Options>[] = [];
  #defaults: Options;
  readonly #states = new Map<Tensor, ParamState>();

  /**
   * @throws RangeError for options out of range
   * @throws TypeError for no parameters, a parameter given twice, one that is no leaf, or an unknown option
   */
  constructor(params: ParamsInput<Options>, defaults: Options, options: Partial<Options>) {
    const { name } = this.constructor;
    this.#defaults = defaults;
    this.#refuseUnknown(options);
    this.#defaults = { ...defaults, ...options };
    const given: unknown[] = [...params];
    if (given.length === 0) throw new TypeError(`${name} got no parameters`);
    if (given.every((item) => item instanceof Tensor)) {
      this.addParamGroup({ params: given } as unknown as ParamGroupInput<Options>);
      return;
    }
    for (const group of given) {
      if (!isGroup(group))
        throw new TypeError(`${name}: expected tensors, or groups { params, … }, found ${group}`);
      this.addParamGroup(group as ParamGroupInput<Options>);
    }
  }

  /** Adds parameters; options that are left out are the optimiser's. Throws as the constructor does. */
  addParamGroup(input: ParamGroupInput<Options>): void {
    const { name } = this.constructor;
    const { params, ...options } = input;
    this.#refuseUnknown(options);
    const group = { ...this.#defaults, ...options, params: [...params] } as unknown as ParamGroup<Options>;
    this.checkOptions(group);
    const taken = new Set(this.paramGroups.flatMap((other) => other.params));
    for (const param of group.params) {
      if (!(param instanceof Tensor)) throw new TypeError(`${name}: expected tensors, found ${param}`);
      if (!param.isLeaf) throw new TypeError(`${name}: expected leaves, found the result of ${param.gradFn}`);
      if (taken.has(param))
        throw new TypeError(`${name}: a parameter of shape [${param.shape.join(', ')}] was given twice`);
      taken.add(param);
    }
    this.paramGroups.push(group);
  }

  #refuseUnknown(options: object): void {
    const unknown = Object.keys(options).filter((key) => !(key in this.#defaults));
    if (unknown.length === 0) return;
    const known = Object.keys(this.#defaults).join(', ');
    throw new TypeError(
      `${this.constructor.name} has no option '${unknown.join("', '")}'; its options are ${known}`,
    );
  }

  /** @throws RangeError for options out of range */
  protected checkOptions({ lr }: Options): void {
    this.expect(lr >= 0 && lr < Infinity, 'lr', 'at least 0', lr);
  }

  protected expect(fine: boolean, name: string, expected: string, found: unknown): void {
    if (!fine)
      throw new RangeError(`${this.constructor.name}: expected ${name} to be ${expected}, found ${found}`);
  }

  /** Forgets the gradients, or sets them to zero: then the next step still moves by momentum and weight decay. */
  zeroGrad({ setToNone = true }: { setToNone?: boolean } = {}): void {
    zeroGrads(this.#params(), setToNone);
  }

  #params(): Tensor[] {
    return this.paramGroups.flatMap((group) => group.params);
  }

  /** Moves every parameter that has a gradient. */
  step(): void {
    noGrad(() => {
      for (const group of this.paramGroups) {
        // Not one scope for all: what one batch needed in between is used again by the next.
        tidy(() => {
          for (const batch of this.#batches(group)) {
            tidy(() => {
              if (group.maximize) batch.grads = aten._foreachNeg(batch.grads);
              this.update(group, batch);
            });
          }
        });
      }
    });
  }

  /** Steps the parameters of a batch, and their state. */
  protected abstract update(group: ParamGroup<Options>, batch: Batch): void;

  /** Names of the tensors that the state of a parameter consists of under these options, beside `step`. */
  protected abstract stateNames(group: Options): string[];

  #batches(group: ParamGroup<Options>): Batch[] {
    const batches = new Map<string, Batch>();
    for (const param of group.params) {
      const { grad } = param;
      if (grad === null) continue;
      const place = placeOf(param);
      let batch = batches.get(place);
      if (batch === undefined) {
        batch = new Batch();
        batches.set(place, batch);
      }
      batch.add(param, grad, this.#stateOf(param, place));
    }
    return [...batches.values()].flatMap((batch) => batch.split());
  }

  #stateOf(param: Tensor, place: string): ParamState {
    const known = this.#states.get(param);
    if (known !== undefined) {
      if (known.place !== place) follow(param, known);
      return known;
    }
    const fresh: ParamState = { place, size: param.numel(), step: 0, tensors: new Map() };
    this.#states.set(param, fresh);
    return fresh;
  }

  /**
   * Options of the groups and the state of every parameter that was stepped. The tensors share the optimiser's memory:
   * what is to outlive the next step must be cloned.
   */
  stateDict(): OptimizerState {
    return packState(this.paramGroups, this.#states);
  }

  /**
   * Takes over options and state, copied. Nothing is changed if it fails.
   * @throws OptimizerStateError with everything that does not fit
   * @throws RangeError for options out of range
   */
  loadStateDict(state: OptimizerState): void {
    const { groups, states } = unpackState(this.constructor.name, state, this.paramGroups, {
      optionNames: Object.keys(this.#defaults),
      stateNames: (options) => this.stateNames(options as unknown as Options),
      checkOptions: (options) => this.checkOptions(options as unknown as Options),
    });
    groups.forEach((options, i) => {
      Object.assign(this.paramGroups[i] as object, options);
    });
    this.#forgetStates();
    for (const [param, loaded] of states) this.#states.set(param, loaded);
  }

  #forgetStates(): void {
    for (const { tensors } of this.#states.values()) for (const tensor of tensors.values()) tensor.dispose();
    this.#states.clear();
  }

  /** Frees the state. The parameters are not the optimiser's. */
  dispose(): void {
    this.#forgetStates();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function isGroup(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor) && 'params' in value;
}
