import fc from 'fast-check';
import {
  type Affine,
  anchorsOf,
  applyAffine,
  createDetector,
  decodeBox,
  type FaceModel,
  type Floats,
  RETINA_FACE,
  RFB_320,
  viewsOf,
} from 'mien/faces';
import { describe, expect, it } from 'vitest';

const INPUT = { width: 320, height: 240 };
const side = fc.integer({ min: 1, max: 5000 });

/** Whether a point of the picture is seen in a view. */
const sees = ([step, , left, , , top]: Affine, x: number, y: number) =>
  x >= left - 1e-6 && x <= left + step * 320 + 1e-6 && y >= top - 1e-6 && y <= top + step * 240 + 1e-6;

describe('views', () => {
  it('begin with the whole picture, undistorted', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const views = viewsOf({ width, height }, INPUT, Number.POSITIVE_INFINITY);
        expect(views).toHaveLength(1);
        const [view] = views as [Affine];
        expect(view[0]).toBe(view[4]);
        for (const [x, y] of [
          [0, 0],
          [width, 0],
          [0, height],
          [width, height],
        ] as const)
          expect(sees(view, x, y)).toBe(true);
      }),
    );
  });

  it('show every face of the smallest size whole, at the scale that is asked for', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 20, max: 400 }),
        fraction,
        fraction,
        (width, height, face, u, v) => {
          const scale = face / 14;
          const [x, y] = [u * Math.max(0, width - face), v * Math.max(0, height - face)];
          const seen = viewsOf({ width, height }, INPUT, scale).filter(
            (view) =>
              sees(view, x, y) &&
              sees(view, Math.min(width, x + face), Math.min(height, y + face)) &&
              view[0] <= scale * 1.001,
          );
          expect(seen.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

/** A network that sees one face, at a place in shares of its input, and else nothing. */
const network = (boxes: readonly (readonly number[])[], scores: readonly number[]): FaceModel => ({
  run: async () =>
    new Map([
      [
        'scores',
        {
          dims: [1, scores.length, 2],
          data: Float32Array.from(scores.flatMap((score) => [1 - score, score])),
        },
      ],
      ['boxes', { dims: [1, boxes.length, 4], data: Float32Array.from(boxes.flat()) }],
    ]),
});

describe('RFB-320', () => {
  const picture = (width: number, height: number) => ({
    width,
    height,
    data: new Uint8Array(width * height * 3),
  });

  it('maps boxes back to the picture, whatever its shape', async () => {
    const detect = createDetector(RFB_320, network([[0.25, 0.5, 0.5, 0.75]], [0.9]));
    // 640 × 480: twice the input. 100 × 480: twice too, with 540 pixels beside it, half of them to the left.
    const [wide] = await detect(picture(640, 480));
    expect(wide).toEqual({ box: { x: 160, y: 240, width: 160, height: 120 }, score: expect.closeTo(0.9) });
    const [narrow] = await detect(picture(100, 480));
    expect(narrow?.box).toEqual({ x: 160 - 270, y: 240, width: 160, height: 120 });
  });

  it('keeps what is sure enough, once', async () => {
    const boxes = [
      [0.2, 0.2, 0.4, 0.4],
      [0.21, 0.2, 0.41, 0.4],
      [0.7, 0.7, 0.9, 0.9],
      [0.5, 0.1, 0.6, 0.2],
    ];
    const model = network(boxes, [0.8, 0.9, 0.7, 0.5]);
    expect((await createDetector(RFB_320, model)(picture(320, 240))).map(({ score }) => score)).toEqual([
      expect.closeTo(0.9),
      expect.closeTo(0.7),
    ]);
    expect(await createDetector(RFB_320, model, { leastScore: 0.4 })(picture(320, 240))).toHaveLength(3);
  });

  it('sees nothing in a picture without pixels', async () => {
    expect(await createDetector(RFB_320, network([[0, 0, 1, 1]], [1]))(picture(0, 0))).toEqual([]);
  });

  it('is given the picture as it is: its means, black outside', async () => {
    let seen = new Float32Array();
    const model: FaceModel = {
      run: async ({ input }) => {
        seen = (input as { data: typeof seen }).data;
        return network([], []).run({});
      },
    };
    // Left half red 200, right half green 100; 960 × 480 leaves a band of 40 rows above and below.
    const wide = picture(960, 480);
    for (let i = 0; i < 960 * 480; i++)
      wide.data[3 * i + (i % 960 < 480 ? 0 : 1)] = i % 960 < 480 ? 200 : 100;
    await createDetector(RFB_320, model)(wide);
    const at = (channel: number, x: number, y: number) =>
      Math.round((seen[(channel * 240 + y) * 320 + x] as number) * 128 + 127);
    expect([0, 1, 2].map((c) => at(c, 80, 120))).toEqual([200, 0, 0]);
    expect([0, 1, 2].map((c) => at(c, 240, 120))).toEqual([0, 100, 0]);
    expect([at(0, 80, 39), at(0, 80, 40), at(0, 80, 199), at(0, 80, 200)]).toEqual([0, 200, 200, 0]);
    expect([at(0, 159, 120), at(0, 160, 120)]).toEqual([200, 0]);
  });

  it('looks at 10,000 × 10,000 pixels in little memory of its own', async () => {
    const large = picture(10_000, 10_000);
    const before = process.memoryUsage().arrayBuffers;
    let [most, looks] = [0, 0];
    const model: FaceModel = {
      run: async () => {
        looks++;
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        return network([], []).run({});
      },
    };
    await createDetector(RFB_320, model, { smallestFace: 400 })(large);
    expect(looks).toBeGreaterThan(1);
    expect(most).toBeLessThan(60e6);
  });
});

describe('RetinaFace', () => {
  it('has two anchors at each place of three grids, centred in the input', () => {
    for (const [stride, sides] of [
      [32, [512, 256]],
      [16, [128, 64]],
      [8, [32, 16]],
    ] as const) {
      const anchors = anchorsOf(stride);
      expect(anchors).toHaveLength(2 * (640 / stride) ** 2);
      expect([...new Set(anchors.map((anchor) => anchor.side))]).toEqual(sides);
      for (const { x, y } of anchors) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x, y)).toBeLessThanOrEqual(640);
      }
    }
    expect(anchorsOf(8)[81]).toEqual({ x: 16, y: 16, side: 32 });
  });

  it('decodes what encoding makes of a box', () => {
    const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 799 }),
        real(0, 600),
        real(0, 600),
        real(5, 300),
        real(5, 300),
        (i, left, top, w, h) => {
          const anchor = anchorsOf(32)[i] as { x: number; y: number; side: number };
          const { x, y, side: s } = anchor;
          const encoded = [
            (left + w / 2 - x) / s,
            (top + h / 2 - y) / s,
            Math.log(w / s),
            Math.log(h / s),
          ] as const;
          const decoded = decodeBox(anchor, encoded);
          [left, top, left + w, top + h].forEach((value, k) => {
            expect(decoded[k]).toBeCloseTo(value, 6);
          });
        },
      ),
    );
  });

  it('reads score, box and points of an anchor from its place in each output', () => {
    const view: Affine = [2, 0, 10, 0, 2, 20];
    const outputs = new Map<string, Floats>(
      [32, 16, 8].flatMap((stride) => {
        const places = (640 / stride) ** 2;
        const of = (channels: number) => ({
          dims: [1, channels, 640 / stride, 640 / stride],
          data: new Float32Array(channels * places),
        });
        return [
          [`face_rpn_cls_prob_reshape_stride${stride}`, of(4)],
          [`face_rpn_bbox_pred_stride${stride}`, of(8)],
          [`face_rpn_landmark_pred_stride${stride}`, of(20)],
        ] as const;
      }),
    );
    // The second anchor of stride 16 (side 64) at row 3, column 5.
    const [places, place] = [1600, 3 * 40 + 5];
    const set = (name: string, channel: number, value: number) => {
      const { data } = outputs.get(`face_rpn_${name}_stride16`) as { data: Float32Array };
      data[channel * places + place] = value;
    };
    set('cls_prob_reshape', 3, 0.75);
    set('bbox_pred', 4, 0.5);
    set('landmark_pred', 10 + 4, 1);
    const [face, ...others] = RETINA_FACE.decode(outputs, view, 0.6);
    expect(others).toEqual([]);
    const [x, y] = [8 + 5 * 16, 8 + 3 * 16];
    const corner = applyAffine(view, { x: x + 32 - 32, y: y - 32 });
    expect(face).toMatchObject({ score: 0.75, box: { ...corner, width: 128, height: 128 } });
    const [eye, nose] = [applyAffine(view, { x, y }), applyAffine(view, { x: x + 64 * 0.2, y })];
    expect(face?.landmarks?.slice(2, 6)).toEqual([eye.x, eye.y, expect.closeTo(nose.x, 5), nose.y]);
  });
});
