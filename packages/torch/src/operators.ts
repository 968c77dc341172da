// `aten`, and the operators as methods of tensors.
import { type Operator, op } from './dispatch.js';
import type { AtenOperators } from './generated/aten.js';
import { isAvailable, native } from './native.js';
import { Tensor } from './tensor.js';

/** `_foreach_add_` -> `_foreachAdd_`; the same rule as in `native/dispatch.cc`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_([^_])/g, (_, letter: string) => letter.toUpperCase());
}

/** A function that looks its operator up when it is first called: there are thousands, and a program uses dozens. */
function lazily(name: string): Operator {
  let operator: Operator | undefined;
  return (...args) => {
    operator ??= op(name);
    return operator(...args);
  };
}

function install(): AtenOperators {
  const operators: Record<string, Operator> = {};
  const prototype = Tensor.prototype as unknown as Record<string, Operator>;
  const names = native.operatorNames();
  for (let i = 0; i < names.length; i += 2) {
    const [name, isMethod] = [names[i] as string, names[i + 1] as boolean];
    if (!name.startsWith('aten::')) continue;
    const short = camelCase(name.slice('aten::'.length));
    const operator = lazily(name);
    operators[short] = operator;
    if (!isMethod || short in prototype) continue;
    Object.defineProperty(prototype, short, {
      value(this: Tensor, ...args: unknown[]) {
        return operator(this, ...args);
      },
      writable: true,
      configurable: true,
    });
  }
  return operators as unknown as AtenOperators;
}

/**
 * Every ATen operator as a function, under its PyTorch name in camelCase: `aten.conv2d(x, weight, { stride: 2 })`.
 * Arguments go by position, or by name in one plain object at the end. Operators of other namespaces (`mkldnn::…`,
 * `quantized::…`) are reached by `op`.
 */
export const aten: AtenOperators = isAvailable() ? install() : unavailableOperators();

function unavailableOperators(): AtenOperators {
  // Any access tells what is missing; importing must not.
  return new Proxy({} as AtenOperators, { get: () => () => native.operatorNames() });
}
