// The losses of a run's member over its steps: a panel for each, on a scale of its own, since they differ tenfold.

import * as Plot from '@observablehq/plot';
import type { Metrics, StepRecord } from '../learning/logs/index.js';
import { drawn, tick, together, WIDTH } from './plot.js';
import { type Point, quantile, runningMedian, thinned } from './run-series.js';
import { TASK_COLOURS } from './tasks.js';

interface Panel {
  title: string;
  colour: string;
  of(record: StepRecord): number | undefined;
  /** Drawn as it is: a schedule, not a measurement. */
  exact?: true;
}

const PANELS: readonly Panel[] = [
  { title: 'loss, all parts', colour: TASK_COLOURS.total, of: ({ loss }) => loss },
  { title: 'expression', colour: TASK_COLOURS.EXPR, of: ({ parts }) => parts.EXPR },
  { title: 'action units', colour: TASK_COLOURS.AU, of: ({ parts }) => parts.AU },
  { title: 'valence', colour: TASK_COLOURS.valence, of: ({ parts }) => parts.valence },
  { title: 'arousal', colour: TASK_COLOURS.arousal, of: ({ parts }) => parts.arousal },
  { title: 'learning rate', colour: '#595959', of: ({ lr }) => lr, exact: true },
];

const COLUMNS = 2;
const PANEL = { width: WIDTH / COLUMNS, height: 190 };
const HEAD = 52;

/** Columns of points in a panel: about one for each two pixels. */
const POINTS = 180;

/** The smooth line is a median over this share of the steps. */
const WINDOW = 1 / 25;

/** More epochs than these are not marked one by one. */
const MOST_MARKS = 40;

/** Shares of single steps that may lie outside a panel, so that a few outliers do not flatten it. */
const OUTLIERS = 0.005;

/** 0.0001, 1e−5, 2.5: an axis's figures. */
const small = (value: number) =>
  value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential().replace('-', '−')
    : value.toLocaleString('en', { maximumSignificantDigits: 4 }).replace('-', '−');

/** What the axis shows: the lines, but for outliers among single steps. */
function domainOf(single: Float64Array, line: readonly Point[]): [number, number] {
  const shown = [
    quantile(single, OUTLIERS),
    quantile(single, 1 - OUTLIERS),
    ...line.map(({ y }) => y),
  ].filter(Number.isFinite);
  if (shown.length === 0) return [0, 1];
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const margin = high > low ? 0.05 * (high - low) : 0.1 * Math.abs(high) || 0.1;
  return [low - margin, high + margin];
}

function panel({ title, colour, of, exact }: Panel, { steps, epochs }: Metrics, reach: number): string {
  const finite = (value: number | undefined) => (Number.isFinite(value) ? (value as number) : Number.NaN);
  const series = {
    x: Float64Array.from(steps, ({ step }) => step),
    y: Float64Array.from(steps, (record) => finite(of(record))),
  };
  const smooth = exact ? thinned(series, POINTS) : runningMedian(series, reach, POINTS);
  const raw = exact || reach === 0 ? [] : thinned(series, POINTS);
  const missing = series.y.filter(Number.isNaN).length;
  const note =
    missing > 0 ? `not finite: ${missing.toLocaleString('en')} of ${steps.length.toLocaleString('en')}` : '';
  const ends = epochs.length > MOST_MARKS ? [] : epochs.map(({ step }) => step);
  return drawn({
    ...PANEL,
    marginTop: 30,
    marginLeft: 66,
    marginRight: 24,
    marginBottom: 26,
    x: { domain: [1, Math.max(2, series.x.at(-1) ?? 2)], label: null, ticks: 5, tickFormat: tick },
    y: {
      domain: domainOf(exact ? new Float64Array() : series.y, smooth),
      label: null,
      ticks: 5,
      tickFormat: small,
      grid: true,
    },
    marks: [
      Plot.ruleX(ends, { stroke: '#bbb', strokeDasharray: '2 3' }),
      Plot.line(raw, { x: 'x', y: 'y', stroke: colour, strokeOpacity: 0.35, strokeWidth: 0.8, clip: true }),
      Plot.line(smooth, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2.2 }),
      Plot.dot(smooth.length === 1 ? smooth : [], { x: 'x', y: 'y', fill: colour }),
      Plot.frame({ anchor: 'bottom', stroke: '#444' }),
      Plot.text([title], {
        text: (text: string) => text,
        frameAnchor: 'top-left',
        dy: -18,
        fontWeight: 'bold',
        fill: '#222',
      }),
      Plot.text([note], { text: (text: string) => text, frameAnchor: 'top-right', dy: -18, fill: '#222' }),
    ],
  });
}

/**
 * @param title such as `cnn/teacher`
 * @returns an SVG; panels are left out for losses that no step has
 */
export function lossesFigure(metrics: Metrics, title: string): string {
  const { steps } = metrics;
  const reach = Math.floor((steps.length * WINDOW) / 2);
  const panels = PANELS.filter(({ of }) => steps.some((record) => of(record) !== undefined));
  const height = HEAD + Math.ceil(panels.length / COLUMNS) * PANEL.height + 22;
  const what =
    reach === 0
      ? 'each step'
      : `thin: each step; thick: median of ${(2 * reach + 1).toLocaleString('en')} steps`;
  const marks =
    metrics.epochs.length > 0 && metrics.epochs.length <= MOST_MARKS ? '; dashed: ends of epochs' : '';
  const frame = drawn({
    width: WIDTH,
    height,
    margin: 0,
    marks: [
      Plot.text([`${title}: losses over steps`], {
        text: (text: string) => text,
        frameAnchor: 'top-left',
        dx: 8,
        dy: 8,
        fontWeight: 'bold',
        fontSize: 16,
        fill: '#222',
      }),
      Plot.text([`${what}${marks}`], {
        text: (text: string) => text,
        frameAnchor: 'top-left',
        dx: 8,
        dy: 30,
        fill: '#444',
      }),
      Plot.text(['optimiser steps'], {
        text: (text: string) => text,
        frameAnchor: 'bottom',
        dy: -4,
        fill: '#222',
      }),
    ],
  });
  const placed = panels.map((one, i) => ({
    svg: panel(one, metrics, reach),
    x: (i % COLUMNS) * PANEL.width,
    y: HEAD + Math.floor(i / COLUMNS) * PANEL.height,
  }));
  return together(
    [{ svg: frame, x: 0, y: 0 }, ...placed],
    { width: WIDTH, height },
    `${title}: losses over steps`,
  );
}
