// CK+'s text files: one number, or a few numbers a line, written as floats (`   3.0000000e+00`).

import { DataError, parseNumber, readTextLines, show } from '../files/index.js';

/** From the set's readme. */
const EXPRESSIONS = ['neutral', 'anger', 'contempt', 'disgust', 'fear', 'happiness', 'sadness', 'surprise'];

const LANDMARKS = 68;

async function readNumbers(
  file: string,
  perLine: number,
  what: string,
): Promise<{ row: number; numbers: number[] }[]> {
  const { lines } = await readTextLines(file);
  return lines.flatMap((line, i) => {
    const fields = line.trim() === '' ? [] : line.trim().split(/\s+/);
    if (fields.length === 0) return [];
    const place = { file, row: i + 1 };
    if (fields.length !== perLine) throw new DataError(place, { found: show(line), expected: what });
    return [{ row: i + 1, numbers: fields.map((field) => parseNumber(field, place)) }];
  });
}

function integerIn(value: number, min: number, max: number, file: string, row: number, what: string): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new DataError({ file, row }, { found: `${value}`, expected: `${what} from ${min} to ${max}` });
}

/** The emotion of a sequence. @throws DataError where the file is not one code */
export async function readEmotion(file: string): Promise<string> {
  const rows = await readNumbers(file, 1, 'one code');
  const [code] = rows[0]?.numbers ?? [];
  if (rows.length !== 1 || code === undefined)
    throw new DataError({ file }, { found: `${rows.length} lines`, expected: 'one line with one code' });
  return EXPRESSIONS[integerIn(code, 0, EXPRESSIONS.length - 1, file, 1, 'a code')] as string;
}

/**
 * The action units of a sequence's last frame: number → intensity 1 … 5, or 0 where it is present and its intensity was
 * not coded. Those that are not in it are absent.
 */
export async function readFacs(file: string): Promise<Map<number, number>> {
  const rows = await readNumbers(file, 2, 'an action unit and its intensity');
  const units = new Map<number, number>();
  for (const { row, numbers } of rows) {
    const [unit = 0, intensity = 0] = numbers;
    integerIn(unit, 1, 99, file, row, 'an action unit');
    if (units.has(unit))
      throw new DataError({ file, row }, { found: `AU${unit} again`, expected: 'each unit once' });
    units.set(unit, integerIn(intensity, 0, 5, file, row, 'an intensity'));
  }
  return units;
}

/** 68 points, flat. */
export async function readLandmarks(file: string): Promise<number[]> {
  const points = await readNumbers(file, 2, 'x and y of a point');
  if (points.length !== LANDMARKS)
    throw new DataError({ file }, { found: `${points.length} points`, expected: `${LANDMARKS}` });
  return points.flatMap(({ numbers }) => numbers);
}
