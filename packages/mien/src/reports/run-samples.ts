// Some faces with what a run's model reads off them, beside what they are labelled with.

import { escapeHtml } from './page.js';
import type { RunSample } from './run-files.js';
import { thumbnail } from './thumbnail.js';

/** More faces than these make a page of megabytes. */
const MOST = 60;

/** From this probability on a unit counts as present, as while training. */
const PRESENT = 0.5;

const wrong = (words: string) => `<span class="wrong">${escapeHtml(words)}</span>`;

function expression({ truth, prediction }: RunSample): string {
  const { expression: read, expressionProbabilities } = prediction;
  if (read === null || read === undefined) return '-';
  const probability = expressionProbabilities?.[read];
  const words = `${read}${probability === undefined ? '' : ` ${probability.toFixed(2)}`}`;
  if (truth.expression === null || truth.expression === undefined) return escapeHtml(words);
  return truth.expression === read
    ? `${escapeHtml(words)} ✓`
    : `${escapeHtml(words)}<br>${wrong(`✗ labelled ${truth.expression}`)}`;
}

/** Units that are read or labelled as present; those that are neither are no news. */
function units({ truth, prediction }: RunSample): string {
  const lines = Object.entries(prediction.actionUnits ?? {}).flatMap(([unit, probability]) => {
    if (probability === null || probability === undefined) return [];
    const label = truth.actionUnits?.[unit] ?? undefined;
    const words = `${unit} ${probability.toFixed(2)}`;
    if (probability >= PRESENT)
      return label === undefined
        ? escapeHtml(words)
        : label > 0
          ? `${escapeHtml(words)} ✓`
          : wrong(`${words} ✗ not there`);
    return label !== undefined && label > 0 ? wrong(`${words} ✗ missed`) : [];
  });
  return lines.length === 0
    ? '-'
    : lines.map((line) => `<span style="white-space:nowrap">${line}</span>`).join(', ');
}

const signed = (value: number | null | undefined) =>
  value === null || value === undefined ? '-' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;

function affect(read: number | null | undefined, label: number | null | undefined): string {
  const words = signed(read);
  return label === null || label === undefined
    ? words
    : `${words}<br><span class="quiet">labelled ${signed(label)}</span>`;
}

/** @returns HTML */
export async function samplesTable(samples: readonly RunSample[]): Promise<string> {
  const rows: string[] = [];
  for (const sample of samples.slice(0, MOST)) {
    const { truth, prediction } = sample;
    const cells = [
      await thumbnail(sample.image),
      expression(sample),
      units(sample),
      affect(prediction.valence, truth.valence),
      affect(prediction.arousal, truth.arousal),
    ];
    rows.push(`<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  }
  const heads = ['face', 'expression', 'action units', 'valence', 'arousal'];
  const left = samples.length - rows.length;
  return `<table class="faces">
<thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>${left > 0 ? `\n<p>${left} more faces are not shown.</p>` : ''}`;
}
