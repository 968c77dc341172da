// From a face in a picture to its crop: which square (or box) of the picture, turned and scaled how.

import type { RgbImage } from '../images/index.js';
import {
  type Affine,
  type Box,
  composeAffine,
  FaceGeometryError,
  invertAffine,
  midpoint,
  type Size,
} from './geometry.js';
import { fivePoints, fourPoints, landmarkPoints } from './landmarks.js';
import { levelSquare, referenceGeometry } from './level-eyes.js';
import {
  FIVE_POINT_SIZE,
  FIVE_POINT_TEMPLATE,
  MEAN_SHAPE,
  RIGID_POINTS,
  SIMILARITY_SCALE,
  SIMILARITY_SIZE,
} from './mean-shape.js';
import { leastSquaresSimilarity, rmsSimilarity } from './similarity.js';
import { warp } from './warp.js';

/**
 * - `reference`: eyes level, square about eyes and mouth, to the pixel as the reference system
 * - `bilinear`: the same square without the reference's half pixel, interpolated
 * - `similarity`: 68 points onto a mean shape, framed as OpenFace frames
 * - `five-point`: five points onto ArcFace's template
 * - `portrait`: eyes at 40 % of the height, mouth at 79 %, by least squares: as FER+ and other sets' own crops are framed
 * - `box`: the face's box, not turned
 */
export const ALIGNMENTS = ['reference', 'bilinear', 'similarity', 'five-point', 'portrait', 'box'] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

export interface CropRecipe {
  align: Alignment;
  /** Side in pixels, or `natural`: as many as the square has in the picture (not for similarity and five-point). */
  size: number | 'natural';
  /** Share by which the field of view is wider than the alignment's own; 0 leaves it. */
  margin: number;
}

/** What is known of a face. */
export interface Face {
  box?: Box | undefined;
  /** 68, 5 or 4 points, flat: x0, y0, x1, y1, … */
  landmarks?: readonly number[] | undefined;
}

/** Larger natural crops come from wild landmarks. */
const LARGEST_SIDE = 16_384;

const checkedSide = (side: number): number => {
  if (!(side <= LARGEST_SIDE)) throw new FaceGeometryError(`a face of ${Math.round(side)} pixels`);
  return Math.max(1, Math.round(side));
};

function landmarksOf({ landmarks }: Face, align: Alignment): readonly number[] {
  if (landmarks === undefined) throw new FaceGeometryError(`no landmarks, which alignment ${align} needs`);
  return landmarks;
}

/** The recipe's field of view scaled about the middle of the unit square, then mapped on. */
const widened = (toPicture: Affine, margin: number): Affine =>
  composeAffine(toPicture, [1 + margin, 0, -margin / 2, 0, 1 + margin, -margin / 2]);

/** From the unit square to the picture, where 68 landmarks are laid onto the mean shape. */
function similaritySquare(landmarks: readonly number[]): Affine {
  const points = landmarkPoints(landmarks);
  if (points.length !== 68)
    throw new FaceGeometryError(`${points.length} landmarks, where alignment similarity needs 68`);
  const rigid = <T>(all: readonly T[]) => RIGID_POINTS.map((index) => all[index] as T);
  const [a, b, , d, e] = rmsSimilarity(rigid(points), rigid(MEAN_SHAPE));
  const n = points.length;
  const middle = points.reduce((sum, { x, y }) => ({ x: sum.x + x / n, y: sum.y + y / n }), { x: 0, y: 0 });
  // OpenFace puts its model's translation in the middle of the crop: but for the face's expression the points' mean.
  const toShape: Affine = [a, b, -(a * middle.x + b * middle.y), d, e, -(d * middle.x + e * middle.y)];
  const unit = SIMILARITY_SCALE / SIMILARITY_SIZE;
  return invertAffine(composeAffine([unit, 0, 0.5, 0, unit, 0.5], toShape));
}

function fivePointSquare(landmarks: readonly number[]): Affine {
  const toTemplate = leastSquaresSimilarity(fivePoints(landmarks), FIVE_POINT_TEMPLATE);
  const unit = 1 / FIVE_POINT_SIZE;
  return invertAffine(composeAffine([unit, 0, 0, 0, unit, 0], toTemplate));
}

/** Centres of the eyes and of the mouth in the unit square: about where FER+ and LFW have them. */
const PORTRAIT = [
  { x: 0.32, y: 0.4 },
  { x: 0.68, y: 0.4 },
  { x: 0.5, y: 0.79 },
];

function portraitSquare(landmarks: readonly number[]): Affine {
  const { leftEye, rightEye, leftMouth, rightMouth } = fourPoints(landmarks);
  return invertAffine(leastSquaresSimilarity([leftEye, rightEye, midpoint(leftMouth, rightMouth)], PORTRAIT));
}

/** The box, or that of the landmarks. */
function boxOf(face: Face): Box {
  if (face.box !== undefined) {
    const { x, y, width, height } = face.box;
    if (![x, y].every(Number.isFinite) || !(width > 0) || !(height > 0))
      throw new FaceGeometryError(`a box of ${width} × ${height} pixels`);
    return face.box;
  }
  if (face.landmarks === undefined) throw new FaceGeometryError('no box and no landmarks');
  const points = landmarkPoints(face.landmarks);
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return boxOf({ box: { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y } });
}

/** Whole-pixel box of natural size, from the crop's pixels to the picture's. */
function naturalBox(face: Face, margin: number): { size: Size; toPicture: Affine } {
  const box = boxOf(face);
  const [growX, growY] = [(box.width * margin) / 2, (box.height * margin) / 2];
  const [left, top] = [Math.round(box.x - growX), Math.round(box.y - growY)];
  const width = checkedSide(Math.round(box.x + box.width + growX) - left);
  const height = checkedSide(Math.round(box.y + box.height + growY) - top);
  return { size: { width, height }, toPicture: [1, 0, left, 0, 1, top] };
}

/** A square about the box's middle as wide as its longer side: from the unit square to the picture. */
function boxSquare(face: Face): Affine {
  const { x, y, width, height } = boxOf(face);
  const side = Math.max(width, height);
  return [side, 0, x + width / 2 - side / 2, 0, side, y + height / 2 - side / 2];
}

const scaled = (unitToPicture: Affine, size: number): Affine =>
  composeAffine(unitToPicture, [1 / size, 0, 0, 0, 1 / size, 0]);

const square = (side: number): Size => ({ width: side, height: side });

function referenceCrop(picture: RgbImage, face: Face, { size, margin }: CropRecipe): RgbImage {
  const points = fourPoints(landmarksOf(face, 'reference'));
  const { crop, toPicture } = referenceGeometry(points, picture, margin);
  const natural = { width: checkedSide(crop[2] - crop[0]), height: checkedSide(crop[3] - crop[1]) };
  const image = warp(picture, toPicture, natural, 'nearest');
  if (size === 'natural') return image;
  return warp(image, [natural.width / size, 0, 0, 0, natural.height / size, 0], square(size), 'bilinear');
}

const SQUARES = { similarity: similaritySquare, 'five-point': fivePointSquare, portrait: portraitSquare };

/** From the unit square to the picture, and the square's own side in pixels. */
function unitSquare(
  face: Face,
  { align, margin }: CropRecipe & { align: Exclude<Alignment, 'reference'> },
): { toPicture: Affine; side: number } {
  if (align === 'bilinear') return levelSquare(fourPoints(landmarksOf(face, align)), margin);
  const toPicture = align === 'box' ? boxSquare(face) : SQUARES[align](landmarksOf(face, align));
  const wide = widened(toPicture, margin);
  return { toPicture: wide, side: Math.hypot(wide[0], wide[3]) };
}

/**
 * Cuts one face out of a picture.
 * @throws FaceGeometryError when the face lacks what the alignment needs, or no crop can be made of it
 */
export function cropFace(picture: RgbImage, face: Face, recipe: CropRecipe): RgbImage {
  const { align, size, margin } = recipe;
  if (align === 'reference') return referenceCrop(picture, face, recipe);
  if (align === 'box' && size === 'natural') {
    const box = naturalBox(face, margin);
    return warp(picture, box.toPicture, box.size, 'nearest');
  }
  const { toPicture, side } = unitSquare(face, { ...recipe, align });
  if (size !== 'natural') return warp(picture, scaled(toPicture, size), square(size), 'bilinear');
  // One picture pixel per crop pixel, about the same centre: a side rounded to whole pixels must not scale the face.
  const pixels = checkedSide(side);
  const unscaled = widened(toPicture, pixels / side - 1);
  return warp(picture, scaled(unscaled, pixels), square(pixels), 'bilinear');
}
