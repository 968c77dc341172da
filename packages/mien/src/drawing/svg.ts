// SVG as text: paths, gradients and clips, with no more than a drawing of a face needs.

export type Point = readonly [x: number, y: number];

/** Texts of numbers with one decimal, by their tenths: a drawing writes thousands, and making each anew took most of the time. */
const TENTHS = new Map<number, string>();

/** A length with one decimal: a twentieth of a pixel in a picture of 112. */
export function num(value: number): string {
  const tenths = Math.round(value * 10) + 0;
  let text = TENTHS.get(tenths);
  if (text === undefined) {
    text = String(tenths / 10);
    TENTHS.set(tenths, text);
  }
  return text;
}

/** A share from 0 to 1 with two decimals. */
const share = (value: number): string => String(Math.round(value * 100) / 100);

const at = ([x, y]: Point) => `${num(x)} ${num(y)}`;

/**
 * A smooth curve through points: Catmull and Rom's spline (1974) as cubic Bézier pieces.
 * @param closed joins the last point to the first
 */
export function smooth(points: readonly Point[], closed = false): string {
  const n = points.length;
  const point = (i: number): Point => points[closed ? (i + n) % n : Math.min(n - 1, Math.max(0, i))] as Point;
  const parts = [`M${at(point(0))}`];
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [a, b, c, d] = [point(i - 1), point(i), point(i + 1), point(i + 2)];
    const out: Point = [b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6];
    const back: Point = [c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6];
    parts.push(`C${at(out)} ${at(back)} ${at(c)}`);
  }
  return parts.join('') + (closed ? 'Z' : '');
}

/** One closed shape between two smooth curves that run the same way; its ends may be sharp. */
export function between(upper: readonly Point[], lower: readonly Point[]): string {
  return `${smooth(upper)}${smooth([...lower].reverse()).replace('M', 'L')}Z`;
}

/**
 * A brush stroke along a curve: a closed shape as wide as `width(t)` at t in 0 … 1 of its points.
 * The default is thin at both ends.
 */
export function stroke(
  points: readonly Point[],
  widest: number,
  width: (t: number) => number = (t) => Math.sin(Math.PI * t) ** 0.7,
): string {
  const n = points.length;
  const side = (sign: number) =>
    points.map(([x, y], i): Point => {
      const [ax, ay] = points[Math.max(0, i - 1)] as Point;
      const [bx, by] = points[Math.min(n - 1, i + 1)] as Point;
      const length = Math.hypot(bx - ax, by - ay) || 1;
      const half = (sign * widest * width(i / (n - 1))) / 2;
      return [x - ((by - ay) / length) * half, y + ((bx - ax) / length) * half];
    });
  return between(side(-1), side(1));
}

/** The same curve as `smooth` draws, by `n` points evenly spread over its pieces. */
export function resample(points: readonly Point[], n: number): Point[] {
  const last = points.length - 1;
  const point = (i: number) => points[Math.min(last, Math.max(0, i))] as Point;
  return Array.from({ length: n }, (_, k) => {
    const place = (k / (n - 1)) * last;
    const i = Math.min(last - 1, Math.floor(place));
    const t = place - i;
    const [a, b, c, d] = [point(i - 1), point(i), point(i + 1), point(i + 2)];
    const at = (axis: 0 | 1) => {
      const [p, q, r, s] = [a[axis], b[axis], c[axis], d[axis]];
      return q + 0.5 * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
    };
    return [at(0), at(1)];
  });
}

/** A circle as a path: many circles of one paint are drawn faster as one path than as many elements. */
export const disc = ([x, y]: Point, radius: number): string =>
  `M${num(x - radius)} ${num(y)}a${num(radius)} ${num(radius)} 0 1 0 ${num(2 * radius)} 0a${num(radius)} ${num(radius)} 0 1 0 ${num(-2 * radius)} 0Z`;

export interface Paint {
  fill?: string;
  stroke?: string;
  /** Of the stroke. */
  width?: number;
  opacity?: number;
  /** What `Canvas.clip` gave. */
  clip?: string;
}

/** [offset 0 … 1, colour, opacity] */
export type Stop = readonly [offset: number, colour: string, opacity?: number];

export interface Canvas {
  path(d: string, paint: Paint): void;
  circle(centre: Point, radius: number, paint: Paint): void;
  ellipse(centre: Point, rx: number, ry: number, paint: Paint): void;
  /** A soft spot: the colour fades out towards the rim. @param tilt degrees */
  spot(
    centre: Point,
    rx: number,
    ry: number,
    colour: string,
    opacity: number,
    clip?: string,
    tilt?: number,
  ): void;
  /** A paint that runs from one point to another. */
  linear(from: Point, to: Point, stops: readonly Stop[]): string;
  radial(centre: Point, radius: number, stops: readonly Stop[]): string;
  /** For `Paint.clip`. */
  clip(d: string): string;
  /** The whole picture. @param size pixels of a side; @param units drawing units of a side */
  finish(size: number, units: number): string;
}

const attributes = ({ fill = 'none', stroke: line, width = 1, opacity = 1, clip }: Paint): string =>
  ` fill="${fill}"` +
  (line === undefined
    ? ''
    : ` stroke="${line}" stroke-width="${num(width)}" stroke-linecap="round" stroke-linejoin="round"`) +
  (opacity >= 0.995 ? '' : ` opacity="${share(opacity)}"`) +
  (clip === undefined ? '' : ` clip-path="${clip}"`);

const stopElement = ([offset, colour, opacity = 1]: Stop) =>
  `<stop offset="${share(offset)}" stop-color="${colour}"${opacity === 1 ? '' : ` stop-opacity="${share(opacity)}"`}/>`;

/** Below this opacity nothing is drawn: it would not change an 8-bit pixel by more than one step. */
const INVISIBLE = 0.008;

/** @param prefix of the ids inside, so that several pictures can stand in one page */
export function createCanvas(prefix: string): Canvas {
  const definitions: string[] = [];
  const body: string[] = [];
  const soft = new Map<string, string>();
  const define = (name: string, open: string, inner: string): string => {
    const id = `${prefix}${definitions.length}`;
    definitions.push(`<${name} id="${id}"${open}>${inner}</${name}>`);
    return `url(#${id})`;
  };
  const draw = (paint: Paint, shape: string) => {
    if ((paint.opacity ?? 1) >= INVISIBLE) body.push(`<${shape}${attributes(paint)}/>`);
  };
  const fade = (colour: string): string => {
    const known = soft.get(colour);
    if (known !== undefined) return known;
    const stops: Stop[] = [
      [0, colour],
      [0.45, colour, 0.62],
      [0.75, colour, 0.2],
      [1, colour, 0],
    ];
    const paint = define('radialGradient', '', stops.map(stopElement).join(''));
    soft.set(colour, paint);
    return paint;
  };
  const canvas: Canvas = {
    path: (d, paint) => {
      if (d !== '') draw(paint, `path d="${d}"`);
    },
    circle: ([x, y], radius, paint) =>
      draw(paint, `circle cx="${num(x)}" cy="${num(y)}" r="${num(Math.max(0, radius))}"`),
    ellipse: ([x, y], rx, ry, paint) =>
      draw(
        paint,
        `ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(Math.max(0, rx))}" ry="${num(Math.max(0, ry))}"`,
      ),
    spot([x, y], rx, ry, colour, opacity, clip, tilt = 0) {
      if (opacity < INVISIBLE || rx <= 0 || ry <= 0) return;
      const turn = tilt === 0 ? '' : ` transform="rotate(${num(tilt)} ${num(x)} ${num(y)})"`;
      const shape = `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(rx)}" ry="${num(ry)}"${turn} fill="${fade(colour)}" opacity="${share(Math.min(1, opacity))}"/>`;
      body.push(clip === undefined ? shape : `<g clip-path="${clip}">${shape}</g>`);
    },
    linear: ([x1, y1], [x2, y2], stops) =>
      define(
        'linearGradient',
        ` gradientUnits="userSpaceOnUse" x1="${num(x1)}" y1="${num(y1)}" x2="${num(x2)}" y2="${num(y2)}"`,
        stops.map(stopElement).join(''),
      ),
    radial: ([x, y], radius, stops) =>
      define(
        'radialGradient',
        ` gradientUnits="userSpaceOnUse" cx="${num(x)}" cy="${num(y)}" r="${num(radius)}"`,
        stops.map(stopElement).join(''),
      ),
    clip: (d) => define('clipPath', '', `<path d="${d}"/>`),
    finish: (size, units) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${units} ${units}">` +
      `<defs>${definitions.join('')}</defs>${body.join('')}</svg>`,
  };
  return canvas;
}
