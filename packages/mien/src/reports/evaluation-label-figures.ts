// Figures of single expressions and action units: how well each is read, and what thresholds would make of each.

import * as Plot from '@observablehq/plot';
import type { UnitEvaluation } from '../judging/index.js';
import { drawn, type Placed, printed, together, WIDTH, words } from './plot.js';
import { percent, score } from './tables.js';

/** One expression or action unit. */
export interface LabelScores {
  name: string;
  /** Faces that have it, and that were asked. */
  positives: number;
  samples: number;
  f1: number;
  f1CrossFitted?: number | undefined;
  precision: number;
  recall: number;
  auc?: number | undefined;
  /** F1 of the other members. */
  others: readonly number[];
}

const ROW = 26;
const TOP = 54;
const BOTTOM = 30;
const LEFT = 186;

interface LabelPanel {
  title: string;
  legend: string;
  marks(rows: readonly (LabelScores & { row: number })[]): Plot.Markish[];
}

const dots = (
  points: readonly { row: number; value: number | undefined }[],
  symbol: Plot.SymbolType,
  options: Plot.DotOptions,
) =>
  Plot.dot(
    points.filter(({ value }) => value !== undefined),
    { x: 'value', y: 'row', symbol, r: 4.5, ...options },
  );

function panelsFor(colour: string, rows: readonly LabelScores[]): LabelPanel[] {
  const filled = { fill: colour, stroke: 'white', strokeWidth: 0.8 };
  const hollow = { fill: 'white', stroke: colour, strokeWidth: 1.5 };
  const [crossFitted, others] = [
    rows.some(({ f1CrossFitted }) => f1CrossFitted !== undefined),
    rows.some((row) => row.others.length > 0),
  ];
  const legend = [...(others ? ['small: others'] : []), ...(crossFitted ? ['◇ cross-fitted'] : [])].join(
    ', ',
  );
  return [
    {
      title: 'F1',
      legend,
      marks: (labels) => [
        dots(
          labels.flatMap(({ row, others }) => others.map((value) => ({ row, value }))),
          'circle',
          { fill: '#8c8c8c', r: 2.5 },
        ),
        dots(
          labels.map(({ row, f1CrossFitted }) => ({ row, value: f1CrossFitted })),
          'diamond',
          hollow,
        ),
        dots(
          labels.map(({ row, f1 }) => ({ row, value: f1 })),
          'circle',
          filled,
        ),
      ],
    },
    {
      title: 'precision and recall',
      legend: '■ precision, △ recall',
      marks: (labels) => [
        Plot.ruleY(labels, { x1: 'precision', x2: 'recall', y: 'row', stroke: colour, strokeOpacity: 0.5 }),
        dots(
          labels.map(({ row, precision }) => ({ row, value: precision })),
          'square',
          filled,
        ),
        dots(
          labels.map(({ row, recall }) => ({ row, value: recall })),
          'triangle',
          hollow,
        ),
      ],
    },
    ...(rows.some(({ auc }) => auc !== undefined)
      ? [
          {
            title: 'area under ROC',
            legend: 'dashed: chance',
            marks: (labels: readonly (LabelScores & { row: number })[]) => [
              Plot.ruleX([0.5], { stroke: '#444', strokeDasharray: '4 3' }),
              dots(
                labels.map(({ row, auc }) => ({ row, value: auc })),
                'circle',
                filled,
              ),
            ],
          },
        ]
      : []),
  ];
}

/**
 * A row for each expression or action unit; names say how often it is there.
 * @param label what the figure shows, for those who cannot see it
 * @returns an SVG
 */
export function labelsFigure(labels: readonly LabelScores[], colour: string, label: string): string {
  const panels = panelsFor(colour, labels);
  const width = (WIDTH - LEFT) / panels.length;
  const height = TOP + ROW * labels.length + BOTTOM;
  const scored = labels.flatMap((one, row) => (one.samples === 0 ? [] : [{ ...one, row }]));
  const common = {
    height,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginRight: 12,
    y: { domain: [-0.5, labels.length - 0.5], reverse: true, axis: null },
  } satisfies Plot.PlotOptions;
  const stripes = Plot.ruleY(labels.keys(), { stroke: '#eee' });
  const names = drawn({
    ...common,
    width: LEFT,
    marginLeft: 0,
    x: { domain: [0, 1], axis: null },
    marks: labels.flatMap(({ name, positives, samples }, row) => [
      Plot.text([row], { x: 0, y: row, dx: 6, text: () => name, textAnchor: 'start', fill: '#222' }),
      Plot.text([row], {
        x: 1,
        y: row,
        text: () => (samples === 0 ? 'no labels' : percent(positives, samples)),
        textAnchor: 'end',
        fill: '#595959',
      }),
    ]),
  });
  const placed = panels.map(({ title, legend, marks }, i): Placed => {
    const svg = drawn({
      ...common,
      width,
      marginLeft: 12,
      x: { domain: [0, 1], label: null, ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: printed },
      marks: [
        stripes,
        Plot.ruleX([0, 0.25, 0.5, 0.75, 1], { stroke: '#e4e4e4' }),
        ...marks(scored),
        words(title, { frameAnchor: 'top-left', dy: -42, fontWeight: 'bold' }),
        words(legend, { frameAnchor: 'top-left', dy: -24, fill: '#595959', fontSize: 12 }),
      ],
    });
    return { svg, x: LEFT + i * width, y: 0 };
  });
  return together([{ svg: names, x: 0, y: 0 }, ...placed], { width: WIDTH, height }, label);
}

const COLUMNS = 4;
const CURVE_HEIGHT = 194;

/** What is drawn over thresholds; told apart by colour, width and dashes. */
const CURVES = [
  { name: 'F1', of: 'f1', stroke: '#222222', strokeWidth: 2.4, strokeDasharray: 'none' },
  { name: 'precision', of: 'precision', stroke: '#0072b2', strokeWidth: 1.6, strokeDasharray: '7 3' },
  { name: 'recall', of: 'recall', stroke: '#d55e00', strokeWidth: 1.6, strokeDasharray: '2 2' },
] as const;

function curvesLegend(): string {
  const samples = CURVES.map(({ name, of, ...stroke }, i) => ({ name, x: i * 110, stroke }));
  return drawn({
    width: WIDTH,
    height: 26,
    margin: 0,
    x: { domain: [0, WIDTH], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      ...samples.map(({ x, stroke }) => Plot.ruleY([x], { x1: x + 4, x2: x + 34, y: 0.5, ...stroke })),
      Plot.text(samples, {
        x: ({ x }: { x: number }) => x + 40,
        y: 0.5,
        text: 'name',
        textAnchor: 'start',
        fill: '#222',
      }),
    ],
  });
}

function curveFigure({ name, threshold, f1, thresholdCurve }: UnitEvaluation, width: number): string {
  const ticks = [0, 0.1, 0.25, 0.5, 1];
  // Where nothing is read as present there is no precision to draw.
  const curve = (thresholdCurve ?? []).map((point) => ({
    ...point,
    precision: point.precision === 0 && point.recall === 0 ? undefined : point.precision,
  }));
  return drawn({
    width,
    height: CURVE_HEIGHT,
    marginTop: 46,
    marginLeft: 32,
    marginRight: 12,
    marginBottom: 24,
    // A rare unit's threshold lies near 0, where a straight axis has no room.
    x: { type: 'sqrt', domain: [0, 1], label: null, ticks, tickFormat: printed },
    y: { domain: [0, 1], label: null, ticks: [0, 0.5, 1], tickFormat: printed, grid: true },
    marks: [
      ...CURVES.map(({ name: _, of, ...stroke }) => Plot.line(curve, { x: 'threshold', y: of, ...stroke })),
      threshold === undefined
        ? null
        : [
            Plot.ruleX([threshold], { stroke: '#222' }),
            Plot.dot([threshold], { x: threshold, y: f1, r: 4, fill: '#222', stroke: 'white' }),
          ],
      words(name, { frameAnchor: 'top-left', dy: -40, dx: -24, fontWeight: 'bold' }),
      words(threshold === undefined ? '' : `at ${score(threshold)}: F1 ${score(f1)}`, {
        frameAnchor: 'top-left',
        dy: -24,
        dx: -24,
        fontSize: 12,
        fill: '#595959',
      }),
    ],
  });
}

/** Precision, recall and F1 over the threshold of each unit whose curve is known. @returns an SVG; empty without curves */
export function thresholdFigure(units: readonly UnitEvaluation[]): string {
  const known = units.filter(({ thresholdCurve = [] }) => thresholdCurve.length > 0);
  if (known.length === 0) return '';
  const width = WIDTH / COLUMNS;
  const placed = known.map(
    (unit, i): Placed => ({
      svg: curveFigure(unit, width),
      x: (i % COLUMNS) * width,
      y: 30 + Math.floor(i / COLUMNS) * CURVE_HEIGHT,
    }),
  );
  const height = 30 + Math.ceil(known.length / COLUMNS) * CURVE_HEIGHT;
  return together(
    [{ svg: curvesLegend(), x: 0, y: 0 }, ...placed],
    { width: WIDTH, height },
    'precision, recall and F1 of each action unit over its threshold',
  );
}
