// A face's timeline as SVG, for any part of its time: valence and arousal, expressions, a row for each action unit, key
// frames. Pure: the page is written with it, and its own script draws it anew when the reader zooms.

import { escapeHtml } from '../escape.js';
import { type Cell, cellsBetween } from './cells.js';
import { type PageData, rowLayout, type Track, type Video } from './page-data.js';
import { clock, timeTicks } from './time-words.js';
import { KEY_SIDE, placeKeys, type Row, type TimelineLayout, timelineLayout } from './timeline-layout.js';

export interface View {
  /** Seconds. */
  from: number;
  to: number;
}

interface Drawing {
  data: PageData;
  layout: TimelineLayout;
  /** Horizontal place of a time, within the plot. */
  x: (time: number) => number;
  /** Of what is seen, without a gap in each. */
  parts: readonly (readonly Cell[])[];
}

const INK = '#222';
const QUIET = '#595959';
const UNIT_SEEN = '#f3c9a8';
const UNIT_PRESENT = '#b34700';
/** Pixels that a letter takes. */
const LETTER = 6.6;

const at = (value: number): string => String(Math.round(value * 10) / 10);

/** White on dark colours, black on light ones. @param colour as #rrggbb */
export function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
  return 0.299 * (red ?? 0) + 0.587 * (green ?? 0) + 0.114 * (blue ?? 0) > 130 ? '#111' : '#fff';
}

const path = (d: string, attributes: string): string => (d === '' ? '' : `<path d="${d}" ${attributes}/>`);

/** Runs of neighbours of which something holds. */
function runsWhere(cells: readonly Cell[], holds: (cell: Cell) => boolean): Cell[][] {
  const runs: Cell[][] = [];
  let open = false;
  for (const cell of cells) {
    if (holds(cell)) {
      if (open) runs.at(-1)?.push(cell);
      else runs.push([cell]);
    }
    open = holds(cell);
  }
  return runs;
}

/** Steps over cells: a closed shape between two heights of each. */
function steps(
  cells: readonly Cell[],
  { x }: Drawing,
  upper: (cell: Cell) => number,
  lower: (cell: Cell) => number,
) {
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return '';
  let [height, back] = ['', ''];
  let d = `M${at(x(first.from))} ${at(lower(first))}`;
  for (const [k, cell] of cells.entries()) {
    const y = at(upper(cell));
    if (y !== height) d += `${k === 0 ? '' : `H${at(x(cell.from))}`}V${y}`;
    height = y;
  }
  d += `H${at(x(last.to))}`;
  for (const [k, cell] of cells.toReversed().entries()) {
    const y = at(lower(cell));
    if (y !== back) d += `${k === 0 ? '' : `H${at(x(cell.to))}`}V${y}`;
    back = y;
  }
  return `${d}Z`;
}

function affectRow(row: Row, drawing: Drawing): string {
  const { data, layout, x, parts } = drawing;
  if (data.affect === undefined) return '';
  const y = (value: number) => row.y + ((1 - value) / 2) * row.height;
  const middle = ({ from, to }: Cell) => x((from + to) / 2);
  const lines = [1, 0.5, 0, -0.5, -1].map(
    (value) =>
      `<path d="M${layout.left} ${at(y(value))}H${layout.right}" stroke="${value === 0 ? '#999' : '#e2e2e2'}"/>`,
  );
  const numbers = [1, 0, -1].map((value) => {
    const words = String(value).replace('-', '−');
    return `<text x="${layout.left - 6}" y="${at(y(value) + 4)}" text-anchor="end" fill="${QUIET}" font-size="11">${words}</text>`;
  });
  const curve = (name: 'valence' | 'arousal', colour: string) => {
    let [line, band] = ['', ''];
    for (const part of parts)
      for (const run of runsWhere(part, (cell) => !Number.isNaN(cell[name][0]))) {
        line += run
          .map((cell, k) => `${k === 0 ? 'M' : 'L'}${at(middle(cell))} ${at(y(cell[name][0]))}`)
          .join('');
        if (run.length === 1) line += 'h.1';
        if (run.some((cell) => cell[name][2] > cell[name][1]))
          band += steps(
            run,
            drawing,
            (cell) => y(cell[name][2]),
            (cell) => y(cell[name][1]),
          );
      }
    return (
      path(band, `fill="${colour}" opacity=".22"`) +
      path(
        line,
        `fill="none" stroke="${colour}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"`,
      )
    );
  };
  const label = (words: string, colour: string, down: number) =>
    `<rect x="0" y="${row.y + down - 8}" width="10" height="10" rx="2" fill="${colour}"/><text x="15" y="${row.y + down + 1}">${words}</text>`;
  return [
    ...lines,
    ...numbers,
    curve('arousal', data.affect.arousal),
    curve('valence', data.affect.valence),
    label('valence', data.affect.valence, 44),
    label('arousal', data.affect.arousal, 64),
  ].join('');
}

/** Which expression is the most probable: a strip of colours, named where a name has room. */
function winnersRow(row: Row, { data, x, parts }: Drawing): string {
  const shapes = data.expressions.map(() => '');
  let words = '';
  for (const part of parts)
    for (const [k, { name, colour }] of data.expressions.entries())
      for (const run of runsWhere(part, ({ winner }) => winner === k)) {
        const [from, to] = [x(run[0]?.from ?? 0), x(run.at(-1)?.to ?? 0)];
        shapes[k] += `M${at(from)} ${row.y}H${at(to)}v${row.height}H${at(from)}Z`;
        const fits = (letters: number) => letters * LETTER + 8 < to - from;
        const short = fits(3) ? `${name.slice(0, 3)}.` : undefined; // the dot is hardly wider than the margin
        const text = fits(name.length) ? name : short;
        if (text !== undefined)
          words += `<text x="${at((from + to) / 2)}" y="${row.y + 14}" text-anchor="middle" font-size="12" fill="${inkOn(colour)}">${escapeHtml(text)}</text>`;
      }
  const label = `<text x="0" y="${row.y + 14}">expression</text>`;
  return (
    label + shapes.map((d, k) => path(d, `fill="${data.expressions[k]?.colour ?? INK}"`)).join('') + words
  );
}

/** All probabilities, one upon the other. */
function stackRow(row: Row, drawing: Drawing): string {
  const { data, parts } = drawing;
  const shapes = data.expressions.map(() => '');
  for (const part of parts)
    for (const run of runsWhere(part, ({ winner }) => winner >= 0)) {
      const heights = new Map<Cell, number[]>();
      for (const cell of run) {
        let sum = 0;
        heights.set(cell, [0, ...cell.expressions.map((one) => (sum += one))]);
      }
      const y = (cell: Cell, k: number) => {
        const sums = heights.get(cell) ?? [];
        return row.y + row.height * (1 - (sums[k] ?? 0) / (sums.at(-1) || 1));
      };
      for (const k of shapes.keys())
        shapes[k] += steps(
          run,
          drawing,
          (cell) => y(cell, k + 1),
          (cell) => y(cell, k),
        );
    }
  const label = `<text x="0" y="${row.y + 32}" fill="${QUIET}" font-size="12">probabilities</text>`;
  return (
    label +
    shapes.map((d, k) => path(d, `fill="${data.expressions[k]?.colour ?? INK}" fill-opacity=".85"`)).join('')
  );
}

/** How probable a unit is, as a height; darker where it counts as present. */
function unitRow(row: Row, drawing: Drawing): string {
  const { data, layout, parts } = drawing;
  const unit = data.units[row.unit];
  if (unit === undefined) return '';
  const [foot, k] = [row.y + row.height, row.unit];
  const shape = (holds: (cell: Cell) => boolean) =>
    parts
      .flatMap((part) => runsWhere(part, holds))
      .map((run) =>
        steps(
          run,
          drawing,
          (cell) => foot - Math.max(0.6, row.height * (cell.units[k] ?? 0)),
          () => foot,
        ),
      )
      .join('');
  const known = (cell: Cell) => !Number.isNaN(cell.units[k] ?? Number.NaN);
  const words =
    layout.named && unit.words !== ''
      ? ` <tspan fill="${QUIET}" font-size="11">${escapeHtml(unit.words)}</tspan>`
      : '';
  return [
    path(shape(known), `fill="${UNIT_SEEN}"`),
    path(
      shape((cell) => known(cell) && (cell.present[k] ?? 0) >= 0.5),
      `fill="${UNIT_PRESENT}"`,
    ),
    `<path d="M${layout.left} ${foot + 0.5}H${layout.right}" stroke="#d5d5d5"/>`,
    `<text x="0" y="${row.y + 14}">${escapeHtml(unit.name)}${words}</text>`,
  ].join('');
}

function axis({ layout, x }: Drawing, { from, to }: View): string {
  const { times, digits } = timeTicks(from, to, Math.max(2, Math.floor((layout.right - layout.left) / 74)));
  return times
    .map((time) => {
      const place = at(x(time));
      return `<path d="M${place} ${layout.top - 3}V${layout.bottom}" stroke="#000" stroke-opacity=".1"/><text x="${place}" y="${layout.axis - 2}" text-anchor="middle" fill="${QUIET}" font-size="12">${clock(time, digits)}</text>`;
    })
    .join('');
}

/** Where the face was not seen the ground is grey. */
function ground({ layout, x }: Drawing, video: Video, track: Track, { from, to }: View): string {
  const seen = track.runs
    .map(([first, count]) => [video.times[first] ?? 0, video.times[first + count] ?? 0] as const)
    .filter(([start, end]) => end > from && start < to)
    .map(([start, end]) => [x(Math.max(start, from)), x(Math.min(end, to))] as const);
  const shape = (y: number, height: number) =>
    seen.map(([start, end]) => `M${at(start)} ${y}H${at(end)}v${height}H${at(start)}Z`).join('');
  return layout.rows
    .map(
      ({ y, height }) =>
        `<rect x="${layout.left}" y="${y}" width="${layout.right - layout.left}" height="${height}" fill="#e4e4e4"/>${path(shape(y, height), 'fill="#fff"')}`,
    )
    .join('');
}

function keyFrames({ layout, x }: Drawing, track: Track): string {
  if (layout.keys === undefined) return '';
  const [half, top] = [KEY_SIDE / 2, layout.keys + 30];
  return placeKeys(track.keys, x, layout.left, layout.right)
    .map(({ key, middle, at: place }) => {
      const foot = top + KEY_SIDE;
      return `<g><title>${escapeHtml(`${clock(key.time, 2)}: ${key.long}`)}</title>
<path d="M${at(middle)} ${foot}L${at(place)} ${foot + 13}V${layout.bottom}" fill="none" stroke="#000" stroke-opacity=".28" stroke-dasharray="2 3"/>
<text x="${at(middle)}" y="${top - 17}" text-anchor="middle" font-size="10.5">${escapeHtml(key.short)}</text>
<text x="${at(middle)}" y="${top - 5}" text-anchor="middle" font-size="10.5" fill="${QUIET}">${clock(key.time, 1)}</text>
<use href="#${key.id}" x="${at(middle - half)}" y="${top}"/></g>`;
    })
    .join('');
}

/** Parts of what is seen: between them lie bins without the face. */
function partsOf(cells: readonly Cell[], columnSeconds: number): Cell[][] {
  const parts: Cell[][] = [];
  let before: Cell | undefined;
  for (const cell of cells) {
    const near = before !== undefined && cell.first === before.last + 1;
    // Less than two columns of pixels are no gap that anybody sees.
    const hidden = before !== undefined && columnSeconds > 0 && cell.from - before.to < 2 * columnSeconds;
    if (near || hidden) parts.at(-1)?.push(cell);
    else parts.push([cell]);
    before = cell;
  }
  return parts;
}

export interface TimelineOptions {
  view: View;
  /** Pixels. */
  width: number;
  /** At most so many cells; default: one a pixel. */
  columns?: number;
}

/** @returns an SVG element, as high as its rows need */
export function timelineSvg(
  data: PageData,
  video: Video,
  track: Track,
  { view, width, columns }: TimelineOptions,
): string {
  const layout = timelineLayout(data, track.keys, width);
  const { left, right, height } = layout;
  const { from, to } = view;
  const x = (time: number) => left + ((time - from) / (to - from)) * (right - left);
  const cells = cellsBetween(video, track, rowLayout(data), {
    from,
    to,
    columns: columns ?? Math.max(1, Math.round(right - left)),
  });
  const clamped = (time: number) => Math.min(right, Math.max(left, x(time)));
  const crowded = cells.some(({ first, last }) => last > first);
  const parts = partsOf(cells, crowded ? (to - from) / (columns ?? right - left) : 0);
  const drawing: Drawing = { data, layout, x, parts };
  const draw = { affect: affectRow, winners: winnersRow, stack: stackRow, unit: unitRow };
  const inside: Drawing = { ...drawing, x: clamped };
  return `<svg role="img" aria-label="Timeline of face ${track.face}, ${clock(from, 1)} to ${clock(to, 1)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-size="13" fill="${INK}">
${ground(drawing, video, track, view)}${axis(drawing, view)}
${layout.rows.map((row) => draw[row.kind](row, inside)).join('\n')}
${keyFrames(drawing, track)}</svg>`;
}
