// `mien report`: a run on one page that stands alone. Scores first, then how they came about, then what they rest on.

import { escapeHtml, htmlPage, htmlTable, paragraph } from './page.js';
import { type Run, type RunData, type RunMember, type RunPhase, readRun } from './run-files.js';
import { samplesTable } from './run-samples.js';
import {
  duration,
  expressionTable,
  runHeadline,
  type Scored,
  scoredMembers,
  scoresTable,
  unitTable,
} from './run-scores.js';
import { quantile } from './run-series.js';
import { counted, percent, type Table } from './tables.js';
import { TASK_NAMES } from './tasks.js';

const wide = (table: Table) => `<div class="wide">${htmlTable(table)}</div>`;

function scoresSection(run: Run, scored: readonly Scored[]): string[] {
  if (scored.length === 0) return [];
  const [expressions, units] = [expressionTable(run, scored), unitTable(run, scored)];
  return [
    '<h2>Scores on validation data</h2>',
    paragraph(
      'Mean: over the tasks; the best epoch of a member is the one with the highest sum. Valence and arousal: concordance correlation.',
    ),
    wide(scoresTable(scored)),
    ...(expressions === undefined ? [] : ['<h3>Expressions: F1 of each class</h3>', wide(expressions)]),
    ...(units === undefined ? [] : ['<h3>Action units: F1 of each</h3>', wide(units)]),
  ];
}

/** How long a member took, and how fast. */
function memberWords({ metrics: { steps, epochs } }: RunMember): string {
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const median = (of: (step: (typeof steps)[number]) => number) =>
    quantile(Float64Array.from(steps, of), 0.5);
  const speed = median(({ imagesPerSecond }) => imagesPerSecond);
  const waiting = median((step) => step.waiting);
  return [
    `${counted(epochs.length, 'epoch')}, ${counted(steps.length, 'step')}, ${duration(seconds)}`,
    ...(Number.isFinite(speed) ? [`${Math.round(speed).toLocaleString('en')} images/s`] : []),
    ...(Number.isFinite(waiting) ? [`${percent(waiting, 1)} of the time waiting for data`] : []),
  ].join('; ');
}

async function curves({ name: phase, members }: RunPhase): Promise<string[]> {
  // Takes a third of a second, which other reports need not wait for.
  const { lossesFigure } = await import('./run-losses-figure.js');
  const { scoresFigure } = await import('./run-scores-figure.js');
  const parts = members
    .filter(({ metrics }) => metrics.steps.length > 0)
    .map((member, i) => {
      const title = `${phase}/${member.name}`;
      const { metrics } = member;
      const figures = [
        ...(metrics.epochs.length > 0 ? [scoresFigure(metrics, title)] : []),
        lossesFigure(metrics, title),
      ];
      return `<details${i === 0 ? ' open' : ''}>
<summary>${escapeHtml(title)}: ${escapeHtml(memberWords(member))}</summary>
${figures.map((figure) => `<figure>${figure}</figure>`).join('\n')}
</details>`;
    });
  return parts.length === 0 ? [] : [`<h2>Curves: ${escapeHtml(phase)}</h2>`, ...parts];
}

async function samplesSection({ name, samples }: RunPhase): Promise<string[]> {
  if (samples.length === 0) return [];
  return [
    `<h2>Sample readings: ${escapeHtml(name)}</h2>`,
    paragraph(
      'Faces of the validation data with the probability of what was read. ✓ as labelled; ✗ not as labelled. Of action units those that are read (probability of 0.5 or more) or labelled as present.',
    ),
    await samplesTable(samples),
  ];
}

/** Label counts of a task, a column for each split. */
function labelTable(entries: RunData): Table {
  const splits = entries.map(({ split }) => split);
  const labels = [...new Set(entries.flatMap((entry) => Object.keys(entry.labels)))];
  const cells = (of: (entry: RunData[number]) => number | undefined) =>
    entries.flatMap((entry) => [of(entry), percent(of(entry) ?? 0, entry.samples)]);
  return {
    head: ['', ...splits.flatMap((split) => [split, ''])],
    rows: [
      ['samples', ...entries.flatMap(({ samples }) => [samples, ''])],
      ...labels.map((label) => [label, ...cells((entry) => entry.labels[label])]),
    ],
  };
}

function dataSection(data: RunData | undefined): string[] {
  const tasks = [...new Set(data?.map(({ task }) => task))];
  if (data === undefined || tasks.length === 0) return [];
  return [
    '<h2>Data</h2>',
    ...tasks.flatMap((task) => [
      `<h3>${TASK_NAMES[task]}</h3>`,
      wide(labelTable(data.filter((one) => one.task === task))),
    ]),
  ];
}

/** Nested settings as lines: `machine.cores` 2. */
function flattened(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattened(inner, path === '' ? key : `${path}.${key}`),
  );
}

function settingsSections({ recipe, environment }: Run): string[] {
  const rows = environment === undefined ? [] : flattened(environment);
  return [
    ...(recipe === undefined ? [] : ['<h2>Recipe</h2>', `<pre>${escapeHtml(recipe)}</pre>`]),
    ...(rows.length === 0 ? [] : ['<h2>Environment</h2>', htmlTable({ head: ['', ''], rows, texts: 2 })]),
  ];
}

/**
 * @param folder of a run, finished or not
 * @returns HTML with figures and pictures inside
 * @throws DataError when it is no run folder, or one of its files is wrong
 */
export async function runReport(folder: string): Promise<string> {
  const run = await readRun(folder);
  const scored = scoredMembers(run);
  const [figures, samples]: [string[], string[]] = [[], []];
  for (const phase of run.phases) {
    figures.push(...(await curves(phase)));
    samples.push(...(await samplesSection(phase)));
  }
  return htmlPage(`Run ${run.name}`, [
    `<h1>Run ${escapeHtml(run.name)}</h1>`,
    ...runHeadline(run, scored).map(paragraph),
    ...scoresSection(run, scored),
    ...figures,
    ...samples,
    ...dataSection(run.data),
    ...settingsSections(run),
  ]);
}
