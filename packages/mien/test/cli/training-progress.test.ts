import type { Metrics } from 'mien/learning/logs';
import { describe, expect, it } from 'vitest';
import { type MemberStart, showTrainingProgress } from '../../dist/cli/lib/training-progress.js';
import { metricsOf } from '../support/runs.js';

/** What stands on a terminal after all that was written: new lines, returns, "erase to the end" and "up" are obeyed. */
function onScreen(written: string): string[] {
  const lines = [''];
  let [row, column] = [0, 0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told what to do by them
  for (const [sign] of written.matchAll(/\x1b\[1A|\x1b\[K|./gsu)) {
    const line = lines[row] as string;
    if (sign === '\x1b[1A') row--;
    else if (sign === '\x1b[K') lines[row] = line.slice(0, column);
    else if (sign === '\r') column = 0;
    else if (sign === '\n') {
      [row, column] = [row + 1, 0];
      lines[row] ??= '';
    } else {
      lines[row] = line.padEnd(column).slice(0, column) + sign + line.slice(column + 1);
      column++;
    }
  }
  return lines;
}

const MEMBER: MemberStart = { phase: 'cnn', member: 'teacher', epochs: 2, stepsPerEpoch: 100 };

interface Show {
  terminal?: boolean;
  columns?: number;
  member?: MemberStart;
  metrics?: Metrics;
  /** Steps are shown up to this one. */
  until?: number;
  message?: { after: number; text: string };
  stop?: boolean;
}

/** Trains for show: a step takes a second, validation 20. */
function show({ terminal = false, columns = 100, member = MEMBER, until = 200, ...rest }: Show) {
  const metrics = rest.metrics ?? metricsOf(member);
  let [now, written] = [1000, ''];
  const stream = { isTTY: terminal, columns, write: (text: string) => (written += text) };
  const progress = showTrainingProgress({ stream, clock: () => now });
  progress.start(member);
  for (const record of metrics.steps.slice(0, until)) {
    now++;
    progress.step(record);
    if (record.step === rest.message?.after) progress.message(rest.message.text);
    const epoch = metrics.epochs.find(({ step }) => step === record.step);
    if (epoch === undefined) continue;
    now += 20;
    progress.epoch(epoch);
  }
  if (rest.stop) progress.stop();
  return { written, lines: onScreen(written), metrics };
}

describe('progress of training where there is no terminal', () => {
  it('has a line a minute and a row of scores an epoch, below one title', () => {
    const { lines, metrics } = show({});
    expect(lines).toEqual([
      'cnn/teacher: 2 epochs of 100 steps',
      expect.stringMatching(
        /^1\/2 {3}60\/100 {2}EXPR \d\.\d\d {2}AU 0\.\d{3} {2}V \d\.\d\d {2}A \d\.\d\d {2}3\d\d images\/s {2}0:40 left, 2:20 in all$/,
      ),
      '  epoch    loss    EXPR      AU  valence  arousal    mean  images/s      time',
      expect.stringMatching(/^ {4}1\/2 .* {2}best$/),
      expect.stringMatching(/^2\/2 {4}1\/100 .* 1:59 left, 1:59 in all$/),
      expect.stringMatching(/^2\/2 {3}61\/100 .* 0:59 left, 0:59 in all$/),
      expect.stringMatching(/^ {4}2\/2 .*best$/),
      '',
    ]);
    const [first] = metrics.epochs;
    const losses = metrics.steps.slice(0, 100).map(({ loss }) => loss);
    const row = (lines[3] ?? '').trim().split(/ +/);
    expect(row.slice(1, 7)).toEqual(
      [
        losses.reduce((sum, loss) => sum + loss, 0) / 100,
        first?.scores.EXPR?.score,
        first?.scores.AU?.score,
        first?.scores.VA?.cccValence,
        first?.scores.VA?.cccArousal,
        first?.scores.mean,
      ].map((value) => value?.toFixed(3)),
    );
  });

  it('writes no control characters', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect(show({ message: { after: 5, text: 'a word' } }).written).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  it('counts the members that come after this one into the time that is left', () => {
    const { lines } = show({ member: { ...MEMBER, stepsAfter: 3600 }, until: 60 });
    expect(lines[1]).toMatch(/0:40 left, 1:02 h in all$/);
  });

  it('stays within 100 columns in a long run', () => {
    const member = { ...MEMBER, phase: 'cnn-rnn', epochs: 80, stepsPerEpoch: 5450, stepsAfter: 81_750 };
    const metrics = metricsOf({ epochs: 1, stepsPerEpoch: 5450 });
    const { lines } = show({ member, metrics, until: 300 });
    expect(lines[1]).toMatch(/^ 1\/80 {5}60\/5,450 .* images\/s {2}1:30 h left, 5 d 23 h in all$/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('progress of training on a terminal', () => {
  it('is a bar for the present epoch and a line of losses, below all rows', () => {
    const { lines } = show({ terminal: true, until: 150 });
    expect(lines).toHaveLength(5);
    expect(lines.slice(1, 3)).toEqual([
      expect.stringMatching(/^ {2}epoch .*time$/),
      expect.stringMatching(/^ {4}1\/2 .*best$/),
    ]);
    const [, bar = '', words] = lines[3]?.match(/^cnn\/teacher {2}epoch 2\/2 {2}([█░]+) {2}(.*)$/) ?? [];
    expect(words).toBe(' 50/100  1:10 left, 1:10 in all');
    expect(bar.replaceAll('░', '')).toHaveLength(bar.length / 2);
    expect(lines[4]).toMatch(
      /^ {2}loss \d\.\d{3}: {2}EXPR 0\.\d{3} {2}AU 0\.\d{3} {2}valence \d\.\d\d {2}arousal \d\.\d\d {3}3\d\d images\/s$/,
    );
  });

  it('lets messages scroll above the bar', () => {
    const { lines } = show({ terminal: true, until: 7, message: { after: 5, text: 'left out a.jpg' } });
    expect(lines.map((line) => line.slice(0, 14).trim())).toEqual([
      'cnn/teacher: 2',
      'left out a.jpg',
      'cnn/teacher  e',
      expect.stringMatching(/^loss/),
    ]);
  });

  it('leaves only the rows when it stops', () => {
    const { lines } = show({ terminal: true, stop: true });
    expect(lines.filter((line) => line !== '')).toEqual([
      'cnn/teacher: 2 epochs of 100 steps',
      expect.stringMatching(/^ {2}epoch/),
      expect.stringMatching(/^ {4}1\/2/),
      expect.stringMatching(/^ {4}2\/2/),
    ]);
  });

  it('never wraps a line, which could not be erased', () => {
    for (const columns of [40, 60, 80, 100, 300]) {
      const { lines } = show({ terminal: true, columns, until: 42 });
      for (const line of lines.slice(1)) expect(line.length).toBeLessThan(Math.min(columns, 101));
    }
  });

  it('shows what there is of a run that goes on after a kill, and of one task', () => {
    const metrics = metricsOf({ epochs: 2, stepsPerEpoch: 100 });
    const steps = metrics.steps.slice(149).map((record) => ({ ...record, parts: { AU: Number.NaN } }));
    const { lines } = show({ terminal: true, metrics: { steps, epochs: [] }, until: 2 });
    expect(lines[1]).toMatch(/epoch 2\/2 {2}█+░+ {3}51\/100 {2}0:49 left, 0:49 in all$/);
    expect(lines[2]).toMatch(/^ {2}loss \d\.\d{3}: {2}AU NaN {3}3\d\d images\/s$/);
  });
});
