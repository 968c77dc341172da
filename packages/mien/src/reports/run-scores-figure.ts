// The scores of a run's member over its epochs, in one figure: all of them lie between −1 and 1. Lines are told apart by
// colour, by the shape of their points, and by their names at their ends.

import * as Plot from '@observablehq/plot';
import type { Metrics, Scores } from '../learning/logs/index.js';
import { drawn, WIDTH, words } from './plot.js';
import { bestEpoch } from './run-scores.js';
import { TASK_COLOURS } from './tasks.js';

interface Series {
  name: string;
  colour: string;
  symbol: Plot.SymbolType;
  width: number;
  of(scores: Scores): number | undefined;
}

const SERIES: readonly Series[] = [
  { name: 'mean of tasks', colour: TASK_COLOURS.total, symbol: 'circle', width: 2.6, of: ({ mean }) => mean },
  {
    name: 'expression',
    colour: TASK_COLOURS.EXPR,
    symbol: 'square',
    width: 1.6,
    of: ({ EXPR }) => EXPR?.score,
  },
  {
    name: 'action units',
    colour: TASK_COLOURS.AU,
    symbol: 'triangle',
    width: 1.6,
    of: ({ AU }) => AU?.score,
  },
  {
    name: 'valence',
    colour: TASK_COLOURS.valence,
    symbol: 'diamond',
    width: 1.6,
    of: ({ VA }) => VA?.cccValence,
  },
  {
    name: 'arousal',
    colour: TASK_COLOURS.arousal,
    symbol: 'star',
    width: 1.6,
    of: ({ VA }) => VA?.cccArousal,
  },
];

const HEIGHT = 440;
const FRAME = { marginTop: 66, marginBottom: 46, marginLeft: 60, marginRight: 184 };

/** Pixels between the names at the lines' ends. */
const LINE = 17;

/** More epochs than these have no point each. */
const MOST_POINTS = 60;

interface Point {
  epoch: number;
  value: number;
}

/** Moves labels apart until none covers another, as little as needed. @param wanted pixels from the top, sorted */
function apart(wanted: readonly number[]): number[] {
  const places = [...wanted];
  for (let round = 0; round < 100; round++)
    for (let i = 1; i < places.length; i++) {
      const overlap = LINE - ((places[i] as number) - (places[i - 1] as number));
      if (overlap <= 0) continue;
      places[i - 1] = (places[i - 1] as number) - overlap / 2;
      places[i] = (places[i] as number) + overlap / 2;
    }
  return places;
}

/** @param title such as `cnn/teacher` @returns an SVG */
export function scoresFigure({ epochs }: Metrics, title: string): string {
  const lines = SERIES.map((series) => ({
    ...series,
    points: epochs.flatMap(({ epoch, scores }): Point[] => {
      const value = series.of(scores);
      return value === undefined ? [] : [{ epoch, value }];
    }),
  })).filter(({ points }) => points.some(({ value }) => Number.isFinite(value)));
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value)).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...values), Math.max(0.1, ...values)];
  const domain: [number, number] = [low === 0 ? 0 : low - 0.05, Math.min(1, high + 0.05)];
  const last = epochs.at(-1)?.epoch ?? 1;
  const best = bestEpoch(epochs);
  const inner = HEIGHT - FRAME.marginTop - FRAME.marginBottom;
  const pixel = (value: number) => FRAME.marginTop + (inner * (domain[1] - value)) / (domain[1] - domain[0]);
  const named = lines
    .map((line) => ({ ...line, end: line.points.findLast(({ value }) => Number.isFinite(value)) as Point }))
    .sort((a, b) => b.end.value - a.end.value);
  const places = apart(named.map(({ end }) => pixel(end.value)));
  return drawn({
    ariaLabel: `${title}: scores by epoch`,
    width: WIDTH,
    height: HEIGHT,
    ...FRAME,
    x: {
      domain: last === 1 ? [0.5, 1.5] : [1, last],
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.min(12, last),
      tickFormat: (epoch: number) => (Number.isInteger(epoch) ? String(epoch) : ''),
    },
    y: {
      domain,
      label: null,
      grid: true,
      ticks: 6,
      tickFormat: (value: number) => value.toFixed(1).replace('-', '−'),
    },
    marks: [
      low < 0 ? Plot.ruleY([0], { stroke: '#444' }) : null,
      best === undefined ? null : Plot.ruleX([best.epoch], { stroke: '#444', strokeDasharray: '5 3' }),
      ...lines.map(({ points, colour, width }) =>
        Plot.line(points, { x: 'epoch', y: 'value', stroke: colour, strokeWidth: width }),
      ),
      ...lines.map(({ points, colour, symbol }) =>
        Plot.dot(epochs.length > MOST_POINTS ? points.slice(-1) : points, {
          x: 'epoch',
          y: 'value',
          symbol,
          fill: colour,
          stroke: 'white',
          strokeWidth: 0.6,
          r: 4.5,
        }),
      ),
      ...named.map(({ name, colour, end }, i) =>
        words(`${name} ${end.value.toFixed(3).replace('-', '−')}`, {
          frameAnchor: 'top-right',
          textAnchor: 'start',
          lineAnchor: 'middle',
          dx: 12,
          dy: (places[i] as number) - FRAME.marginTop,
          fill: colour,
          fontWeight: 'bold',
        }),
      ),
      words(`${title}: scores by epoch`, {
        frameAnchor: 'top-left',
        dx: 8 - FRAME.marginLeft,
        dy: 8 - FRAME.marginTop,
        fontWeight: 'bold',
        fontSize: 16,
      }),
      words(
        best === undefined
          ? 'no epoch was better than none'
          : `dashed: the best epoch, ${best.epoch} of ${last} (sum of scores ${best.scores.total.toFixed(3)})`,
        { frameAnchor: 'top-left', dx: 8 - FRAME.marginLeft, dy: 30 - FRAME.marginTop, fill: '#444' },
      ),
    ],
  });
}
