import fc from 'fast-check';
import { createFaceFinder, createLandmarkFinder, type FaceModel, MESH_POINTS } from 'mien/faces';
import { describe, expect, it } from 'vitest';

const PICTURE = { width: 400, height: 400, data: new Uint8Array(400 * 400 * 3) };

/** A network that always sees the same mesh, whatever is in its square. @param place of each vertex, in input pixels */
function network(place: (vertex: number) => readonly [number, number], presence = 1) {
  const batches: number[] = [];
  const model: FaceModel = {
    run: async ({ picture }) => {
      const [batch = 0] = picture?.dims ?? [];
      batches.push(batch);
      const mesh = Float32Array.from({ length: batch * 1404 }, (_, i) =>
        i % 3 === 2 ? 0 : (place(Math.floor((i % 1404) / 3))[i % 3] as number),
      );
      return new Map([
        ['mesh', { dims: [batch, 1404], data: mesh }],
        ['presence', { dims: [batch, 1], data: new Float32Array(batch).fill(presence) }],
      ]);
    },
  };
  return { model, batches };
}

/** A level mesh in the middle: its eyes' corners left and right, all else on a circle of 64 pixels. */
const level = (vertex: number): readonly [number, number] => {
  if (vertex === 33) return [64, 80];
  if (vertex === 263) return [128, 80];
  return [96 + 64 * Math.cos(vertex), 96 + 64 * Math.sin(vertex)];
};

describe('the 68 points', () => {
  it('are vertices of the mesh, none used twice', () => {
    expect(MESH_POINTS).toHaveLength(68);
    const vertices = MESH_POINTS.flat();
    expect(new Set(vertices).size).toBe(vertices.length);
    for (const vertex of vertices) expect(vertex).toBeLessThan(468);
  });
});

describe('landmarks', () => {
  it('lie in the picture where the network saw them in the square, turned or not', async () => {
    const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const region = fc.record({
      x: real(-50, 450),
      y: real(-50, 450),
      side: real(20, 600),
      angle: real(-3.1, 3.1),
    });
    await fc.assert(
      fc.asyncProperty(region, async (where) => {
        const [face] = await createLandmarkFinder(network(level).model).follow(PICTURE, [where]);
        const { x, y, side, angle } = where;
        MESH_POINTS.forEach((indices, i) => {
          const mean = [0, 1].map((axis) =>
            indices.reduce((sum, vertex) => sum + (level(vertex)[axis] as number) / indices.length, 0),
          );
          const [dx, dy] = mean.map((value) => ((value as number) / 192 - 0.5) * side) as [number, number];
          const expected = [
            x + Math.cos(angle) * dx - Math.sin(angle) * dy,
            y + Math.sin(angle) * dx + Math.cos(angle) * dy,
          ];
          expect(face?.landmarks[2 * i]).toBeCloseTo(expected[0] as number, 2);
          expect(face?.landmarks[2 * i + 1]).toBeCloseTo(expected[1] as number, 2);
        });
        // The mesh is level in its square, and 128 pixels wide: 1.5 times that is the network's whole input.
        const turn = (face?.region.angle as number) - angle;
        expect(Math.cos(turn)).toBeCloseTo(1, 5);
        expect((face?.region.side as number) / side).toBeCloseTo(1, 2);
      }),
      { numRuns: 25 },
    );
  });

  it('of all faces are asked for together, again only for squares that have not settled', async () => {
    const settling = network(level);
    const boxes = [
      { x: 100, y: 100, width: 100, height: 100 },
      { x: 250, y: 250, width: 60, height: 60 },
    ];
    const detections = boxes.map((box) => ({ box, score: 1 }));
    const faces = await createLandmarkFinder(settling.model).find(PICTURE, detections);
    expect(settling.batches).toEqual([2]);
    expect(faces.map(({ region }) => Math.round(region.x))).toEqual([150, 280]);
    const wandering = network((vertex) => [level(vertex)[0] + 20, level(vertex)[1]]);
    await createLandmarkFinder(wandering.model).find(PICTURE, detections);
    expect(wandering.batches).toEqual([2, 2, 2, 2]);
    const none = network(level);
    expect(await createLandmarkFinder(none.model).find(PICTURE, [])).toEqual([]);
    expect(none.batches).toEqual([]);
  });

  it('start from the line of the eyes where the detector saw them', async () => {
    const box = { x: 100, y: 100, width: 100, height: 100 };
    const eyes = [120, 120, 160, 160, 150, 150, 120, 170, 150, 190];
    const [face] = await createLandmarkFinder(network(level).model).find(PICTURE, [{ box, landmarks: eyes }]);
    expect(face?.region.angle).toBeCloseTo(Math.PI / 4, 5);
  });
});

describe('a finder', () => {
  const detections = [0.7, 0.9].map((score, i) => ({
    box: { x: 50 + 150 * i, y: 100, width: 80, height: 80 },
    score,
  }));

  it('gives the surest face first, each with 68 points', async () => {
    const find = createFaceFinder(async () => detections, createLandmarkFinder(network(level, 0.96).model));
    const faces = await find(PICTURE);
    expect(faces.map(({ score }) => score)).toEqual([expect.closeTo(0.9 * 0.96), expect.closeTo(0.7 * 0.96)]);
    for (const { landmarks } of faces) expect(landmarks).toHaveLength(136);
  });

  it('leaves out what the landmark network sees no face in', async () => {
    const find = createFaceFinder(async () => detections, createLandmarkFinder(network(level, 0.05).model));
    expect(await find(PICTURE)).toEqual([]);
  });
});
