// Progress of training on stderr: a row of scores for each epoch, and below it on a terminal a bar with losses and time
// left, elsewhere a line a minute.

import { type EpochRecord, LOSS_PARTS, type LossPart, type StepRecord } from '../../learning/logs/index.js';
import { clockTime, epochRow, epochTitle, type LossValues, smoothed } from './training-rows.js';

export interface MemberStart {
  phase: string;
  member: string;
  epochs: number;
  stepsPerEpoch: number;
  /** Steps of the members that come after this one, for the time that is left of the whole run. */
  stepsAfter?: number;
}

export interface TrainingProgress {
  /** A member of the run begins, or goes on after a kill. */
  start(member: MemberStart): void;
  step(record: StepRecord): void;
  epoch(record: EpochRecord): void;
  /** A line of its own. */
  message(text: string): void;
  /** Takes the bar away. Call it before printing, also when the work failed. */
  stop(): void;
}

export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const LINE_EVERY = 60;
const REDRAW_EVERY = 0.1;

/** Lines do not get longer, however wide the terminal is. */
const WIDEST = 100;

/** Columns of the bar. */
const SHORTEST_BAR = 10;
const LONGEST_BAR = 40;

/** How far a member is, and how long it takes. Times are in seconds. */
interface State {
  member: MemberStart;
  /** The last step's. */
  record?: StepRecord;
  losses?: LossValues;
  /** When the last step was reported. */
  at?: number;
  /** Seconds that a step takes, without validation. */
  perStep?: number;
  /** Seconds from an epoch's last step to its scores. */
  validation?: number;
  /** Sums over the present epoch. */
  sum: { loss: number; speed: number; steps: number };
}

/** Seconds left of the epoch and of everything; undefined before there is a pace. */
function timeLeft({
  member,
  record,
  perStep,
  validation = 0,
}: State): { epoch: number; all: number } | undefined {
  if (record === undefined || perStep === undefined) return undefined;
  const { epochs, stepsPerEpoch, stepsAfter = 0 } = member;
  const steps = Math.max(0, record.epoch * stepsPerEpoch - record.step);
  const later = Math.max(0, epochs - record.epoch);
  return {
    epoch: steps * perStep + validation,
    all: (steps + later * stepsPerEpoch + stepsAfter) * perStep + (later + 1) * validation,
  };
}

const count = (value: number) => value.toLocaleString('en');
const plural = (value: number, noun: string) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Of the epoch: `412/1,024`. */
function position({ member: { stepsPerEpoch }, record }: State): string {
  const whole = count(stepsPerEpoch);
  const step = record === undefined ? 0 : record.step - (record.epoch - 1) * stepsPerEpoch;
  return `${count(step).padStart(whole.length)}/${whole}`;
}

const epochPosition = ({ member: { epochs }, record }: State) =>
  `${String(record?.epoch ?? 1).padStart(String(epochs).length)}/${epochs}`;

const SHORT: Readonly<Record<LossPart, string>> = { EXPR: 'EXPR', AU: 'AU', valence: 'V', arousal: 'A' };

const lossWords = (losses: LossValues, names: Readonly<Record<string, string>>) =>
  LOSS_PARTS.flatMap((part) => {
    const value = losses[part];
    return value === undefined ? [] : [`${names[part]} ${value.toPrecision(3)}`];
  }).join('  ');

const speedWords = ({ record }: State) => `${count(Math.round(record?.imagesPerSecond ?? 0))} images/s`;

function timeWords(state: State): string {
  const left = timeLeft(state);
  return left === undefined ? '' : `${clockTime(left.epoch)} left, ${clockTime(left.all)} in all`;
}

/** A line for where there is no terminal. */
const minuteLine = (state: State) =>
  `${epochPosition(state)}  ${position(state)}  ${lossWords(state.losses ?? {}, SHORT)}  ${speedWords(state)}  ${timeWords(state)}`.trimEnd();

/** Two lines for a terminal: how far it is; how it goes. */
function bar(state: State, width: number): string[] {
  const { member, record, losses } = state;
  const left = `${member.phase}/${member.member}  epoch ${epochPosition(state)}  `;
  const right = `  ${position(state)}  ${timeWords(state)}`.trimEnd();
  const room = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, width - left.length - right.length));
  const done = record === undefined ? 0 : record.step / member.stepsPerEpoch - (record.epoch - 1);
  const filled = Math.round(room * Math.max(0, Math.min(1, done)));
  const names = { EXPR: 'EXPR', AU: 'AU', valence: 'valence', arousal: 'arousal' };
  const words =
    losses === undefined
      ? '  waiting for the first step'
      : `  loss ${(losses.loss ?? Number.NaN).toFixed(3)}:  ${lossWords(losses, names)}   ${speedWords(state)}`;
  return [`${left}${'█'.repeat(filled)}${'░'.repeat(room - filled)}${right}`, words].map((line) =>
    line.slice(0, width),
  );
}

/** A stream on which lines scroll; on a terminal what is `pinned` stays below them. */
function screen(stream: ProgressStream) {
  let pinned: readonly string[] = [];
  const erase = () => {
    if (pinned.length > 0) stream.write(`\r\x1b[K${'\x1b[1A\x1b[K'.repeat(pinned.length - 1)}`);
  };
  const draw = () => {
    if (pinned.length > 0) stream.write(pinned.join('\n'));
  };
  return {
    width: Math.min(WIDEST, (stream.columns ?? WIDEST) - 1),
    print(line: string) {
      erase();
      stream.write(`${line}\n`);
      draw();
    },
    pin(lines: readonly string[]) {
      erase();
      pinned = lines;
      draw();
    },
  };
}

/** @param options.clock seconds from any moment on */
export function showTrainingProgress({
  stream = process.stderr as ProgressStream,
  clock = () => performance.now() / 1000,
} = {}): TrainingProgress {
  const view = screen(stream);
  const terminal = stream.isTTY === true;
  let state: State | undefined;
  let shown = clock();
  let titled = false;

  function show(now: number): void {
    if (state === undefined || now - shown < (terminal ? REDRAW_EVERY : LINE_EVERY)) return;
    shown = now;
    if (terminal) view.pin(bar(state, view.width));
    else view.print(minuteLine(state));
  }

  return {
    start(member) {
      state = { member, sum: { loss: 0, speed: 0, steps: 0 } };
      titled = false;
      const { phase, epochs, stepsPerEpoch } = member;
      view.print(`${phase}/${member.member}: ${plural(epochs, 'epoch')} of ${plural(stepsPerEpoch, 'step')}`);
      shown = clock();
      if (terminal) view.pin(bar(state, view.width));
    },
    step(record) {
      if (state === undefined) return;
      const now = clock();
      const before = state.record;
      if (before !== undefined && state.at !== undefined && before.epoch === record.epoch) {
        const pace = (now - state.at) / Math.max(1, record.step - before.step);
        state.perStep = smoothed(state.perStep, pace);
      }
      const { sum } = state;
      sum.loss += record.loss;
      sum.speed += record.imagesPerSecond;
      sum.steps++;
      const values: LossValues = { loss: record.loss, ...record.parts };
      for (const part of ['loss', ...LOSS_PARTS] as const)
        if (values[part] !== undefined) values[part] = smoothed(state.losses?.[part], values[part]);
      Object.assign(state, { record, losses: values, at: now });
      show(now);
    },
    epoch(record) {
      if (state === undefined) return;
      const now = clock();
      const { member, sum, at } = state;
      if (at !== undefined) state.validation = now - at;
      if (!titled) view.print(epochTitle(record));
      titled = true;
      view.print(
        epochRow(record, {
          epochs: member.epochs,
          loss: sum.loss / sum.steps,
          imagesPerSecond: sum.speed / sum.steps,
        }),
      );
      state.sum = { loss: 0, speed: 0, steps: 0 };
    },
    message: (text) => view.print(text),
    stop() {
      view.pin([]);
      state = undefined;
    },
  };
}
