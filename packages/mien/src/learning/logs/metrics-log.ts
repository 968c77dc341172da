// What a member of a run logs while it trains: JSON Lines, a line for each step and each epoch. The types are the file's
// format; whoever draws or judges a run reads it through `readMetrics`.

import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { AppendedFile, DataError, parseSettings, show, systemProblem } from '../../files/index.js';

/** JSON has no such numbers, and a loss that became one of them must show in the log. */
const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'] as const;

/** A number as the log writes it: what is not finite as a word. */
const LOGGED_NUMBER = z.union([z.number(), z.enum(NOT_FINITE).transform(Number)]);

const COUNT = z.int().min(0);
const ORDINAL = z.int().min(1);

/** The losses that a step reports, in the order of a report's columns. */
export const LOSS_PARTS = ['EXPR', 'AU', 'valence', 'arousal'] as const;
export type LossPart = (typeof LOSS_PARTS)[number];

export const STEP_RECORD = z.strictObject({
  kind: z.literal('step'),
  /** Optimiser steps of this member, from 1. */
  step: ORDINAL,
  /** From 1. */
  epoch: ORDINAL,
  lr: LOGGED_NUMBER,
  loss: LOGGED_NUMBER,
  parts: z.partialRecord(z.enum(LOSS_PARTS), LOGGED_NUMBER),
  imagesPerSecond: LOGGED_NUMBER,
  /** Share of the time that was spent waiting for data, 0 … 1. */
  waiting: LOGGED_NUMBER,
  /** Before clipping. */
  gradientNorm: LOGGED_NUMBER.optional(),
});
export type StepRecord = z.output<typeof STEP_RECORD>;

/** A score; not a number where nothing was there to score, which other writers of JSON put down as null. */
const SCORE = z.union([LOGGED_NUMBER, z.null().transform(() => Number.NaN)]);

/** Of one model on validation data; what a task lacks is left out. */
export const SCORES = z.strictObject({
  /** What is maximised: EXPR score + AU score + CCC of valence + CCC of arousal, of the tasks there are. */
  total: SCORE,
  /** Mean over tasks of EXPR score, AU score, mean CCC. */
  mean: SCORE,
  EXPR: z
    .strictObject({
      score: SCORE,
      /** Macro F1. */
      f1: SCORE,
      accuracy: SCORE,
      f1PerClass: z.array(SCORE),
    })
    .optional(),
  AU: z
    .strictObject({
      score: SCORE,
      /** Mean over units. */
      f1: SCORE,
      accuracy: SCORE,
      f1PerUnit: z.array(SCORE),
    })
    .optional(),
  VA: z
    .strictObject({
      /** Mean of the two. */
      score: SCORE,
      cccValence: SCORE,
      cccArousal: SCORE,
    })
    .optional(),
  /** How many samples were scored. */
  samples: z.partialRecord(z.enum(['EXPR', 'AU', 'VA']), COUNT),
});
export type Scores = z.output<typeof SCORES>;

export const EPOCH_RECORD = z.strictObject({
  kind: z.literal('epoch'),
  /** From 1. */
  epoch: ORDINAL,
  /** The epoch's last one. */
  step: ORDINAL,
  /** Training and validation. */
  seconds: LOGGED_NUMBER,
  scores: SCORES,
  /** Whether no earlier epoch was better. */
  best: z.boolean(),
});
export type EpochRecord = z.output<typeof EPOCH_RECORD>;

const RECORDS: Readonly<Record<string, z.ZodType<StepRecord | EpochRecord>>> = {
  step: STEP_RECORD,
  epoch: EPOCH_RECORD,
};

export interface Metrics {
  steps: StepRecord[];
  epochs: EpochRecord[];
}

const LINE_END = 10;

const logged = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** Writes `metrics.jsonl`. Every record is a line that is written at once. */
export class MetricsLog {
  readonly #output: AppendedFile;

  /**
   * @param at byte length to go on from, as a checkpoint stored it; with 0 the file begins anew
   * @throws DataError when the file cannot be written, is shorter than `at`, or no line ends there
   */
  constructor(file: string, at = 0) {
    const resume = { at, isWhole: (bytes: Buffer) => bytes.at(-1) === LINE_END };
    this.#output = new AppendedFile(file, at === 0 ? undefined : resume);
  }

  /** Call `flush` before a checkpoint stores it. */
  get byteLength(): number {
    return this.#output.byteLength;
  }

  append(record: StepRecord | EpochRecord): void {
    this.#output.append(Buffer.from(`${JSON.stringify(record, logged)}\n`));
  }

  /** Waits until the disk has everything. */
  flush(): void {
    this.#output.flush();
  }

  close(): void {
    this.#output.close();
  }
}

function parseLine(file: string, row: number, line: string): StepRecord | EpochRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DataError(
      { file, row },
      { found: `${show(line)}, which is no JSON`, expected: 'a record', cause },
    );
  }
  const schema = RECORDS[(value as Partial<StepRecord> | null)?.kind ?? ''];
  if (schema !== undefined) return parseSettings(value, schema, file, () => row);
  throw new DataError(
    { file, row },
    { found: show(line), expected: 'a record of the kind "step" or "epoch"' },
  );
}

/**
 * Reads `metrics.jsonl`. A last line without its line end was cut off by a kill and is left out.
 * @throws DataError naming file and line when there is something else than records in their order
 */
export async function readMetrics(file: string): Promise<Metrics> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new DataError({ file }, { found: systemProblem(cause), expected: "a member's metrics", cause });
  }
  const lines = text.split('\n');
  lines.pop();
  const metrics: Metrics = { steps: [], epochs: [] };
  for (const [i, line] of lines.entries()) {
    const record = parseLine(file, i + 1, line);
    const after = record.kind === 'step' ? metrics.steps.at(-1)?.step : metrics.epochs.at(-1)?.epoch;
    const number = record.kind === 'step' ? record.step : record.epoch;
    if (after !== undefined && number <= after)
      throw new DataError(
        { file, row: i + 1 },
        { found: `${record.kind} ${number} after ${record.kind} ${after}`, expected: 'a later one' },
      );
    if (record.kind === 'step') metrics.steps.push(record);
    else metrics.epochs.push(record);
  }
  return metrics;
}
