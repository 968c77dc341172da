// Who scored what in a run: from its summary where a member is done, else from the best epoch that it has had so far.

import type { EpochRecord, Scores } from '../learning/logs/index.js';
import type { Run, RunPhase } from './run-files.js';
import { counted, score, type Table } from './tables.js';

/** The epoch that was kept: the last one that was better than all before it. */
export const bestEpoch = (epochs: readonly EpochRecord[]): EpochRecord | undefined =>
  epochs.findLast(({ best }) => best);

export interface Scored {
  /** Such as `cnn/teacher`. */
  name: string;
  scores: Scores;
  epoch: number | undefined;
  /** Whether the summary has it. */
  done: boolean;
}

/** Members in the order of training, an ensemble behind them; those without an epoch are left out. */
export function scoredMembers({ summary, phases }: Run): Scored[] {
  const names = [...new Set([...phases, ...(summary?.phases ?? [])].map(({ name }) => name))];
  return names.flatMap((phase) => {
    const listed = summary?.phases.find(({ name }) => name === phase)?.members ?? [];
    const trained = phases.find(({ name }) => name === phase)?.members ?? [];
    const members = [
      ...trained.map(({ name }) => name),
      ...listed.map(({ member }) => member).filter((one) => !trained.some(({ name }) => name === one)),
    ];
    return members.flatMap((member): Scored[] => {
      const name = `${phase}/${member}`;
      const entry = listed.find((one) => one.member === member);
      if (entry !== undefined)
        return [{ name, scores: entry.scores, epoch: entry.bestEpoch ?? undefined, done: true }];
      const best = bestEpoch(trained.find((one) => one.name === member)?.metrics.epochs ?? []);
      return best === undefined ? [] : [{ name, scores: best.scores, epoch: best.epoch, done: false }];
    });
  });
}

/** All members, a line each. */
export function scoresTable(scored: readonly Scored[]): Table {
  return {
    head: ['', 'epoch', 'mean', 'sum', 'expression', 'action units', 'valence', 'arousal'],
    rows: scored.map(({ name, epoch, scores: { mean, total, EXPR, AU, VA } }) => [
      name,
      epoch,
      ...[mean, total, EXPR?.score, AU?.score, VA?.cccValence, VA?.cccArousal].map(score),
    ]),
  };
}

/** A score with what it is made of. @param names of the columns behind; numbers where there are others than that many */
function partsTable(
  scored: readonly Scored[],
  partsOf: (
    scores: Scores,
  ) => { score: number; f1: number; accuracy: number; each: readonly number[] } | undefined,
  names: readonly string[],
): Table | undefined {
  const lines = scored.flatMap(({ name, scores }) => {
    const parts = partsOf(scores);
    return parts === undefined ? [] : [{ name, ...parts }];
  });
  const count = Math.max(0, ...lines.map(({ each }) => each.length));
  if (lines.length === 0) return undefined;
  const heads = names.length === count ? names : Array.from({ length: count }, (_, i) => `no. ${i + 1}`);
  return {
    head: ['', 'score', 'accuracy', 'F1', ...heads],
    rows: lines.map(({ name, score: whole, accuracy, f1, each }) => [
      name,
      ...[whole, accuracy, f1, ...heads.map((_, i) => each[i])].map(score),
    ]),
  };
}

/** Names of a task's labels: as the summary says, or else the data figures. */
function labelNames({ summary, data }: Run, task: 'EXPR' | 'AU'): readonly string[] {
  const schema = summary?.schema;
  if (schema !== undefined) return task === 'EXPR' ? schema.expressions : schema.actionUnits;
  return Object.keys(data?.find((one) => one.task === task)?.labels ?? {});
}

export const expressionTable = (run: Run, scored: readonly Scored[]): Table | undefined =>
  partsTable(scored, ({ EXPR }) => EXPR && { ...EXPR, each: EXPR.f1PerClass }, labelNames(run, 'EXPR'));

export const unitTable = (run: Run, scored: readonly Scored[]): Table | undefined =>
  partsTable(scored, ({ AU }) => AU && { ...AU, each: AU.f1PerUnit }, labelNames(run, 'AU'));

/** A duration: 42 s, 12 min, 3 h 20 min. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How far a phase is: `cnn: 3 members, 14 epochs, 33 min`. */
function phaseWords({ name, members }: RunPhase): string {
  const epochs = members.flatMap(({ metrics }) => metrics.epochs);
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return `${name}: ${counted(members.length, 'member')}, ${counted(epochs.length, 'epoch')}, ${duration(seconds)}`;
}

/** Whether every member that was begun is in the summary. */
export function isFinished({ summary, phases }: Run): boolean {
  return phases.every(({ name, members }) => {
    const listed = summary?.phases.find((one) => one.name === name)?.members.map(({ member }) => member);
    return listed !== undefined && members.every((one) => listed.includes(one.name));
  });
}

/** What the report opens with, as sentences. */
export function runHeadline(run: Run, scored: readonly Scored[]): string[] {
  const { phases } = run;
  if (phases.length === 0) return ['This run is not finished: no step has been made.'];
  const far = `${phases.map(phaseWords).join('; ')}.`;
  const best = scored.reduce<Scored | undefined>(
    (high, one) => (high === undefined || one.scores.mean > high.scores.mean ? one : high),
    undefined,
  );
  const winner = best === undefined ? [] : [`Best: ${best.name}, mean of tasks ${score(best.scores.mean)}.`];
  if (isFinished(run)) return ['This run is finished.', far, ...winner];
  const waiting = scored.some(({ done }) => !done)
    ? ' Scores are those of the best epoch so far where a member is not done.'
    : '';
  return [`This run is not finished.${waiting}`, far, ...winner];
}
