// What the models that read say about themselves.

import * as z from 'zod';
import { TASKS } from '../../labels/index.js';
import type { ModelInfo } from '../../models/index.js';
import { escapeHtml } from '../page.js';
import { percent, score } from '../tables.js';
import { TASK_NAMES } from '../tasks.js';

export interface ReportedModel {
  name: string;
  file?: string | undefined;
  /** Of its weights. */
  hash?: string | undefined;
  info: ModelInfo;
}

/** What a training leaves in `scores`; other keys are not shown. */
const SCORES = z.object({
  mean: z.number().optional(),
  EXPR: z.object({ f1: z.number(), accuracy: z.number() }).partial().optional(),
  AU: z.object({ f1: z.number() }).partial().optional(),
  VA: z.object({ cccValence: z.number(), cccArousal: z.number() }).partial().optional(),
});

function scoreWords(scores: unknown): string {
  const known = SCORES.safeParse(scores);
  if (!known.success) return 'not known';
  const { EXPR, AU, VA } = known.data;
  const parts = [
    EXPR?.f1 === undefined ? '' : `expressions F1 ${score(EXPR.f1)}`,
    EXPR?.accuracy === undefined ? '' : `accuracy ${percent(EXPR.accuracy, 1)}`,
    AU?.f1 === undefined ? '' : `action units F1 ${score(AU.f1)}`,
    VA?.cccValence === undefined ? '' : `concordance of valence ${score(VA.cccValence)}`,
    VA?.cccArousal === undefined ? '' : `of arousal ${score(VA.cccArousal)}`,
  ].filter((part) => part !== '');
  return parts.length === 0
    ? 'not known'
    : `${parts.join(', ')}: on faces of the same data sets that it was not trained on; faces from elsewhere are read less well`;
}

function thresholdWords({ thresholds, tunedOn }: ModelInfo): string {
  if (thresholds === undefined) return '0.5 for every unit: not tuned';
  const each = Object.entries(thresholds).map(([unit, value]) => `${unit} ${value.toFixed(2)}`);
  return `${each.join(', ')}${tunedOn === undefined ? '' : ` (tuned on ${tunedOn})`}`;
}

function calibrationWords({ calibration }: ModelInfo): string {
  const tasks = [
    calibration?.EXPR === undefined ? '' : TASK_NAMES.EXPR,
    calibration?.AU === undefined ? '' : TASK_NAMES.AU,
  ].filter((one) => one !== '');
  return tasks.length === 0
    ? 'none: a probability of 0.8 need not be right in 80 of 100 cases'
    : tasks.join(', ').toLowerCase();
}

function rowsOf({ file, hash, info }: ReportedModel): [string, string][] {
  const { network, training, crop, origin, licence } = info;
  const { schema, tasks } = network;
  const trainedOn = TASKS.flatMap((task) => {
    const sets = training?.data[task];
    return sets === undefined || sets.length === 0 ? [] : [`${TASK_NAMES[task]}: ${sets.join(', ')}`];
  });
  const rows: [string, string | undefined][] = [
    ['file', file],
    ['weights', hash === undefined ? undefined : `SHA-256 ${hash}`],
    ['network', `${network.backbone}, faces of ${network.inputSize} × ${network.inputSize} pixels`],
    ['reads', tasks.map((task) => TASK_NAMES[task].toLowerCase()).join('; ')],
    ['expressions', tasks.includes('EXPR') ? schema.expressions.join(', ') : undefined],
    ['action units', tasks.includes('AU') ? schema.actionUnits.join(', ') : undefined],
    ['trained on', trainedOn.length === 0 ? 'not stated' : trainedOn.join('; ')],
    [
      'trained by',
      training === undefined
        ? undefined
        : `Mien ${training.mien}, ${training.phase} ${training.member}, epoch ${training.epoch}, seed ${training.seed}`,
    ],
    ['scores', scoreWords(training?.scores)],
    ['thresholds', tasks.includes('AU') ? thresholdWords(info) : undefined],
    ['calibrated', calibrationWords(info)],
    [
      'face crop',
      crop === undefined ? undefined : `${crop.align}, ${crop.size} pixels, margin ${crop.margin}`,
    ],
    ['origin', origin],
    ['licence', licence ?? 'not stated'],
  ];
  return rows.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as [string, string]]));
}

export function modelCards(models: readonly ReportedModel[]): string[] {
  return models.map((model) => {
    const rows = rowsOf(model).map(
      ([key, value]) => `<dt>${escapeHtml(key)}</dt><dd>${escapeHtml(value)}</dd>`,
    );
    return `<details class="card"${models.length === 1 ? ' open' : ''}><summary>${escapeHtml(model.name)}</summary>
<dl>${rows.join('\n')}</dl></details>`;
  });
}
