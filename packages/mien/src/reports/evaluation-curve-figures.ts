// Figures side by side, each in a square: values against the truth, probabilities against what came true, and the risk of
// what is kept.

import * as Plot from '@observablehq/plot';
import type { ReliabilityBin, RiskCoverage } from '../judging/index.js';
import { gainOf } from './evaluation-tables.js';
import { drawn, printed, together, WIDTH, words } from './plot.js';
import { percent, score } from './tables.js';

const HEIGHT = 420;
const SQUARE = { marginTop: 50, marginLeft: 62, marginRight: 16, marginBottom: 46 };
/** As wide as makes the frame inside a square. */
const SIDE = HEIGHT - SQUARE.marginTop - SQUARE.marginBottom + SQUARE.marginLeft + SQUARE.marginRight;

const REFERENCE = '#595959';

/** Title and second line above a square. */
const heading = (title: string, below: string) => [
  words(title, { frameAnchor: 'top-left', dy: -38, fontWeight: 'bold' }),
  words(below, { frameAnchor: 'top-left', dy: -18, fill: '#444' }),
];

const axis = (label: string, options: Plot.ScaleOptions): Plot.ScaleOptions => ({
  label,
  labelAnchor: 'center',
  labelArrow: 'none',
  tickFormat: printed,
  ...options,
});

function sideBySide(squares: readonly string[], label: string): string {
  const gap = 20;
  const placed = squares.map((svg, i) => ({ svg, x: i * (SIDE + gap), y: 0 }));
  return together(placed, { width: squares.length * (SIDE + gap) - gap, height: HEIGHT }, label);
}

export interface AffectPanel {
  title: string;
  colour: string;
  /** Truth and estimate. */
  points: readonly (readonly [truth: number, estimate: number])[];
  ccc: number;
}

/** Estimates over the truth, with the line on which both are the same. @returns an SVG */
export function affectFigure(panels: readonly AffectPanel[]): string {
  const ticks = [-1, -0.5, 0, 0.5, 1];
  const squares = panels.map(({ title, colour, points, ccc }) =>
    drawn({
      width: SIDE,
      height: HEIGHT,
      ...SQUARE,
      x: axis('true', { domain: [-1, 1], ticks, clamp: true }),
      y: axis('read', { domain: [-1, 1], ticks, clamp: true }),
      marks: [
        Plot.ruleX([0], { stroke: '#ccc' }),
        Plot.ruleY([0], { stroke: '#ccc' }),
        Plot.dot(points, {
          x: ([truth]: readonly [number, number]) => truth,
          y: ([, estimate]: readonly [number, number]) => estimate,
          r: 2,
          fill: colour,
          fillOpacity: 0.35,
        }),
        Plot.line(
          [
            [-1, -1],
            [1, 1],
          ],
          { stroke: '#222', strokeDasharray: '6 4' },
        ),
        Plot.frame({ stroke: '#444' }),
        heading(title, `CCC ${score(ccc)}`),
      ],
    }),
  );
  return sideBySide(squares, 'estimates of valence and arousal over their true values');
}

export interface ReliabilityPanel {
  title: string;
  colour: string;
  bins: readonly ReliabilityBin[];
  /** Expected calibration error. */
  error: number | undefined;
}

/** What share came true of what was said with each probability. @returns an SVG; empty without panels */
export function reliabilityFigure(panels: readonly ReliabilityPanel[]): string {
  if (panels.length === 0) return '';
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const squares = panels.map(({ title, colour, bins, error }) =>
    drawn({
      width: SIDE,
      height: HEIGHT,
      ...SQUARE,
      x: axis('probability', { domain: [0, 1], ticks }),
      y: axis('share that came true', { domain: [0, 1], ticks }),
      r: { domain: [0, Math.max(1, ...bins.map(({ samples }) => samples))], range: [0, 13] },
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: REFERENCE, strokeDasharray: '6 4' },
        ),
        Plot.ruleX(bins, {
          x: 'confidence',
          y1: 'confidence',
          y2: 'share',
          stroke: colour,
          strokeOpacity: 0.6,
        }),
        Plot.line(bins, { x: 'confidence', y: 'share', stroke: colour, strokeWidth: 1.8 }),
        Plot.dot(bins, {
          x: 'confidence',
          y: 'share',
          r: 'samples',
          fill: colour,
          fillOpacity: 0.3,
          stroke: colour,
        }),
        Plot.dot(bins, { x: 'confidence', y: 'share', r: () => 2.5, fill: colour }),
        words('probabilities too low', {
          frameAnchor: 'top-left',
          dx: 8,
          dy: 8,
          fill: REFERENCE,
          fontSize: 12,
        }),
        words('probabilities too high', {
          frameAnchor: 'bottom-right',
          dx: -8,
          dy: -8,
          fill: REFERENCE,
          fontSize: 12,
        }),
        Plot.frame({ stroke: '#444' }),
        heading(title, error === undefined ? '' : `expected calibration error ${score(error)}`),
      ],
    }),
  );
  return sideBySide(squares, 'reliability: share that came true over probability');
}

export interface RiskPanel extends RiskCoverage {
  title: string;
  colour: string;
}

const RISK_HEIGHT = 330;

/** The risk of the faces that are kept, least doubtful first. @returns an SVG; empty without panels */
export function riskFigure(panels: readonly RiskPanel[]): string {
  if (panels.length === 0) return '';
  const width = WIDTH / Math.max(2, panels.length);
  const squares = panels.map(({ title, colour, risk, curve, area, areaRandom, areaPerfect }, i) => {
    const highest = Math.max(areaRandom, ...curve.map((point) => point.risk)) * 1.15 || 1;
    const levels = [
      { value: areaRandom, name: 'random order' },
      { value: areaPerfect, name: 'perfect order' },
    ];
    const svg = drawn({
      width,
      height: RISK_HEIGHT,
      ...SQUARE,
      marginRight: 26,
      x: axis('share of faces kept', {
        domain: [0, 1],
        ticks: [0, 0.25, 0.5, 0.75, 1],
        tickFormat: (value: number) => percent(value, 1).replace('.0', ''),
      }),
      y: axis(risk, { domain: [0, highest], ticks: 5, grid: true }),
      marks: [
        Plot.ruleY(levels, { y: 'value', stroke: REFERENCE, strokeDasharray: '6 4' }),
        Plot.text(levels, {
          y: 'value',
          frameAnchor: 'right',
          dx: -6,
          dy: -8,
          text: 'name',
          fill: REFERENCE,
          fontSize: 12,
          stroke: 'white',
          strokeWidth: 3,
        }),
        Plot.line(curve, { x: 'coverage', y: 'risk', stroke: colour, strokeWidth: 2.4 }),
        Plot.frame({ stroke: '#444' }),
        heading(title, `${gainOf({ area, areaRandom, areaPerfect })} of the way to perfect`),
      ],
    });
    return { svg, x: i * width, y: 0 };
  });
  return together(
    squares,
    { width: width * panels.length, height: RISK_HEIGHT },
    'risk over the share of faces kept',
  );
}
