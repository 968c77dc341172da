import type { RgbImage } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { makeReadings } from '../support/readings.js';
import {
  annotatorOf,
  differences,
  drawnOnce,
  faceReading,
  frameReading,
  GREY,
  pixel,
  places,
  plainPicture,
  type Rgb,
  same,
} from './annotated.js';

describe('the picture', () => {
  it('is shown as it is where there is no face', () => {
    const picture = plainPicture(640, 360);
    for (let i = 0; i < picture.data.length; i++) picture.data[i] = (i * 31) % 251;
    const drawn = drawnOnce(frameReading([], { picture }));
    const shown = places(picture, (x, y) => same(pixel(drawn, x, y), pixel(picture, x, y)));
    expect(shown.length).toBe(640 * 360);
  });

  it('changes only at the edge of a lone face, and the frame that was given not at all', () => {
    const face = faceReading({});
    const frame = frameReading([face]);
    const drawn = drawnOnce(frame);
    const { x, y, width, height } = face.box;
    const changed = places({ width: 640, height: 360 }, (px, py) => !same(pixel(drawn, px, py), GREY));
    expect(changed.length).toBeGreaterThan(2 * (width + height));
    for (const { x: px, y: py } of changed) {
      const fromEdge = Math.min(
        Math.abs(px + 0.5 - x),
        Math.abs(px + 0.5 - x - width),
        Math.abs(py + 0.5 - y),
        Math.abs(py + 0.5 - y - height),
      );
      expect(fromEdge).toBeLessThan(5);
    }
    expect(frame.picture?.data.every((value) => value === GREY[0])).toBe(true);
  });

  it('keeps to itself what reaches over its edges', () => {
    const over = { x: 500, y: -80, width: 400, height: 700 };
    const faces = [faceReading({ face: 0, box: over }), faceReading({ face: 1 })];
    const within = [faceReading({ face: 0, box: { ...over, x: 100 } }), faceReading({ face: 1 })];
    const changed = differences(drawnOnce(frameReading(faces)), drawnOnce(frameReading(within)));
    expect(changed.length).toBeGreaterThan(0);
    expect(Math.max(...changed.map(({ x }) => x))).toBeLessThan(640);
  });

  it('leaves the ground above and below alone where it is small', () => {
    const huge = faceReading({ box: { x: 20, y: -100, width: 80, height: 400 } }, 160, 120);
    const drawn = drawnOnce(frameReading([huge], {}, 160, 120));
    expect(drawn.height).toBeGreaterThan(300);
    const top = Math.floor((drawn.height - 120) / 2);
    const ground = pixel(drawn, 0, 0);
    const isGround = (y: number) => y < top || y >= top + 120;
    const spoilt = places(drawn, (x, y) => x < 160 && isGround(y) && !same(pixel(drawn, x, y), ground));
    expect(spoilt).toEqual([]);
    expect(pixel(drawn, 20, top + 60)).not.toEqual(GREY);
  });

  it('of another size is scaled, and the faces with it', () => {
    const small = faceReading({ box: { x: 100, y: 40, width: 60, height: 80 } }, 320, 180);
    const large = faceReading({ box: { x: 200, y: 80, width: 120, height: 160 } });
    const scaled = annotatorOf().draw(frameReading([small], {}, 320, 180));
    const changed = differences(scaled, drawnOnce(frameReading([large])));
    expect(changed.filter(({ x, y }) => x > 4 && x < 636 && y > 4 && y < 356)).toEqual([]);
  });
});

describe('several faces', () => {
  const YELLOW: Rgb = [240, 228, 66];
  const boxes = [
    { x: 60, y: 120, width: 100, height: 100 },
    { x: 400, y: 120, width: 100, height: 100 },
  ];
  const faceOf = (face: number, size = 1) => {
    const { x, y, width, height } = boxes[face] as (typeof boxes)[number];
    return faceReading({ face, box: { x, y, width: width * size, height: height * size } });
  };
  /** Numbers of the faces whose frame is the main one's. */
  const mainOf = (drawn: RgbImage) =>
    [0, 1].filter((face) => {
      const { x, y } = boxes[face] as (typeof boxes)[number];
      return same(pixel(drawn, x, y + 50), YELLOW);
    });

  it('have one that the panel is about: the largest, until another is clearly larger for a while', () => {
    const annotator = annotatorOf();
    const at = (time: number, ...faces: ReturnType<typeof faceReading>[]) =>
      mainOf(annotator.draw(frameReading(faces, { time })));
    expect(at(0, faceOf(0, 1.1), faceOf(1))).toEqual([0]);
    expect(at(0.5, faceOf(0), faceOf(1, 1.1))).toEqual([0]);
    expect(at(1, faceOf(0), faceOf(1, 1.5))).toEqual([0]);
    expect(at(1.8, faceOf(0), faceOf(1, 1.5))).toEqual([0]);
    expect(at(2.1, faceOf(0), faceOf(1, 1.5))).toEqual([1]);
    expect(at(2.2, faceOf(0))).toEqual([]);
    expect(at(2.9, faceOf(0), faceOf(1))).toEqual([1]);
    expect(at(3.5, faceOf(0))).toEqual([]);
    expect(at(4, faceOf(0))).toEqual([0]);
  });

  it('in pictures are led by the largest of each', () => {
    const annotator = annotatorOf();
    const of = (...faces: ReturnType<typeof faceReading>[]) =>
      mainOf(annotator.draw(frameReading(faces, { time: undefined })));
    expect(of(faceOf(0, 1.1), faceOf(1))).toEqual([0]);
    expect(of(faceOf(0), faceOf(1, 1.1))).toEqual([1]);
  });

  it('have labels that do not cover one another', () => {
    const box = (i: number) => ({ x: 100 + 12 * i, y: 150 + 3 * i, width: 60, height: 60 });
    const labelled = (count: number) => {
      const expression = { label: 'surprise', probabilities: {} };
      const faces = Array.from({ length: count }, (_, face) =>
        faceReading({ face, box: box(face), expression }),
      );
      return drawnOnce(frameReading(faces));
    };
    const reds = (drawn: RgbImage, from: number, to: number) =>
      places({ width: 640, height: 360 }, (x, y) => {
        const [red] = pixel(drawn, x, y);
        return red >= from && red <= to;
      }).length;
    // What lies behind a label keeps 28 % of its difference to the ground; behind two, 8 %.
    const [once, twice] = [0.28, 0.28 ** 2].map((kept) => Math.round(18 + kept * (120 - 18))) as [
      number,
      number,
    ];
    const [two, three] = [labelled(2), labelled(3)];
    expect(reds(three, once - 1, once + 1)).toBeGreaterThan(reds(two, once - 1, once + 1) + 200);
    expect(reds(three, twice - 1, twice + 1)).toBe(0);
  });
});

describe('an annotator', () => {
  const picture = plainPicture(640, 360);
  const readings = (seed: number, source = 'made.mp4') =>
    makeReadings({ seed, source, frames: 30, rate: 10, faces: 2, gaps: 0.2, without: [[20, 25]] }).map(
      (frame) => ({
        ...frame,
        picture,
      }),
    );
  const allOf = (annotator: ReturnType<typeof annotatorOf>, frames: ReturnType<typeof readings>) =>
    Buffer.concat(frames.map((frame) => annotator.draw(frame).data));

  it('draws the same of the same frames, whatever another one draws meanwhile', () => {
    const [one, other] = [annotatorOf(), annotatorOf({ schema: ABAW1 })];
    const alone = allOf(annotatorOf(), readings(1));
    const others = readings(2);
    const meanwhile = Buffer.concat(
      readings(1).map((frame, i) => {
        other.draw(others[i] as typeof frame);
        return one.draw(frame).data;
      }),
    );
    expect(meanwhile.equals(alone)).toBe(true);
  });

  it('begins anew with another source', () => {
    const annotator = annotatorOf();
    allOf(annotator, readings(1, 'first.mp4'));
    // Its time goes on from the first one's, and its largest face has another number.
    const second = readings(2, 'second.mp4').map((frame) => ({
      ...frame,
      time: (frame.time as number) + 3,
      faces: frame.faces.map((face) => ({ ...face, face: 1 - face.face })).reverse(),
    }));
    expect(allOf(annotator, second).equals(allOf(annotatorOf(), second))).toBe(true);
  });

  it('draws into the same memory again', () => {
    const annotator = annotatorOf();
    const [first, second] = readings(1);
    expect(annotator.draw(first as NonNullable<typeof first>).data).toBe(
      annotator.draw(second as NonNullable<typeof second>).data,
    );
  });

  it('refuses frames without a picture, and sizes that are none', () => {
    expect(() => annotatorOf().draw({ ...frameReading([]), picture: undefined as never })).toThrow(TypeError);
    expect(() => annotatorOf({ width: 0 })).toThrow('0 × 360');
  });
});
