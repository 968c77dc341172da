import fc from 'fast-check';
import {
  DRAWN_UNITS,
  type DrawnUnit,
  drawFace,
  drawIdentity,
  type FaceDrawing,
  HAIR_STYLES,
} from 'mien/drawing';
import { decodeRgb, type RgbImage } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { Random } from 'mien/random';
import { beforeAll, describe, expect, it } from 'vitest';

const SIZE = 112;
const PEOPLE = [1, 3, 9];
const person = (number: number) => drawIdentity(Random.keyed(7, number));
const render = (drawing: FaceDrawing) => decodeRgb(Buffer.from(drawFace(drawing, { size: SIZE })));

/** Rows of the picture, as shares of its height, where the parts of a face lie. */
const BROWS = [0.12, 0.36] as const;
const EYES = [0.36, 0.52] as const;
const MOUTH = [0.6, 0.92] as const;

/** Mean absolute difference of two pictures between two heights, in 8-bit steps. */
function difference(a: RgbImage, b: RgbImage, [from, to]: readonly [number, number] = [0, 1]): number {
  const [start, end] = [Math.round(from * SIZE) * SIZE * 3, Math.round(to * SIZE) * SIZE * 3];
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.abs((a.data[i] as number) - (b.data[i] as number));
  return sum / (end - start);
}

const unitInterval = fc.double({ min: 0, max: 1, noNaN: true });
const anyDrawing: fc.Arbitrary<FaceDrawing> = fc.record({
  identity: fc.nat().map(person),
  actions: fc.record({
    units: fc.dictionary(fc.constantFrom(...DRAWN_UNITS), unitInterval),
    flush: unitInterval,
    pupil: unitInterval,
    lopsided: fc.double({ min: -1, max: 1, noNaN: true }),
  }),
  pose: fc.record({
    yaw: fc.double({ min: -25, max: 25, noNaN: true }),
    pitch: fc.double({ min: -15, max: 15, noNaN: true }),
    roll: fc.double({ min: -12, max: 12, noNaN: true }),
  }),
  light: fc.record({ from: fc.double({ min: -1, max: 1, noNaN: true }), contrast: unitInterval }),
});

describe('a drawn face', () => {
  it('is the same text for the same parameters, with numbers throughout', () => {
    fc.assert(
      fc.property(anyDrawing, (drawing) => {
        const text = drawFace(drawing);
        expect(text).not.toMatch(/NaN|undefined|Infinity/);
        expect(drawFace(structuredClone(drawing))).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  it('is a square picture of the asked size, whatever the hair', async () => {
    const seen = new Set<string>();
    for (let number = 0; seen.size < HAIR_STYLES.length; number++) {
      const identity = person(number);
      if (seen.has(identity.hair.style)) continue;
      seen.add(identity.hair.style);
      const { width, height } = await decodeRgb(Buffer.from(drawFace({ identity }, { size: 40 })));
      expect([width, height]).toEqual([40, 40]);
    }
  });

  it('uses each id once, and its own prefix, so that several stand in one page', () => {
    const ids = (text: string) => [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string);
    const [a, b] = ['a', 'b'].map((prefix) => drawFace({ identity: person(1) }, { prefix })) as [
      string,
      string,
    ];
    expect(new Set([...ids(a), ...ids(b)]).size).toBe(ids(a).length + ids(b).length);
    for (const [, used] of a.matchAll(/url\(#([^)]+)\)/g)) expect(ids(a)).toContain(used);
  });

  it('needs no fonts, filters or scripts', () => {
    for (const number of PEOPLE)
      expect(drawFace({ identity: person(number) })).not.toMatch(/<(text|filter|script)/);
  });

  it('is another person for every seed', () => {
    const looks = Array.from({ length: 500 }, (_, i) => JSON.stringify({ ...person(i), seed: 0 }));
    expect(new Set(looks).size).toBe(500);
    const faces = Array.from({ length: 20 }, (_, i) => drawFace({ identity: person(i) }));
    expect(new Set(faces).size).toBe(20);
  });
});

describe('an action unit', () => {
  const neutral = new Map<number, RgbImage>();
  beforeAll(async () => {
    for (const number of PEOPLE) neutral.set(number, await render({ identity: person(number) }));
  });
  const change = async (unit: DrawnUnit, level: number, number: number) => {
    const acting = await render({ identity: person(number), actions: { units: { [unit]: level } } });
    return (rows?: readonly [number, number]) => difference(acting, neutral.get(number) as RgbImage, rows);
  };

  it.each(['AU1', 'AU2', 'AU4'] as const)('%s changes the brows and not the mouth', async (unit) => {
    for (const number of PEOPLE) {
      const by = await change(unit, 1, number);
      expect(by(BROWS)).toBeGreaterThan(1.5);
      expect(by(MOUTH)).toBeLessThan(by(BROWS) / 20);
    }
  });

  it('AU6 changes the eyes more than brows and mouth', async () => {
    for (const number of PEOPLE) {
      const by = await change('AU6', 1, number);
      expect(by(EYES)).toBeGreaterThan(3);
      expect(by(EYES)).toBeGreaterThan(2 * Math.max(by(BROWS), by(MOUTH)));
    }
  });

  it.each(['AU12', 'AU15', 'AU20', 'AU25'] as const)(
    '%s changes the mouth and hardly the brows',
    async (unit) => {
      for (const number of PEOPLE) {
        const by = await change(unit, 1, number);
        expect(by(MOUTH)).toBeGreaterThan(1);
        expect(by(BROWS)).toBeLessThan(by(MOUTH) / 10);
      }
    },
  );

  it.each(ABAW1.actionUnits as DrawnUnit[])(
    '%s changes the picture more the stronger it is',
    async (unit) => {
      for (const number of PEOPLE) {
        const changes: number[] = [];
        for (const level of [0.25, 0.5, 0.75, 1]) changes.push((await change(unit, level, number))());
        expect(changes).toEqual([...changes].sort((a, b) => a - b));
        expect(changes[0]).toBeGreaterThan(0.05);
      }
    },
  );

  it('is told from every other one by what it changes', async () => {
    const number = PEOPLE[0] as number;
    const base = neutral.get(number) as RgbImage;
    const changes = await Promise.all(
      ABAW1.actionUnits.map(async (unit) => {
        const { data } = await render({ identity: person(number), actions: { units: { [unit]: 0.7 } } });
        return Float64Array.from(data, (value, i) => value - (base.data[i] as number));
      }),
    );
    const dot = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
    for (const [i, a] of changes.entries())
      for (const b of changes.slice(i + 1))
        expect(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))).toBeLessThan(0.6);
  });
});

describe('a pose', () => {
  const dark = { ...person(1), glasses: 'none' as const, beard: 'none' as const };
  const identity = {
    ...dark,
    skin: { colour: '#5a3826', freckles: 0 },
    hair: { ...dark.hair, style: 'bald' as const },
    clothes: { style: 'crew' as const, colour: '#203040', accent: '#203040' },
  };
  const scene = { identity, light: { from: 0, contrast: 0.3 }, background: { colour: '#506070' } };
  const smile = { units: { AU12: 1, AU25: 1 } };

  /** Centre of the bright teeth, in pixels. */
  async function teeth(pose: FaceDrawing['pose'] & object): Promise<[x: number, y: number]> {
    const { data } = await render({ ...scene, actions: smile, pose });
    let [x, y, n] = [0, 0, 0];
    for (let i = Math.round(0.55 * SIZE) * SIZE; i < Math.round(0.9 * SIZE) * SIZE; i++)
      if ((data[3 * i + 2] as number) > 190) {
        x += i % SIZE;
        y += Math.floor(i / SIZE);
        n++;
      }
    expect(n).toBeGreaterThan(20);
    return [x / n, y / n];
  }

  it('turns to the right with yaw, looks up with pitch, and tips counter-clockwise with roll', async () => {
    const [x, y] = await teeth({});
    expect((await teeth({ yaw: 15 }))[0]).toBeGreaterThan(x + 1);
    expect((await teeth({ yaw: -15 }))[0]).toBeLessThan(x - 1);
    expect((await teeth({ pitch: 12 }))[1]).toBeLessThan(y - 1);
    expect((await teeth({ roll: 10 }))[0]).toBeGreaterThan(x + 2);
  });

  it('to the left is the mirror image of the one to the right', async () => {
    const [left, right] = await Promise.all([-18, 18].map((yaw) => render({ ...scene, pose: { yaw } })));
    if (left === undefined || right === undefined) throw new Error('not rendered');
    const mirrored = { ...right, data: new Uint8Array(right.data.length) };
    for (let i = 0; i < SIZE * SIZE; i++)
      for (let c = 0; c < 3; c++)
        mirrored.data[3 * i + c] = right.data[3 * (i - (i % SIZE) + SIZE - 1 - (i % SIZE)) + c] as number;
    expect(difference(left, mirrored)).toBeLessThan(1.5);
    expect(difference(left, right)).toBeGreaterThan(6);
  });
});
