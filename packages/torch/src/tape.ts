// The memory through which arguments and results of native calls pass; its format is described in `native/tape.h`.
import { native } from './native.js';

interface TapeState {
  tape: Float64Array;
}

const INITIAL_LENGTH = 1 << 14;

let state: TapeState | undefined;

function open(): TapeState {
  if (native.state === undefined) {
    const fresh: TapeState = { tape: new Float64Array(INITIAL_LENGTH) };
    native.setTape(fresh.tape);
    native.setWarningSink((message) => process.emitWarning(message, 'TorchWarning'));
    native.state = fresh;
  }
  state = native.state as TapeState;
  return state;
}

/** The tape, at least `length` doubles long; what it held stays. */
export function tapeOf(length = 0): Float64Array {
  const { tape } = state ?? open();
  return length <= tape.length ? tape : grow(length);
}

function grow(length: number): Float64Array {
  const longer = new Float64Array(2 ** Math.ceil(Math.log2(length)));
  const { tape } = state as TapeState;
  longer.set(tape);
  (state as TapeState).tape = longer;
  native.setTape(longer);
  return longer;
}

/** Tags of the values on the tape. */
export const TAG = {
  default: 0,
  null: 1,
  bool: 2,
  number: 3,
  bigint: 4,
  tensor: 5,
  generator: 6,
  string: 7,
  list: 8,
  complex: 9,
  same: 10,
} as const;
