import type { CheckpointErrorCode } from './error.js';
import type { PickleCursor } from './pickle-cursor.js';
import { describe, type PickleLimits } from './pickle-types.js';

/** The stack machine's memory: stack, marks and memo, each bounded. */
export class PickleStack {
  readonly #in: PickleCursor;
  readonly limits: PickleLimits;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #values = 0;
  #objects = 0;
  /** Where the opcode being run began. */
  at = 0;

  constructor(input: PickleCursor, limits: PickleLimits) {
    this.#in = input;
    this.limits = limits;
  }

  fail(what: string, code: CheckpointErrorCode = 'corrupt'): never {
    this.#in.fail(code, what, this.at);
  }

  limit(what: string): never {
    this.fail(`the pickle was stopped: ${what}`, 'limit');
  }

  /** Entries on the stack and open marks. */
  get depth(): number {
    return this.#stack.length + this.#marks.length;
  }

  get memoSize(): number {
    return this.#memo.size;
  }

  countValues(count: number): void {
    this.#values += count;
    const { maxValues } = this.limits;
    if (this.#values > maxValues) this.limit(`it builds more than ${maxValues} values`);
  }

  countObjects(count: number): void {
    this.#objects += count;
    const { maxObjects } = this.limits;
    if (this.#objects > maxObjects) this.limit(`it makes more than ${maxObjects} objects`);
  }

  push(value: unknown): void {
    this.#stack.push(value);
    this.countValues(1);
    this.#checkDepth();
  }

  pushObject(value: unknown): void {
    this.countObjects(1);
    this.push(value);
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
    this.#checkDepth();
  }

  /** Removes what is on top: a value, or a mark with nothing above it. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  pop(): unknown {
    this.#need(1);
    return this.#stack.pop();
  }

  top(): unknown {
    this.#need(1);
    return this.#stack.at(-1);
  }

  popMany(count: number): unknown[] {
    this.#need(count);
    return this.#stack.splice(this.#stack.length - count, count);
  }

  popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) this.fail('an opcode finds no mark on the stack');
    return this.#stack.splice(mark);
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list) || Object.isFrozen(list)) {
      this.fail(`APPEND to ${describe(list)}, where a list is expected`);
    }
    for (const item of items) list.push(item);
  }

  setItems(items: readonly unknown[]): void {
    const map = this.top();
    if (!(map instanceof Map)) this.fail(`SETITEM on ${describe(map)}, where a dictionary is expected`);
    if (items.length % 2 !== 0) this.fail('SETITEMS with a key that has no value');
    for (let i = 0; i < items.length; i += 2) map.set(this.hashable(items[i]), items[i + 1]);
    this.#checkSize(map.size);
  }

  addItems(items: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) this.fail(`ADDITEMS on ${describe(set)}, where a set is expected`);
    for (const item of items) set.add(this.hashable(item));
    this.#checkSize(set.size);
  }

  hashable(key: unknown): unknown {
    const unhashable =
      key instanceof Map || key instanceof Set || (Array.isArray(key) && !Object.isFrozen(key));
    if (unhashable) this.fail(`${describe(key)} as a key, which Python forbids`);
    return key;
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
    const { maxMemo } = this.limits;
    if (this.#memo.size > maxMemo) this.limit(`its memo holds more than ${maxMemo} entries`);
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) this.fail(`memo entry ${index} is read before it is set`);
    this.push(this.#memo.get(index));
  }

  /** The entries that the innermost mark leaves in reach. */
  #need(count: number): void {
    const floor = this.#marks.at(-1) ?? 0;
    if (this.#stack.length - floor < count) this.fail('an opcode finds too few values on the stack');
  }

  #checkDepth(): void {
    const { maxStack } = this.limits;
    if (this.depth > maxStack) this.limit(`its stack holds more than ${maxStack} entries`);
  }

  /** Map and Set have an upper bound of their own, beyond which they throw. */
  #checkSize(size: number): void {
    const { maxObjects } = this.limits;
    if (size > maxObjects) this.limit(`a dictionary or set has more than ${maxObjects} entries`);
  }
}
