// Python's pickle is a program for a small stack machine, and pickle.load runs whatever it names. This reader
// runs the machine but can only build plain data: a name that the caller did not pass is refused, never looked up.
//
// Source of the opcodes: CPython's Lib/pickle.py and Lib/pickletools.py, protocols 0 to 5.
import { unescapeUnicode, unquote } from './pickle-cursor.js';
import { PickleMachine, type UnpickleOptions } from './pickle-machine.js';
import { OP, opName } from './pickle-opcodes.js';

/**
 * Reads one pickle (protocols 0 to 5) as plain data.
 *
 * dict → `Map`; list → array; tuple → frozen array; set → `Set`; None → `null`; int → number, or bigint beyond
 * the safe integers; str → string; bytes → `Uint8Array`; what else appears is up to `globals`. Lists and
 * dictionaries may contain themselves, and may nest deeper than a recursive function can follow.
 *
 * @param bytes holds the pickle
 * @param start where in `bytes` it begins
 * @returns the value, and where in `bytes` the pickle ends (several may follow each other)
 * @throws CheckpointError `refused` for a name that `globals` lacks, `truncated`, `corrupt`, or `limit`
 */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  options: UnpickleOptions,
): { value: unknown; end: number } {
  const machine = new PickleMachine(bytes, start, options);
  const { input, stack } = machine;
  for (;;) {
    stack.at = input.position;
    const opcode = input.uint8('the next opcode');
    if (opcode === OP.STOP) break;
    const step = STEPS[opcode];
    if (step === undefined) unknownOpcode(machine, opcode);
    step(machine);
  }
  const value = stack.pop();
  if (stack.depth > 0) machine.fail(`the pickle stops with ${stack.depth} entries left on its stack`);
  return { value, end: input.position };
}

type Step = (machine: PickleMachine) => void;

/** What each opcode does. */
const STEPS: readonly (Step | undefined)[] = table({
  [OP.PROTO]: (m) => {
    const protocol = m.input.uint8('the protocol number');
    if (protocol > 5) m.fail(`pickle protocol ${protocol}, where 0 to 5 are known`);
  },
  // Frames help readers of streams; here the bytes are at hand.
  [OP.FRAME]: (m) => m.input.uint64('a frame length'),
  [OP.MARK]: (m) => m.stack.mark(),
  [OP.POP]: (m) => m.stack.drop(),
  [OP.POP_MARK]: (m) => m.stack.popMark(),
  [OP.DUP]: (m) => m.stack.push(m.stack.top()),

  [OP.NONE]: (m) => m.stack.push(null),
  [OP.NEWTRUE]: (m) => m.stack.push(true),
  [OP.NEWFALSE]: (m) => m.stack.push(false),
  [OP.BININT]: (m) => m.stack.push(m.input.int32('an integer')),
  [OP.BININT1]: (m) => m.stack.push(m.input.uint8('an integer')),
  [OP.BININT2]: (m) => m.stack.push(m.input.uint16('an integer')),
  [OP.LONG1]: (m) => m.stack.push(m.long(m.input.uint8('an integer length'))),
  [OP.LONG4]: (m) => m.stack.push(m.long(m.input.int32('an integer length'))),
  [OP.BINFLOAT]: (m) => m.stack.push(m.input.float64('a float')),
  [OP.INT]: (m) => m.stack.push(m.textInteger()),
  [OP.LONG]: (m) => m.stack.push(m.textInteger()),
  [OP.FLOAT]: (m) => m.stack.push(m.textFloat()),

  [OP.SHORT_BINUNICODE]: (m) => m.stack.pushObject(m.utf8(m.input.uint8('a string length'))),
  [OP.BINUNICODE]: (m) => m.stack.pushObject(m.utf8(m.input.uint32('a string length'))),
  [OP.BINUNICODE8]: (m) => m.stack.pushObject(m.utf8(m.input.uint64('a string length'))),
  [OP.SHORT_BINSTRING]: (m) => m.stack.pushObject(m.text8(m.input.uint8('a string length'))),
  [OP.BINSTRING]: (m) => m.stack.pushObject(m.text8(m.input.int32('a string length'))),
  [OP.STRING]: (m) => m.stack.pushObject(unquote(m.input.line('a string')) ?? m.fail('a malformed string')),
  [OP.UNICODE]: (m) =>
    m.stack.pushObject(unescapeUnicode(m.input.line('a string')) ?? m.fail('a malformed string')),
  [OP.SHORT_BINBYTES]: (m) => m.stack.pushObject(m.bytes(m.input.uint8('a bytes length'))),
  [OP.BINBYTES]: (m) => m.stack.pushObject(m.bytes(m.input.uint32('a bytes length'))),
  [OP.BINBYTES8]: (m) => m.stack.pushObject(m.bytes(m.input.uint64('a bytes length'))),
  [OP.BYTEARRAY8]: (m) => m.stack.pushObject(m.bytes(m.input.uint64('a bytes length'))),

  [OP.EMPTY_TUPLE]: (m) => m.stack.pushObject(Object.freeze([])),
  [OP.TUPLE1]: (m) => m.stack.pushObject(Object.freeze(m.stack.popMany(1))),
  [OP.TUPLE2]: (m) => m.stack.pushObject(Object.freeze(m.stack.popMany(2))),
  [OP.TUPLE3]: (m) => m.stack.pushObject(Object.freeze(m.stack.popMany(3))),
  [OP.TUPLE]: (m) => m.stack.pushObject(Object.freeze(m.stack.popMark())),
  [OP.EMPTY_LIST]: (m) => m.stack.pushObject([]),
  [OP.LIST]: (m) => m.stack.pushObject(m.stack.popMark()),
  [OP.APPEND]: (m) => m.stack.append(m.stack.popMany(1)),
  [OP.APPENDS]: (m) => m.stack.append(m.stack.popMark()),
  [OP.EMPTY_DICT]: (m) => m.stack.pushObject(new Map()),
  [OP.DICT]: (m) => {
    const items = m.stack.popMark();
    m.stack.pushObject(new Map());
    m.stack.setItems(items);
  },
  [OP.SETITEM]: (m) => m.stack.setItems(m.stack.popMany(2)),
  [OP.SETITEMS]: (m) => m.stack.setItems(m.stack.popMark()),
  [OP.EMPTY_SET]: (m) => m.stack.pushObject(new Set()),
  [OP.ADDITEMS]: (m) => m.stack.addItems(m.stack.popMark()),
  [OP.FROZENSET]: (m) => {
    const items = m.stack.popMark();
    m.stack.pushObject(new Set());
    m.stack.addItems(items);
  },

  [OP.PUT]: (m) => m.stack.remember(m.memoKey()),
  [OP.BINPUT]: (m) => m.stack.remember(m.input.uint8('a memo key')),
  [OP.LONG_BINPUT]: (m) => m.stack.remember(m.input.uint32('a memo key')),
  [OP.MEMOIZE]: (m) => m.stack.remember(m.stack.memoSize),
  [OP.GET]: (m) => m.stack.recall(m.memoKey()),
  [OP.BINGET]: (m) => m.stack.recall(m.input.uint8('a memo key')),
  [OP.LONG_BINGET]: (m) => m.stack.recall(m.input.uint32('a memo key')),

  [OP.GLOBAL]: (m) => m.pushGlobal(m.input.line('a module name'), m.input.line('a name')),
  [OP.STACK_GLOBAL]: (m) => {
    const [module, name] = m.stack.popMany(2);
    m.pushGlobal(module, name);
  },
  [OP.REDUCE]: callTopTwo,
  [OP.NEWOBJ]: callTopTwo,
  [OP.NEWOBJ_EX]: (m) => {
    const named = m.stack.pop();
    if (!(named instanceof Map) || named.size > 0) m.fail('NEWOBJ_EX with named arguments');
    callTopTwo(m);
  },
  [OP.OBJ]: (m) => {
    const [callee, ...args] = m.stack.popMark();
    m.call(callee, Object.freeze(args));
  },
  [OP.INST]: (m) => {
    m.pushGlobal(m.input.line('a module name'), m.input.line('a name'));
    const callee = m.stack.pop();
    m.call(callee, Object.freeze(m.stack.popMark()));
  },
  [OP.BUILD]: (m) => m.build(m.stack.pop()),
  [OP.BINPERSID]: (m) => m.persistent(m.stack.pop()),
  [OP.PERSID]: (m) => m.persistent(m.input.line('a persistent id')),
});

function callTopTwo(machine: PickleMachine): void {
  const [callee, args] = machine.stack.popMany(2);
  machine.call(callee, args);
}

function table(steps: Readonly<Record<number, Step>>): (Step | undefined)[] {
  return Array.from({ length: 256 }, (_, opcode) => steps[opcode]);
}

/** Extension codes and out-of-band buffers exist, but name things outside the file. */
function unknownOpcode(machine: PickleMachine, opcode: number): never {
  const name = opName(opcode);
  if (name !== undefined) machine.stack.fail(`the pickle opcode ${name} is not supported`, 'unsupported');
  machine.fail(`0x${opcode.toString(16).padStart(2, '0')} is not a pickle opcode`);
}
