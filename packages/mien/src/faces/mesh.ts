// Landmarks by MediaPipe's Face Mesh: 468 vertices of a face in a square about it. The square of a new face comes from a
// detector's box, upright and rough; the vertices give a better one, with the eyes level, and so on until it stays.

import type { RgbImage } from '../images/index.js';
import type { Detection } from './boxes.js';
import { type Affine, applyAffine, type Box, type Point } from './geometry.js';
import { EYE_CORNERS, MESH_POINTS } from './mesh-points.js';
import { type FaceModel, outputOf, toPlanes } from './model-input.js';
import { warp } from './warp.js';

/** A square of the picture, turned. */
export interface Region {
  /** Middle. */
  x: number;
  y: number;
  side: number;
  /** Radians, clockwise as seen. */
  angle: number;
}

/** A face whose landmarks were found. */
export interface MeshFace {
  /** 68 points (iBUG 300-W), flat, in picture pixels. */
  landmarks: number[];
  /** Bounds of all vertices: forehead to chin. */
  box: Box;
  /** Where to look for the face in the next frame. */
  region: Region;
  /** How sure the network is that there is a face in its square, 0 … 1. */
  presence: number;
}

/** Side of the network's input. */
const SIZE = 192;
const VERTICES = 468;
/** Faces that the network looks at together: more are no faster, and take 6 MB each. */
const LARGEST_BATCH = 8;
/** Side of the square against the longer side of what it is about. */
const AROUND_BOX = 1.4;
/** How far below the middle of a detector's box the face's square lies in the median, in sides of the box. */
const BELOW_BOX = 0.06;
const AROUND_MESH = 1.5;
const MOST_PASSES = 4;
/** A square that moves less than this share of its side, and turns less than so many radians, has settled. */
const SETTLED = 0.015;
/** Where the network is less sure of a face that a detector saw, the face may lie on its side: these angles are tried. */
const SURE = 0.95;
const TURNS = [-Math.PI / 3, Math.PI / 3];

const levelOf = (left: Point, right: Point) => Math.atan2(right.y - left.y, right.x - left.x);

/** The square about a detector's box; upright unless the detector also saw the eyes. */
export function regionOfDetection({ box, landmarks }: Pick<Detection, 'box' | 'landmarks'>): Region {
  const [leftX = 0, leftY = 0, rightX = 1, rightY = 0] = landmarks ?? [];
  const side = Math.max(box.width, box.height);
  const angle = levelOf({ x: leftX, y: leftY }, { x: rightX, y: rightY });
  return {
    x: box.x + box.width / 2 - Math.sin(angle) * BELOW_BOX * side,
    y: box.y + box.height / 2 + Math.cos(angle) * BELOW_BOX * side,
    side: side * AROUND_BOX,
    angle,
  };
}

/** From a square picture of `size` pixels to the region. */
export function regionMap({ x, y, side, angle }: Region, size: number): Affine {
  const [cos, sin] = [(Math.cos(angle) * side) / size, (Math.sin(angle) * side) / size];
  return [cos, -sin, x - ((cos - sin) * size) / 2, sin, cos, y - ((sin + cos) * size) / 2];
}

function boundsOf(points: readonly Point[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The square about the vertices in which the eyes are level. */
function regionOfMesh(vertices: readonly Point[]): Region {
  const [left, right] = EYE_CORNERS.map((i) => vertices[i]) as [Point, Point];
  const angle = levelOf(left, right);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const level = boundsOf(vertices.map((point) => applyAffine([cos, sin, 0, -sin, cos, 0], point)));
  const middle = { x: level.x + level.width / 2, y: level.y + level.height / 2 };
  const { x, y } = applyAffine([cos, -sin, 0, sin, cos, 0], middle);
  return { x, y, side: Math.max(level.width, level.height) * AROUND_MESH, angle };
}

const landmarksOf = (vertices: readonly Point[]): number[] =>
  MESH_POINTS.flatMap((indices) => {
    const [x, y] = (['x', 'y'] as const).map((axis) =>
      indices.reduce((sum, i) => sum + (vertices[i] as Point)[axis] / indices.length, 0),
    );
    return [x as number, y as number];
  });

function settled(before: Region, after: Region): boolean {
  const moved = Math.hypot(after.x - before.x, after.y - before.y) + Math.abs(after.side - before.side);
  return moved < SETTLED * before.side && Math.abs(after.angle - before.angle) < SETTLED;
}

export interface LandmarkFinder {
  /** Landmarks of faces that a detector saw, one for each detection. */
  find(picture: RgbImage, detections: readonly Pick<Detection, 'box' | 'landmarks'>[]): Promise<MeshFace[]>;
  /** Landmarks of faces that were seen in the frame before, one for each region: a single pass. */
  follow(picture: RgbImage, regions: readonly Region[]): Promise<MeshFace[]>;
}

/** @param model `picture` [batch, 3, 192, 192], 0 … 1 → `mesh` [batch, 1404] (x, y, z in input pixels), `presence` [batch, 1] */
export function createLandmarkFinder(model: FaceModel): LandmarkFinder {
  async function follow(picture: RgbImage, regions: readonly Region[]): Promise<MeshFace[]> {
    const faces: MeshFace[] = [];
    for (let start = 0; start < regions.length; start += LARGEST_BATCH)
      faces.push(...(await look(picture, regions.slice(start, start + LARGEST_BATCH))));
    return faces;
  }

  async function look(picture: RgbImage, regions: readonly Region[]): Promise<MeshFace[]> {
    const maps = regions.map((region) => regionMap(region, SIZE));
    const squares = maps.map((map) => warp(picture, map, { width: SIZE, height: SIZE }, 'quick'));
    const outputs = await model.run({ picture: toPlanes(squares, { mean: [0, 0, 0], scale: 1 / 255 }) });
    const [mesh, presence] = [outputOf(outputs, 'mesh'), outputOf(outputs, 'presence')];
    return maps.map((map, n) => {
      const vertices = Array.from({ length: VERTICES }, (_, i) => {
        const at = (n * VERTICES + i) * 3;
        return applyAffine(map, { x: mesh[at] as number, y: mesh[at + 1] as number });
      });
      return {
        landmarks: landmarksOf(vertices),
        box: boundsOf(vertices),
        region: regionOfMesh(vertices),
        presence: presence[n] as number,
      };
    });
  }

  /** Pass after pass from rough squares, until each has settled. */
  async function settle(picture: RgbImage, start: readonly Region[]): Promise<MeshFace[]> {
    const regions = [...start];
    const faces: MeshFace[] = [];
    let open = regions.map((_, i) => i);
    for (let pass = 0; pass < MOST_PASSES && open.length > 0; pass++) {
      const found = await follow(
        picture,
        open.map((i) => regions[i] as Region),
      );
      open = open.filter((i, k) => {
        const [before, face] = [regions[i] as Region, found[k] as MeshFace];
        [faces[i], regions[i]] = [face, face.region];
        return !settled(before, face.region);
      });
    }
    return faces;
  }

  const find: LandmarkFinder['find'] = async (picture, detections) => {
    const start = detections.map(regionOfDetection);
    const faces = await settle(picture, start);
    for (const turn of TURNS) {
      const unsure = faces.flatMap(({ presence }, i) => (presence < SURE ? [i] : []));
      const turned = unsure
        .map((i) => start[i] as Region)
        .map((one) => ({ ...one, angle: one.angle + turn }));
      (await settle(picture, turned)).forEach((face, k) => {
        const i = unsure[k] as number;
        if (face.presence > (faces[i] as MeshFace).presence) faces[i] = face;
      });
    }
    return faces;
  };

  return { find, follow };
}
