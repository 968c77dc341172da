// Figures of label counts: bars, and maps of the valence-arousal plane.

import * as Plot from '@observablehq/plot';
import { CATEGORIES, drawn, printed, tick, WIDTH } from './plot.js';

const OTHERS = '#8c8c8c';
const OTHERS_NAME = 'all others';

/** Counts of one panel, such as "before balancing". */
export interface BarPanel {
  title: string;
  bars: readonly { name: string; byGroup: Readonly<Record<string, number>> }[];
}

export interface HeatPanel {
  title: string;
  /** [x from −1 to 1][y from −1 to 1] */
  cells: readonly (readonly number[])[];
}

/** 950, 12.3k, 1.20M. */
export function shortCount(count: number): string {
  const digits = count < 999.5 ? {} : { minimumSignificantDigits: 3 };
  const compact = new Intl.NumberFormat('en', {
    notation: 'compact',
    maximumSignificantDigits: 3,
    ...digits,
  });
  return compact.format(Math.round(count)).replace('K', 'k');
}

/**
 * Bars of stacked groups, one panel below the other on the same scale.
 * @param groups in the order of their colours; from the seventh on they share one
 * @param yLabel what is counted
 */
export function barFigure(panels: readonly BarPanel[], groups: readonly string[], yLabel: string): string {
  const kept = groups.slice(0, CATEGORIES.length);
  const names = groups.length > kept.length ? [...kept, OTHERS_NAME] : kept;
  const nameOf = (group: string) => (kept.includes(group) ? group : OTHERS_NAME);
  const titles = panels.map(({ title }) => title);
  const labels = panels[0]?.bars.map(({ name }) => name) ?? [];
  const bars = panels.flatMap(({ title, bars }) =>
    bars.flatMap(({ name, byGroup }) => {
      const merged = new Map<string, number>();
      for (const [group, count] of Object.entries(byGroup))
        merged.set(nameOf(group), (merged.get(nameOf(group)) ?? 0) + count);
      return names.map((group) => ({ title, name, group, count: merged.get(group) ?? 0 }));
    }),
  );
  const totals = panels.flatMap(({ title, bars }) =>
    bars.map(({ name, byGroup }) => ({
      title,
      name,
      count: Object.values(byGroup).reduce((sum, count) => sum + count, 0),
    })),
  );
  const highest = totals.reduce((most, { count }) => Math.max(most, count), 1);
  return drawn({
    ariaLabel: `${yLabel} by ${labels.join(', ')}`,
    width: WIDTH,
    height: 70 + 215 * panels.length,
    marginTop: 34,
    marginLeft: 72,
    marginRight: 8,
    marginBottom: 44,
    x: { domain: labels, label: null, padding: 0.25 },
    y: {
      label: yLabel,
      labelAnchor: 'center',
      labelArrow: 'none',
      grid: true,
      ticks: 5,
      tickFormat: tick,
      domain: [0, highest * 1.12], // room for the figures on the bars
    },
    fy: { domain: titles, axis: null, padding: 0.24 },
    color: {
      domain: names,
      range: names.map((name, k) => (name === OTHERS_NAME ? OTHERS : (CATEGORIES[k] as string))),
      legend: names.length > 1,
    },
    marks: [
      Plot.barY(bars, { x: 'name', y: 'count', fy: 'title', fill: 'group', order: names }),
      Plot.text(totals, {
        x: 'name',
        y: 'count',
        fy: 'title',
        text: ({ count }: { count: number }) => shortCount(count),
        dy: -8,
        fontSize: 12,
        stroke: 'white',
        strokeWidth: 3,
        fill: '#222',
      }),
      Plot.ruleY([0], { stroke: '#444' }),
      Plot.text(titles, {
        fy: (title: string) => title,
        text: (title: string) => title,
        frameAnchor: 'top-left',
        dy: -24,
        fontWeight: 'bold',
        fill: '#222',
      }),
    ],
  });
}

/** Steps of colour in a legend: enough to look continuous. */
const RAMP_STEPS = 128;

/** A colour scale from `low` to `high`, logarithmic. Plot's own legend needs a canvas, which only browsers have. */
function rampLegend(color: Plot.ScaleOptions, [low, high]: readonly [number, number], label: string): string {
  const at = (k: number) => low * (high / low) ** (k / RAMP_STEPS);
  const steps = Array.from({ length: RAMP_STEPS }, (_, k) => ({
    x1: at(k),
    x2: at(k + 1),
    value: at(k + 0.5),
  }));
  return drawn({
    width: 320,
    height: 58,
    marginTop: 22,
    marginBottom: 24,
    marginLeft: 12,
    marginRight: 24,
    x: { type: 'log', domain: [low, high], label: null, ticks: 4, tickFormat: tick, tickSize: 4 },
    color,
    marks: [
      Plot.rect(steps, { x1: 'x1', x2: 'x2', fill: 'value', stroke: 'value', strokeWidth: 0.5 }),
      Plot.text([label], { text: (text: string) => text, frameAnchor: 'top-left', dy: -18, fill: '#222' }),
    ],
  });
}

/** Maps of the valence-arousal plane side by side, on one logarithmic colour scale. Empty cells stay grey. */
export function heatFigure(panels: readonly HeatPanel[], countLabel: string): string {
  const squares = panels.flatMap(({ title, cells }) =>
    cells.flatMap((column, i) =>
      column.map((count, j) => ({
        title,
        count,
        x1: (2 * i) / cells.length - 1,
        x2: (2 * (i + 1)) / cells.length - 1,
        y1: (2 * j) / column.length - 1,
        y2: (2 * (j + 1)) / column.length - 1,
      })),
    ),
  );
  const filled = squares.filter(({ count }) => count > 0);
  const counts = filled.map(({ count }) => count);
  const low = Math.min(...counts);
  const domain = [low, Math.max(...counts, low * 2)] as const;
  const color: Plot.ScaleOptions = { type: 'log', scheme: 'viridis', domain: [...domain] };
  const ticks = [-1, -0.5, 0, 0.5, 1];
  const place = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fx: 'title' } as const;
  const side = panels.length > 1 ? ((WIDTH - 72) / panels.length) * 0.96 : 398;
  const map = drawn({
    ariaLabel: `${countLabel}, over valence and arousal`,
    width: panels.length > 1 ? WIDTH : 470,
    height: side + 88,
    marginTop: 40,
    marginLeft: 60,
    marginRight: 12,
    marginBottom: 48,
    x: {
      domain: [-1, 1],
      label: 'valence (−1 unpleasant, 1 pleasant)',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks,
      tickFormat: printed,
    },
    y: {
      domain: [-1, 1],
      label: 'arousal (−1 calm, 1 excited)',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks,
      tickFormat: printed,
    },
    fx: { domain: panels.map(({ title }) => title), axis: null, padding: 0.08 },
    color,
    marks: [
      Plot.rect(squares, { ...place, fill: '#f0f0f0', stroke: 'white', strokeWidth: 0.5 }),
      Plot.rect(filled, { ...place, fill: 'count', stroke: 'white', strokeWidth: 0.5 }),
      Plot.ruleX([0], { stroke: '#444', strokeDasharray: '2 3' }),
      Plot.ruleY([0], { stroke: '#444', strokeDasharray: '2 3' }),
      Plot.frame({ stroke: '#444' }),
      Plot.text(panels, {
        fx: 'title',
        text: 'title',
        frameAnchor: 'top-left',
        dy: -22,
        fontWeight: 'bold',
        fill: '#222',
      }),
    ],
  });
  return `${rampLegend(color, domain, countLabel)}\n${map}`;
}
