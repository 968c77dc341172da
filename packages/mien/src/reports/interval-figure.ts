// Figures with their intervals as dots and lines, a row for each name and a panel for each score. All panels of a figure show
// stretches of the same length, so that what looks twice as sure is twice as sure.

import * as Plot from '@observablehq/plot';
import type { Figure } from '../judging/index.js';
import { drawn, type Placed, together, WIDTH, words } from './plot.js';
import { score, shortened } from './tables.js';

export interface IntervalPanel {
  title: string;
  colour: string;
  /** A figure for each name, where it has one. */
  figures: readonly (Figure | undefined)[];
  /** Figures of another kind below them, drawn hollow. */
  hollow?: readonly (Figure | undefined)[];
}

export interface IntervalFigureOptions {
  /** What the figure shows, for those who cannot see it. */
  label: string;
  /** Place of the name that stands out. */
  main?: number;
  /** Whether the panels hold differences: 0 is in all of them, with a line. */
  differences?: boolean;
}

const ROW = 40;
const TOP = 40;
const BOTTOM = 30;

/** Pixels between panels. */
const GAP = 22;

/** Pixels of a sign in a row's name, and the most signs that are shown of it. */
const SIGN = 8.6;
const MOST_SIGNS = 26;

/** Pixels below a row's middle at which hollow dots lie. */
const BELOW = 11;

/** Where ticks may lie, the closest first. */
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** Panels with fewer pixels than these have fewer ticks. */
const TICK_PIXELS = 48;

const shown = (name: string) => shortened(name, MOST_SIGNS);

/** Those that can be drawn, with the row that each belongs to. */
const points = (figures: readonly (Figure | undefined)[]) =>
  figures.flatMap((one, row) => {
    if (one === undefined || !Number.isFinite(one.value)) return [];
    const { value, low = value, high = value } = one;
    return [{ row, value, low, high }];
  });

const all = ({ figures, hollow = [] }: IntervalPanel) => [...points(figures), ...points(hollow)];

/** Lowest and highest end. */
function extent(panel: IntervalPanel, differences: boolean): [number, number] {
  const ends = all(panel).flatMap(({ low, value, high }) => [low, value, high]);
  return [Math.min(...ends, ...(differences ? [0] : [])), Math.max(...ends, ...(differences ? [0] : []))];
}

/** Round numbers within the domain, `count` of them or fewer. */
function ticksIn([low, high]: readonly [number, number], count: number): { ticks: number[]; step: number } {
  const step = STEPS.find((one) => (high - low) / one <= count) ?? 2;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return { ticks: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step), step };
}

function panelFigure(
  panel: IntervalPanel,
  names: readonly string[],
  domain: [number, number],
  width: number,
  { main, differences = false }: IntervalFigureOptions,
): string {
  const { title, colour, figures, hollow = [] } = panel;
  const { ticks, step } = ticksIn(domain, Math.max(3, Math.floor(width / TICK_PIXELS)));
  const digits = step < 0.1 ? 2 : 1;
  const line = (of: readonly (Figure | undefined)[], options: Plot.RuleYOptions) =>
    Plot.ruleY(points(of), { x1: 'low', x2: 'high', y: 'row', stroke: colour, ...options });
  return drawn({
    width,
    height: TOP + ROW * names.length + BOTTOM,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginLeft: GAP / 2,
    marginRight: GAP / 2,
    x: {
      domain,
      label: null,
      ticks,
      tickFormat: (value: number) =>
        value
          .toFixed(digits)
          .replace('-', '−')
          .replace(/^−(0\.?0*)$/, '$1'),
    },
    y: { domain: [-0.5, names.length - 0.5], reverse: true, axis: null },
    marks: [
      main === undefined
        ? null
        : Plot.rect([main], {
            y1: (row: number) => row - 0.5,
            y2: (row: number) => row + 0.5,
            fill: '#f3f3f3',
          }),
      Plot.ruleX(ticks, { stroke: '#ddd' }),
      differences ? Plot.ruleX([0], { stroke: '#444', strokeWidth: 1.2 }) : null,
      line(figures, { strokeWidth: 2.4 }),
      line(hollow, { strokeWidth: 1.4, dy: BELOW }),
      Plot.dot(points(figures), {
        x: 'value',
        y: 'row',
        fill: colour,
        stroke: 'white',
        strokeWidth: 0.8,
        r: 5,
      }),
      Plot.dot(points(hollow), {
        x: 'value',
        y: 'row',
        dy: BELOW,
        symbol: 'diamond',
        fill: 'white',
        stroke: colour,
        strokeWidth: 1.5,
        r: 4,
      }),
      Plot.text(points(figures), {
        x: 'value',
        y: 'row',
        text: ({ value }: { value: number }) => `${differences && value >= 0 ? '+' : ''}${score(value)}`,
        dy: -12,
        fontSize: 11.5,
        fill: '#222',
        stroke: 'white',
        strokeWidth: 3,
      }),
      words(title, { frameAnchor: 'top', dy: -26, fontWeight: 'bold' }),
    ],
  });
}

/** @returns an SVG; empty when no panel has a figure */
export function intervalFigure(
  names: readonly string[],
  panels: readonly IntervalPanel[],
  options: IntervalFigureOptions,
): string {
  const filled = panels.filter((panel) => all(panel).length > 0);
  if (filled.length === 0) return '';
  const left = Math.ceil(Math.max(...names.map((name) => shown(name).length)) * SIGN) + 10;
  const width = Math.min(300, (WIDTH - left) / filled.length);
  const extents = filled.map((panel) => extent(panel, options.differences ?? false));
  const length = Math.max(0.04, ...extents.map(([low, high]) => high - low)) * 1.4;
  const height = TOP + ROW * names.length + BOTTOM;
  const placed = filled.map((panel, i): Placed => {
    const [low, high] = extents[i] as [number, number];
    const middle = (low + high) / 2;
    const domain: [number, number] = [middle - length / 2, middle + length / 2];
    return { svg: panelFigure(panel, names, domain, width, options), x: left + i * width, y: 0 };
  });
  const rows = drawn({
    width: left,
    height,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginLeft: 0,
    marginRight: 0,
    x: { domain: [0, 1], axis: null },
    y: { domain: [-0.5, names.length - 0.5], reverse: true, axis: null },
    marks: names.map((name, row) =>
      Plot.text([row], {
        x: 1,
        y: row,
        dx: -6,
        text: () => shown(name),
        textAnchor: 'end',
        fill: '#222',
        fontWeight: row === options.main ? 'bold' : 'normal',
      }),
    ),
  });
  return together([{ svg: rows, x: 0, y: 0 }, ...placed], { width: WIDTH, height }, options.label);
}
