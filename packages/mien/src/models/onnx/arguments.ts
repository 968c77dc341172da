// The arguments of one call of an operator, looked up by name and checked.

import { type Argument, type Call, isValue, type Value, Varying } from './pair.js';
import { OnnxExportError } from './write.js';

/** The arguments of one call by the names of the schema's parameters. */
export class Arguments {
  readonly #call: Call;
  readonly #parameters: readonly string[];

  constructor(call: Call, parameters: readonly string[]) {
    const known = Object.keys(call.options).filter((name) => call.options[name] !== undefined);
    const unknown = known.find((name) => !parameters.includes(name));
    if (unknown !== undefined || call.args.length > parameters.length)
      throw new OnnxExportError(`${call.operator} has an argument ${unknown ?? 'too many'}`);
    this.#call = call;
    this.#parameters = parameters;
  }

  /** What was given; undefined where it was left out. */
  get(name: string): Argument {
    const given = this.#call.args[this.#parameters.indexOf(name)];
    return given === undefined ? this.#call.options[name] : given;
  }

  tensor(name: string): Value {
    const given = this.get(name);
    return isValue(given) ? given : this.refuse(name);
  }

  optionalTensor(name: string): Value | undefined {
    return this.get(name) == null ? undefined : this.tensor(name);
  }

  number(name: string, fallback?: number): number {
    const given = this.get(name) ?? fallback;
    return typeof given === 'number' ? given : this.refuse(name);
  }

  flag(name: string, fallback: boolean): boolean {
    const given = this.get(name) ?? fallback;
    return typeof given === 'boolean' ? given : this.refuse(name);
  }

  /** Numbers, one for each of `count` dimensions; a single number counts for all. */
  numbers(name: string, count: number, fallback?: number): number[] {
    const given = this.get(name) ?? fallback;
    const list = typeof given === 'number' ? Array.from({ length: count }, () => given) : given;
    if (Array.isArray(list) && list.every((one) => typeof one === 'number') && list.length === count)
      return list as number[];
    return this.refuse(name);
  }

  /** @throws OnnxExportError: with this argument the operator has no known counterpart */
  refuse(name: string): never {
    const given = this.get(name);
    const found = given instanceof Varying ? 'a size that varies' : isValue(given) ? 'a tensor' : given;
    throw new OnnxExportError(
      `${this.#call.operator} with ${name} ${found} has no known counterpart in ONNX`,
    );
  }
}
