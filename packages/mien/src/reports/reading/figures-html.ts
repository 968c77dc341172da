// Tables of a face's figures, with a bar for each share.

import { escapeHtml } from '../page.js';
import { counted, figure, percent } from '../tables.js';
import type { PageData } from './page-data.js';
import type { FaceFigures, ValueFigures } from './tally.js';
import { clock } from './time-words.js';

/** What is counted: seconds of a video, or faces in pictures. */
export type Measure = 'seconds' | 'faces';

interface BarRow {
  cells: readonly string[];
  /** 0 … 1; NaN: nothing to show. */
  share: number;
  colour: string;
}

/** @param head of the cells, the first one words @param barAfter cell behind which the bar stands */
function barTable(
  caption: string,
  head: readonly string[],
  rows: readonly BarRow[],
  barAfter: number,
): string {
  const line = (tag: 'th' | 'td', cells: readonly string[], bar: string) => {
    const parts = cells.map((cell, k) => `<${tag}${k === 0 ? ' class="text"' : ''}>${cell}</${tag}>`);
    parts.splice(barAfter + 1, 0, bar);
    return `<tr>${parts.join('')}</tr>`;
  };
  const bar = ({ share, colour }: BarRow) =>
    `<td class="bar"><b><i style="width:${(100 * (Number.isNaN(share) ? 0 : share)).toFixed(1)}%;background:${colour}"></i></b></td>`;
  return `<table class="figures"><caption>${escapeHtml(caption)}</caption>
<thead>${line('th', head.map(escapeHtml), '<td class="bar"></td>')}</thead>
<tbody>
${rows.map((row) => line('td', row.cells.map(escapeHtml), bar(row))).join('\n')}
</tbody></table>`;
}

const amount = (value: number, measure: Measure): string =>
  measure === 'seconds' ? clock(value, 1) : figure(value);

/** Such as −0.31; zero has no sign. */
export const fixed = (value: number, digits = 2): string =>
  Number.isFinite(value)
    ? value
        .toFixed(digits)
        .replace(/^-(?=.*[1-9])/, '−')
        .replace('-', '')
    : '-';

function expressionsTable(
  { expressions, read }: FaceFigures,
  labels: PageData['expressions'],
  measure: Measure,
) {
  const rows = labels.map(({ name, colour }) => {
    const value = expressions.get(name) ?? 0;
    return {
      cells: [name, amount(value, measure), percent(value, read.EXPR)],
      share: value / read.EXPR,
      colour,
    };
  });
  const head = ['', measure === 'seconds' ? 'time' : 'faces', 'share'];
  return barTable('Expression shown most clearly', head, rows, 2);
}

function unitsTable({ units, read }: FaceFigures, labels: PageData['units'], measure: Measure) {
  const rows = labels.map(({ name, words, colour }) => {
    const { active = 0, events = 0 } = units.get(name as `AU${number}`) ?? {};
    const share = percent(active, read.AU);
    const rates = [
      fixed(read.AU === 0 ? Number.NaN : events / (read.AU / 60), 1),
      events === 0 ? '-' : `${fixed(active / events)} s`,
    ];
    return {
      cells: [`${name} ${words}`, ...(measure === 'seconds' ? [share, ...rates] : [figure(active), share])],
      share: active / read.AU,
      colour,
    };
  });
  return measure === 'seconds'
    ? barTable('Action units', ['', 'present', 'events a minute', 'mean length'], rows, 1)
    : barTable('Action units', ['', 'faces', 'share'], rows, 2);
}

/** Mean and spread on a line from −1 to 1. */
function spreadMark({ mean, spread, lowest, highest }: ValueFigures, colour: string): string {
  const x = (value: number) => (60 + 58 * Math.max(-1, Math.min(1, value))).toFixed(1);
  return `<svg role="img" aria-label="mean ${fixed(mean)}, spread ${fixed(spread)}" width="120" height="16" viewBox="0 0 120 16">
<path d="M2 8H118M60 3V13" stroke="#bbb"/><path d="M${x(lowest)} 8H${x(highest)}" stroke="${colour}" stroke-width="2"/>
<path d="M${x(mean - spread)} 8H${x(mean + spread)}" stroke="${colour}" stroke-width="8" opacity=".4"/><circle cx="${x(mean)}" cy="8" r="4" fill="${colour}"/></svg>`;
}

function affectTable({ valence, arousal }: FaceFigures, affect: NonNullable<PageData['affect']>) {
  const row = (name: 'valence' | 'arousal', figures: ValueFigures | undefined) => {
    const values = [figures?.mean, figures?.spread, figures?.lowest, figures?.highest];
    const mark = figures === undefined ? '' : spreadMark(figures, affect[name]);
    return `<tr><td class="text">${name}</td>${values.map((value) => `<td>${fixed(value ?? Number.NaN)}</td>`).join('')}<td class="bar">${mark}</td></tr>`;
  };
  return `<table class="figures"><caption>Valence and arousal, −1 to 1</caption>
<thead><tr><th></th><th>mean</th><th>spread</th><th>lowest</th><th>highest</th><td class="bar"></td></tr></thead>
<tbody>${row('valence', valence)}${row('arousal', arousal)}</tbody></table>`;
}

/** All tables of a face, side by side where there is room. */
export function figuresHtml(
  figures: FaceFigures,
  labels: Omit<PageData, 'videos'>,
  measure: Measure,
): string {
  const { affect, expressions, units } = labels;
  return `<div class="side">${[
    expressions.length === 0 && affect === undefined
      ? ''
      : `<div>${[
          expressions.length === 0 ? '' : expressionsTable(figures, expressions, measure),
          affect === undefined ? '' : affectTable(figures, affect),
        ].join('\n')}</div>`,
    units.length === 0 ? '' : `<div>${unitsTable(figures, units, measure)}</div>`,
  ].join('\n')}</div>`;
}

/** `seen for 11.2 s (89.1 % of what was read), from 0.4 s to 11.9 s, in 280 frames` */
export function presenceWords({ seen, from, to, frames }: FaceFigures, whole: number): string {
  return `seen for ${clock(seen, 1)} (${percent(seen, whole)} of what was read), between ${clock(from, 1)} and ${clock(to, 1)}, in ${counted(frames, 'frame')}`;
}
