// Tables of figures: made once, shown on the terminal or on a page.

/** A second line is a remark on the first. */
export type Cell = string | number | null | undefined;

export interface Table {
  /** The first one says what the table is about. */
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** Leading columns that hold words; by default one. */
  texts?: number;
  /** A sentence below it. */
  below?: string;
}

/** 12,345; one decimal where a number is not whole; a dash where there is none. */
export function figure(value: Cell): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return value;
  const digits = Number.isInteger(value) ? 0 : 1;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `1 face`, `12,345 faces`. @param plural of a noun that does not just take an s */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${figure(count)} ${count === 1 ? noun : plural}`;

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

/** 0.512, −0.031; a dash where there is none. */
export const score = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(3).replace('-', '−');

/** A name that loses its middle where it has more than `longest` signs, 3 or more. */
export function shortened(name: string, longest: number): string {
  const signs = [...name];
  if (signs.length <= longest) return name;
  const half = (longest - 1) / 2;
  return `${signs.slice(0, Math.ceil(half)).join('')}…${signs.slice(-Math.floor(half)).join('')}`;
}

/** A row as lines, as many as its highest cell has. */
function linesOf(row: readonly Cell[]): string[][] {
  const cells = row.map((cell) => figure(cell).split('\n'));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''));
}

/** Words to the left, figures to the right, two blanks between columns. */
export function textTable({ head, rows, texts = 1, below }: Table): string {
  const cells = [head, ...rows.flatMap(linesOf)];
  const widths = head.map((_, k) => Math.max(...cells.map((row) => (row[k] ?? '').length)));
  const lines = cells.map((row) =>
    widths
      .map((width, k) => (k < texts ? (row[k] ?? '').padEnd(width) : (row[k] ?? '').padStart(width)))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...(below === undefined ? [] : [below])].join('\n');
}
