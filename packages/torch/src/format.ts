// How a tensor looks when it is printed: PyTorch's layout, so that output can be compared by eye.
import { noGrad } from './autograd.js';
import { cat } from './creation.js';
import { tidy } from './scope.js';
import type { Tensor } from './tensor.js';

const EDGE_ITEMS = 3;
const SUMMARISE_ABOVE = 1000;
const LINE_WIDTH = 80;

/** `tensor([[1.0000, 2.0000]], requiresGrad)`; above 1,000 elements only the edges. */
export function formatTensor(tensor: Tensor): string {
  if (tensor.isDisposed) return 'tensor(disposed)';
  const { shape, dtype, device } = tensor;
  const notes = [
    ...(dtype === 'float32' || dtype === 'bool' ? [] : [`dtype=${dtype}`]),
    ...(device === 'cpu' ? [] : [`device=${device}`]),
    ...(tensor.gradFn ? [`gradFn=${tensor.gradFn}`] : tensor.requiresGrad ? ['requiresGrad'] : []),
  ];
  const total = shape.reduce((product, n) => product * n, 1);
  if (total === 0 || device === 'meta') notes.unshift(`shape=[${shape.join(', ')}]`);
  const body = device === 'meta' ? '...' : formatBody(tensor, shape, total > SUMMARISE_ABOVE);
  return `tensor(${[body, ...notes].join(', ')})`;
}

type Cell = string | Cell[];

function formatBody(tensor: Tensor, shape: number[], summarise: boolean): string {
  const values = tidy(() => noGrad(() => (summarise ? edges(tensor, shape) : tensor.detach()).toArray()));
  const flat = (Array.isArray(values) ? values.flat(Number.POSITIVE_INFINITY) : [values]) as Shown[];
  const format = formatterFor(flat);
  const cells = toCells(values, shape, summarise, format);
  const width = Math.max(0, ...flat.map((value) => format(value).length));
  return layOut(cells, width, 'tensor('.length);
}

type Shown = number | bigint | boolean;

/** What is shown of a large tensor: the first and the last items along each dimension. */
function edges(tensor: Tensor, shape: number[]): Tensor {
  return shape.reduce((shown, n, dim) => {
    if (n <= 2 * EDGE_ITEMS) return shown;
    return cat([shown.narrow(dim, 0, EDGE_ITEMS), shown.narrow(dim, n - EDGE_ITEMS, EDGE_ITEMS)], dim);
  }, tensor.detach());
}

/** Four decimals, or an exponent where the range is too wide for them; integers and booleans as they are. */
function formatterFor(values: Shown[]): (value: Shown) => string {
  const finite = values
    .filter((x): x is number => typeof x === 'number' && Number.isFinite(x) && x !== 0)
    .map(Math.abs);
  const integral = values.every((x) => typeof x !== 'number' || !Number.isFinite(x) || Number.isInteger(x));
  const [largest, smallest] = finite.reduce(
    ([max, min], x) => [Math.max(max, x), Math.min(min, x)],
    [0, Infinity],
  );
  const scientific = largest > 1e8 || (!integral && (largest / smallest > 1000 || smallest < 1e-4));
  return (value) => {
    if (typeof value !== 'number') return String(value);
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
    if (scientific) return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
    return integral ? `${value}.` : value.toFixed(4);
  };
}

function toCells(
  values: unknown,
  shape: number[],
  summarise: boolean,
  format: (value: Shown) => string,
): Cell {
  if (!Array.isArray(values)) return format(values as Shown);
  const [n = 0, ...rest] = shape;
  const cells: Cell[] = values.map((value) => toCells(value, rest, summarise, format));
  if (summarise && n > 2 * EDGE_ITEMS) cells.splice(EDGE_ITEMS, 0, '...');
  return cells;
}

function layOut(cell: Cell, width: number, indent: number): string {
  if (typeof cell === 'string') return cell === '...' ? cell : cell.padStart(width);
  const inner = cell.map((item) => layOut(item, width, indent + 1));
  const pad = ' '.repeat(indent + 1);
  if (cell.some(Array.isArray)) {
    // A blank line for every dimension beyond the rows of a matrix.
    return `[${inner.join(`,${'\n'.repeat(depthOf(cell) - 1)}${pad}`)}]`;
  }
  const perLine = Math.max(1, Math.floor((LINE_WIDTH - indent) / (width + 2)));
  const lines: string[] = [];
  for (let i = 0; i < inner.length; i += perLine) lines.push(inner.slice(i, i + perLine).join(', '));
  return `[${lines.join(`,\n${pad}`)}]`;
}

function depthOf(cell: Cell): number {
  return Array.isArray(cell) ? 1 + Math.max(0, ...cell.map(depthOf)) : 0;
}
