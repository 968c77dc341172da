// The real models on the sample video that the set-up fetches, against points that were marked by eye in three frames.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeCrops } from 'mien/datasets';
import { type Affine, applyAffine, createFaceTracker, cropFace, type FoundFace, warp } from 'mien/faces';
import { encodePng, type RgbImage } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { type FaceModels, openFaceFinder, openFaceFinders, openFaceModels } from 'mien/reading';
import { readVideo } from 'mien/video';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { meanDifference } from '../faces/pictures.js';

const VIDEO = fileURLToPath(new URL('../../assets/samples/talking-face.mp4', import.meta.url));

/** Frame → index among the 68 → where it was marked: corners of eyes and mouth, foot of the nose, lips, chin. */
const MARKED: Readonly<Record<number, Readonly<Record<number, readonly [number, number]>>>> = {
  40: {
    36: [176, 161],
    39: [193, 160.5],
    42: [221, 160],
    45: [238, 161],
    48: [190.5, 207],
    54: [223.5, 208],
    33: [206, 186.5],
    51: [207, 199],
    57: [207, 217.5],
    8: [207, 241],
  },
  317: {
    36: [174.5, 160.5],
    39: [193, 159.5],
    42: [220, 159],
    45: [237, 161],
    48: [189, 205],
    54: [223.5, 206.5],
    33: [206, 186],
    51: [206, 199],
    57: [206, 212.5],
    8: [206, 240],
  },
  600: {
    36: [177, 163],
    39: [195.5, 162],
    42: [219, 162],
    45: [235.5, 164],
    48: [191, 204.5],
    54: [223, 205],
    33: [206.5, 186],
    51: [206.5, 197],
    57: [206.5, 208],
    8: [206.5, 235],
  },
};
/** Frames that are tracked. */
const TRACKED = 60;

const pointOf = ({ landmarks = [] }: FoundFace, i: number) => ({
  x: landmarks[2 * i] as number,
  y: landmarks[2 * i + 1] as number,
});
const away = (one: { x: number; y: number }, other: { x: number; y: number }) =>
  Math.hypot(one.x - other.x, one.y - other.y);
const middleOf = ({
  box: { x, y, width, height } = { x: 0, y: 0, width: 0, height: 0 },
}: Pick<FoundFace, 'box'>) => ({
  x: x + width / 2,
  y: y + height / 2,
});
/** Distance of the outer corners of the eyes. */
const eyeDistance = (face: FoundFace) => away(pointOf(face, 36), pointOf(face, 45));

const pictures = new Map<number, RgbImage>();
const beginning: RgbImage[] = [];
let models: FaceModels;
let find: Awaited<ReturnType<typeof openFaceFinder>>;

beforeAll(async () => {
  models = await openFaceModels();
  find = await openFaceFinder();
  for await (const { index, picture, release } of readVideo(VIDEO)) {
    if (index < TRACKED) beginning.push(picture);
    if (index in MARKED) pictures.set(index, picture);
    if (index >= TRACKED && !(index in MARKED)) release();
    if (index === 600) break;
  }
});
afterAll(() => models.close());

async function theOneIn(picture: RgbImage): Promise<FoundFace> {
  const faces = await find(picture);
  expect(faces).toHaveLength(1);
  return faces[0] as FoundFace;
}

/** The picture turned by an angle about the face, shifted and scaled; and the map from it to the original. */
function seenOtherwise(picture: RgbImage, { angle = 0, scale = 1, shift = 0 }): [RgbImage, Affine] {
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const map: Affine = [cos, -sin, 207 + shift - (cos - sin) * 200, sin, cos, 185 - (sin + cos) * 200];
  return [warp(picture, map, { width: 400, height: 400 }, 'bilinear'), map];
}

describe('faces of the sample video', () => {
  it.each(Object.keys(MARKED).map(Number))(
    'have their landmarks where they were marked in frame %d',
    async (frame) => {
      const face = await theOneIn(pictures.get(frame) as RgbImage);
      expect(face.score).toBeGreaterThan(0.95);
      const errors = Object.entries(MARKED[frame] ?? {}).map(
        ([i, [x, y]]) => away(pointOf(face, Number(i)), { x, y }) / eyeDistance(face),
      );
      expect(Math.max(...errors)).toBeLessThan(0.06); // marks are good to a pixel, 0.016 of the distance
      expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.035);
    },
  );

  it.each([-40, -20, 20, 40])('are found turned by %d degrees, with the same landmarks', async (degrees) => {
    const picture = pictures.get(40) as RgbImage;
    const upright = await theOneIn(picture);
    const [turned, map] = seenOtherwise(picture, { angle: (degrees / 180) * Math.PI });
    const face = await theOneIn(turned);
    for (let i = 17; i < 68; i++)
      expect(
        away(applyAffine(map, pointOf(face, i)), pointOf(upright, i)) / eyeDistance(upright),
      ).toBeLessThan(0.05);
  });

  it.each([
    ['shifted', { shift: 7.3 }],
    ['smaller', { scale: 1.15 }],
    ['larger', { scale: 0.85 }],
    ['turned', { angle: 0.15 }],
  ])('give nearly the same crop %s', async (_, change) => {
    const picture = pictures.get(317) as RgbImage;
    const [other] = seenOtherwise(picture, change);
    for (const align of ['bilinear', 'similarity', 'five-point'] as const) {
      const recipe = { align, size: 112, margin: 0 };
      const [one, two] = [
        cropFace(picture, await theOneIn(picture), recipe),
        cropFace(other, await theOneIn(other), recipe),
      ];
      expect(meanDifference(one, two)).toBeLessThan(2.5);
    }
  });

  it('are found side by side, large and small, and nothing where they are not', async () => {
    const picture = pictures.get(600) as RgbImage;
    const wide = { width: 1600, height: 800, data: new Uint8Array(1600 * 800 * 3).fill(90) };
    const paste = (left: number, top: number, by: number) => {
      const pasted = warp(picture, [by, 0, 0, 0, by, 0], { width: 400 / by, height: 300 / by }, 'bilinear');
      for (let y = 0; y < pasted.height; y++)
        wide.data.set(
          pasted.data.subarray(y * pasted.width * 3, (y + 1) * pasted.width * 3),
          ((top + y) * wide.width + left) * 3,
        );
      return { x: left + 206 / by, y: top + 175 / by };
    };
    const places = [paste(0, 0, 0.5), paste(900, 0, 1), paste(900, 400, 1), paste(1350, 100, 2)];
    const faces = await find(wide);
    expect(faces).toHaveLength(4);
    for (const place of places)
      expect(Math.min(...faces.map((face) => away(middleOf(face), place)))).toBeLessThan(20);
    expect(await find({ width: 640, height: 480, data: new Uint8Array(640 * 480 * 3).fill(128) })).toEqual(
      [],
    );
    expect(await find({ width: 1, height: 1, data: new Uint8Array(3) })).toEqual([]);
  });

  it('are found small in a large picture when small faces are asked for', async () => {
    const picture = pictures.get(40) as RgbImage;
    const large = { width: 4000, height: 3000, data: new Uint8Array(4000 * 3000 * 3).fill(110) };
    const small = warp(picture, [2, 0, 0, 0, 2, 0], { width: 200, height: 150 }, 'bilinear');
    for (let y = 0; y < 150; y++)
      large.data.set(small.data.subarray(y * 600, (y + 1) * 600), ((1700 + y) * 4000 + 2300) * 3);
    expect(await find(large)).toEqual([]);
    const finder = await openFaceFinder({ smallestFace: 40 });
    const [face, ...others] = await finder(large);
    expect(others).toEqual([]);
    expect(away(pointOf(face as FoundFace, 30), { x: 2300 + 103, y: 1700 + 88 })).toBeLessThan(5);
  });

  it('keep one number, and are where a look at each frame alone finds them', async () => {
    const track = createFaceTracker(models.detect, models.landmarks);
    for (const [frame, picture] of beginning.entries()) {
      const faces = await track(picture);
      expect(faces.map(({ id }) => id)).toEqual([0]);
      if (frame % 10 !== 7) continue;
      const alone = await theOneIn(picture);
      for (let i = 17; i < 68; i++)
        expect(away(pointOf(faces[0] as FoundFace, i), pointOf(alone, i)) / eyeDistance(alone)).toBeLessThan(
          0.03,
        );
    }
  });

  it('become crops without a table of landmarks', async () => {
    const folder = folderWith({ 'in/.keep': '' });
    mkdirSync(`${folder}/in/clip`, { recursive: true });
    for (const [frame, picture] of pictures)
      writeFileSync(`${folder}/in/clip/${frame}.png`, await encodePng(picture));
    const recipe = { align: 'similarity', size: 112, margin: 0, format: 'png', dataset: 'mine' } as const;
    const { manifest, made } = await makeCrops(
      { input: `${folder}/in`, crops: `${folder}/crops`, ...recipe },
      { schema: ABAW1, finders: await openFaceFinders() },
    );
    expect(made).toBe(3);
    for (const row of manifest.faces.rows()) expect(away(middleOf(row), { x: 206, y: 175 })).toBeLessThan(12);
  });
});
