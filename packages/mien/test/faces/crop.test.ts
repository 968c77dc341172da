import fc from 'fast-check';
import {
  type Affine,
  ALIGNMENTS,
  type Alignment,
  cropFace,
  FaceGeometryError,
  FIVE_POINT_TEMPLATE,
  fivePoints,
  fourPoints,
  levelSquare,
  MEAN_SHAPE,
  type Point,
  referenceGeometry,
} from 'mien/faces';
import { describe, expect, it } from 'vitest';
import { flat, invertAffine, meanDifference, moved, pictureOf } from './pictures.js';

/** The mean shape in a picture of 400 × 400, a little turned and not quite symmetric. */
const FACE: Point[] = moved([0.98, -0.2, 205, 0.2, 0.98, 195], MEAN_SHAPE).map(({ x, y }, i) => ({
  x: x + Math.sin(i),
  y: y + Math.cos(2 * i),
}));
const PICTURE = pictureOf(400, 400);
const TURNING = ['bilinear', 'similarity', 'five-point', 'portrait'] as const satisfies readonly Alignment[];

describe.each(TURNING)('alignment %s', (align) => {
  const recipe = { align, size: 64, margin: 0 };
  const crop = cropFace(PICTURE, { landmarks: flat(FACE) }, recipe);

  it('gives the same crop of a copy that is turned, scaled and shifted', () => {
    const turn = fc.double({ min: -3.1, max: 3.1, noNaN: true });
    const scale = fc.double({ min: 0.8, max: 1.2, noNaN: true });
    const shift = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(turn, scale, shift, shift, (angle, by, x, y) => {
        const [cos, sin] = [by * Math.cos(angle), by * Math.sin(angle)];
        // About the middle of the face, so that the face stays in the copy.
        const toCopy: Affine = [
          cos,
          -sin,
          260 + x - (cos - sin) * 200,
          sin,
          cos,
          260 + y - (sin + cos) * 200,
        ];
        const copy = pictureOf(520, 520, invertAffine(toCopy));
        const same = cropFace(copy, { landmarks: flat(moved(toCopy, FACE)) }, recipe);
        expect(meanDifference(same, crop)).toBeLessThan(0.7);
      }),
      { numRuns: 12 },
    );
  });

  it('with a margin shows more about the same middle', () => {
    const wide = cropFace(PICTURE, { landmarks: flat(FACE) }, { ...recipe, size: 128, margin: 1 });
    const inner = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };
    for (let row = 0; row < 64; row++)
      inner.data.set(
        wide.data.subarray(((row + 32) * 128 + 32) * 3, ((row + 32) * 128 + 96) * 3),
        row * 64 * 3,
      );
    expect(meanDifference(inner, crop)).toBeLessThan(0.7);
  });
});

describe('alignment similarity', () => {
  it('frames the mean shape as OpenFace does: 0.7 pixels a millimetre, its mean in the middle', () => {
    // A face drawn at 0.7 pixels a millimetre about (56, 56) is already aligned: its crop is the picture itself.
    const aligned = MEAN_SHAPE.map(({ x, y }) => ({ x: 0.7 * x + 56, y: 0.7 * y + 56 }));
    const picture = pictureOf(112, 112);
    const crop = cropFace(
      picture,
      { landmarks: flat(aligned) },
      { align: 'similarity', size: 112, margin: 0 },
    );
    expect(meanDifference(crop, picture)).toBeLessThan(0.05);
  });
});

describe('alignment five-point', () => {
  it("leaves a face alone that lies on ArcFace's template", () => {
    const picture = pictureOf(112, 112);
    const recipe = { align: 'five-point', size: 112, margin: 0 } as const;
    const crop = cropFace(picture, { landmarks: flat(FIVE_POINT_TEMPLATE) }, recipe);
    expect(meanDifference(crop, picture)).toBeLessThan(0.05);
  });

  it('takes the middle of the six points of an eye', () => {
    const [left, right, nose] = fivePoints(flat(MEAN_SHAPE));
    expect(left?.x).toBeCloseTo(-(right?.x ?? 0), 9);
    expect(nose).toEqual(MEAN_SHAPE[30]);
  });
});

describe('alignment portrait', () => {
  it('puts eyes and mouth to where it says', () => {
    const points = [42, 50, 78, 50, 51, 89, 69, 89]; // eyes, corners of the mouth
    const recipe = { align: 'portrait', size: 100, margin: 0 } as const;
    const crop = cropFace(pictureOf(120, 120), { landmarks: points }, recipe);
    expect(meanDifference(crop, pictureOf(100, 100, [1, 0, 10, 0, 1, 10]))).toBeLessThan(0.05);
  });
});

describe('alignment bilinear', () => {
  it('puts the eyes level, and the middle of eyes and mouth into the middle', () => {
    const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
    fc.assert(
      fc.property(angle, (turn) => {
        const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
        const points = fourPoints(flat(moved([cos, -sin, 50, sin, cos, 70], FACE)));
        const { toPicture, side } = levelSquare(points);
        const inSquare = moved(invertAffine(toPicture), [
          points.leftEye,
          points.rightEye,
          points.leftMouth,
          points.rightMouth,
        ]) as [Point, Point, Point, Point];
        expect(inSquare[0].y).toBeCloseTo(inSquare[1].y, 9);
        expect(inSquare[0].x).toBeLessThan(inSquare[1].x);
        const middle = inSquare.reduce((sum, { x, y }) => ({ x: sum.x + x / 4, y: sum.y + y / 4 }), {
          x: 0,
          y: 0,
        });
        expect(middle.x).toBeCloseTo(0.5, 9);
        expect(middle.y).toBeCloseTo(0.5, 9);
        expect(side).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the reference geometry', () => {
  it('turns nothing where the eyes are level', () => {
    const points = fourPoints([40, 50, 80, 50, 60, 70, 45, 90, 75, 90]);
    const geometry = referenceGeometry(points, { width: 161, height: 120 });
    expect(geometry).toMatchObject({
      angleDegrees: 0,
      rotatedCanvas: { width: 161, height: 120 },
      mappingCanvas: { width: 161, height: 120 },
      mapped: points,
      square: [20, 30, 100, 110],
      crop: [20, 30, 100, 110],
      toPicture: [1, 0, 20, 0, 1, 30],
    });
  });

  it('rounds bounds to the even pixel, as Python does', () => {
    // Eyes 4.5 about 10.5, mouth 5 below: the square is ±9 about (10.5, 12.5).
    const points = fourPoints([6, 10, 15, 10, 6, 15, 15, 15]);
    expect(referenceGeometry(points, { width: 30, height: 30 })).toMatchObject({
      square: [1.5, 3.5, 19.5, 21.5],
      crop: [2, 4, 20, 22],
    });
  });
});

describe('alignment box', () => {
  const box = { x: -3, y: 5, width: 10, height: 20 };

  it('of natural size is the box, black outside the picture', () => {
    const crop = cropFace(PICTURE, { box }, { align: 'box', size: 'natural', margin: 0 });
    expect(crop).toMatchObject({ width: 10, height: 20 });
    expect([...crop.data.subarray(0, 9)]).toEqual(new Array(9).fill(0));
    expect([...crop.data.subarray(9, 12)]).toEqual([...PICTURE.data.subarray(5 * 1200, 5 * 1200 + 3)]);
  });

  it('of a given size is a square about its middle', () => {
    const crop = cropFace(PICTURE, { box: { ...box, x: 195 } }, { align: 'box', size: 20, margin: 0 });
    expect(meanDifference(crop, pictureOf(20, 20, [1, 0, 190, 0, 1, 5]))).toBeLessThan(0.05);
  });

  it('takes that of the landmarks where there is none', () => {
    const recipe = { align: 'box', size: 'natural', margin: 0 } as const;
    expect(cropFace(PICTURE, { landmarks: [10, 10, 30, 10, 10, 50, 30, 50] }, recipe)).toMatchObject({
      width: 20,
      height: 40,
    });
  });
});

describe('a face of which no crop can be made', () => {
  const five = flat(FIVE_POINT_TEMPLATE);
  it.each<
    [
      string,
      Alignment,
      { landmarks?: number[]; box?: { x: number; y: number; width: number; height: number } },
    ]
  >([
    ['no landmarks', 'bilinear', {}],
    ['no box and no landmarks', 'box', {}],
    ['7 landmark coordinates', 'bilinear', { landmarks: [1, 2, 3, 4, 5, 6, 7] }],
    ['landmarks that are no finite numbers', 'bilinear', { landmarks: [...five.slice(1), Number.NaN] }],
    ['landmarks that all lie in one place', 'bilinear', { landmarks: new Array(8).fill(5) }],
    ['landmarks that all lie in one place', 'reference', { landmarks: new Array(8).fill(5) }],
    ['landmarks that all lie in one place', 'similarity', { landmarks: new Array(136).fill(5) }],
    ['landmarks that all lie in one place', 'five-point', { landmarks: new Array(10).fill(5) }],
    ['5 landmarks, where alignment similarity needs 68', 'similarity', { landmarks: five }],
    ['4 landmarks, without the tip of the nose', 'five-point', { landmarks: five.slice(2) }],
    ['a box of 0 × 5 pixels', 'box', { box: { x: 0, y: 0, width: 0, height: 5 } }],
    ['a face of 2000000 pixels', 'bilinear', { landmarks: [0, 0, 1e6, 0, 0, 9, 1e6, 9] }],
  ])('says: %s (%s)', (message, align, face) => {
    const size = align === 'similarity' || align === 'five-point' ? 112 : 'natural';
    const attempt = () => cropFace(PICTURE, face, { align, size, margin: 0 });
    expect(attempt).toThrow(FaceGeometryError);
    expect(attempt).toThrow(message);
  });
});

it('alignments are known by these names', () => {
  expect(ALIGNMENTS).toEqual(['reference', 'bilinear', 'similarity', 'five-point', 'portrait', 'box']);
});
