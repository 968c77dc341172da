// Which expression is read as which.

import * as Plot from '@observablehq/plot';
import type { ExpressionEvaluation } from '../judging/index.js';
import { drawn, WIDTH, words } from './plot.js';
import { figure } from './tables.js';

const ROW = 52;
/** Of a column where there is room. */
const COLUMN = 92;
/** Pixels of an em in a column's name. */
const EM = 13;
const FRAME = { marginTop: 76, marginBottom: 12, marginLeft: 150, marginRight: 12 };

/** From this share on a cell is so dark that its words are white. */
const DARK = 0.6;

/** @returns an SVG: rows are what is true, and each adds up to 100 % */
export function confusionFigure({ classes, confusion }: ExpressionEvaluation): string {
  const names = classes.map(({ name }) => name);
  const cells = confusion.flatMap((row, t) => {
    const whole = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, r) => ({
      truth: names[t],
      read: names[r],
      count,
      share: whole === 0 ? undefined : count / whole,
    }));
  });
  type Cell = (typeof cells)[number];
  const dark = ({ share = 0 }: Cell) => share >= DARK;
  const inCells = (options: Plot.TextOptions) =>
    [true, false].map((isDark) =>
      Plot.text(
        cells.filter((cell) => cell.count > 0 && dark(cell) === isDark),
        { x: 'read', y: 'truth', fill: isDark ? 'white' : '#222', ...options },
      ),
    );
  const { marginLeft, marginRight, marginTop, marginBottom } = FRAME;
  const column = Math.min(COLUMN, (WIDTH - marginLeft - marginRight) / names.length);
  return drawn({
    ariaLabel: 'confusion matrix of expressions: rows are true classes, columns what was read',
    width: marginLeft + column * names.length + marginRight,
    height: marginTop + ROW * names.length + marginBottom,
    ...FRAME,
    x: { domain: names, axis: null, padding: 0.03 },
    y: { domain: names, axis: null, padding: 0.03 },
    color: { domain: [0, 1], range: ['#f4f7fb', '#08306b'], interpolate: 'rgb' },
    marks: [
      Plot.axisX({ anchor: 'top', label: null, tickSize: 0, lineWidth: (column - 8) / EM }),
      Plot.cell(
        cells.filter(({ share }) => share !== undefined),
        { x: 'read', y: 'truth', fill: 'share' },
      ),
      Plot.cell(
        cells.filter(({ share }) => share === undefined),
        { x: 'read', y: 'truth', fill: '#eeeeee' },
      ),
      Plot.cell(names, {
        x: (name: string) => name,
        y: (name: string) => name,
        stroke: '#222',
        strokeWidth: 1.2,
      }),
      inCells({ text: ({ share = 0 }: Cell) => `${Math.round(100 * share)} %`, dy: -7, fontWeight: 'bold' }),
      inCells({ text: ({ count }: Cell) => figure(count), dy: 10, fontSize: 11.5 }),
      Plot.text(classes, {
        y: 'name',
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -10,
        dy: -7,
        text: 'name',
        fill: '#222',
      }),
      Plot.text(classes, {
        y: 'name',
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -10,
        dy: 10,
        text: ({ samples }: { samples: number }) => (samples === 0 ? 'no faces' : figure(samples)),
        fill: '#595959',
        fontSize: 11.5,
      }),
      words('what was read', { frameAnchor: 'top', dy: -66, fontWeight: 'bold' }),
      words('what is true', {
        frameAnchor: 'top-left',
        textAnchor: 'end',
        dx: -10,
        dy: -20,
        fontWeight: 'bold',
      }),
    ],
  });
}
