// Which crop each face becomes: its file's name, and the picture or video that it is cut from.

import { isAbsolute, normalize, sep } from 'node:path';
import { DataError } from '../../files/index.js';
import { pathOf } from '../manifest.js';
import type { CropFormat } from './folder.js';
import type { CropInput } from './input.js';
import { withoutExtension } from './sources.js';

/** A picture or video with faces to cut out. */
export interface CropSource {
  file: string;
  video: boolean;
  /** Rows of the input, in its order. */
  rows: number[];
}

export interface CropPlan {
  /** In order of first appearance. */
  sources: CropSource[];
  /** Per row of the input, relative to the folder of crops. */
  paths: string[];
}

/** The organisers of Aff-Wild2 number crops in five digits from 1. */
const LEAST_DIGITS = 5;

/** Clip → digits that its largest frame needs. */
function digitsOfClips({ faces }: CropInput): Map<string, number> {
  const digits = new Map<string, number>();
  for (let row = 0; row < faces.length; row++) {
    const key = clipKey(faces, row);
    const needed = String((faces.frame.get(row) ?? 0) + 1).length;
    digits.set(key, Math.max(digits.get(key) ?? LEAST_DIGITS, needed));
  }
  return digits;
}

const clipKey = (faces: CropInput['faces'], row: number) =>
  `${faces.dataset.get(row) ?? ''}\0${faces.clip.get(row) ?? faces.video.get(row) ?? faces.image.get(row) ?? ''}`;

/** `clip/00001`, or the picture's own path, without extension. */
function stemOf({ faces }: CropInput, row: number, digits: ReadonlyMap<string, number>): string {
  const frame = faces.frame.get(row);
  const video = faces.video.get(row);
  const clip = faces.clip.get(row) ?? (video === undefined ? undefined : withoutExtension(video));
  if (clip === undefined || frame === undefined) return withoutExtension(faces.image.get(row) ?? video ?? '');
  return `${clip}/${String(frame + 1).padStart(digits.get(clipKey(faces, row)) ?? LEAST_DIGITS, '0')}`;
}

/**
 * @param name of the input, for messages
 * @throws DataError when two faces would share a file, or one would lie outside the folder
 */
export function planCrops(input: CropInput, format: CropFormat, name: string): CropPlan {
  const { faces, roots, faceNumbers } = input;
  const digits = digitsOfClips(input);
  const sources = new Map<string, CropSource>();
  const seen = new Map<string, { file: string; count: number }>();
  const taken = new Set<string>();
  const paths: string[] = [];
  for (let row = 0; row < faces.length; row++) {
    const file = pathOf(input, row);
    const stem =
      roots.size > 1 ? `${faces.dataset.get(row)}/${stemOf(input, row, digits)}` : stemOf(input, row, digits);
    const before = seen.get(stem);
    const refuse = (found: string, expected: string) => {
      throw new DataError({ file: name, row: row + 1 }, { found, expected });
    };
    if (before !== undefined && before.file !== file)
      refuse(
        `${file}, whose crop would be ${stem} as that of ${before.file}`,
        'names that differ in more than their extension',
      );
    const number = faceNumbers?.[row] ?? before?.count ?? 0;
    seen.set(stem, { file, count: (before?.count ?? 0) + 1 });
    const path = normalize(`${stem}${number === 0 ? '' : `_${number}`}.${format}`);
    if (isAbsolute(path) || path.split(sep)[0] === '..')
      refuse(`crop ${path}`, 'a path below the folder of crops');
    if (taken.has(path)) refuse(`crop ${path} again`, 'one face with this number in its frame');
    taken.add(path);
    paths.push(path);
    const source = sources.get(file) ?? { file, video: faces.video.get(row) !== undefined, rows: [] };
    source.rows.push(row);
    sources.set(file, source);
  }
  return { sources: [...sources.values()], paths };
}

/** Part `index` of `count` of the work: whole clips (pictures without a clip singly), dealt out in turn. */
export function shardOf(
  { sources, paths }: CropPlan,
  { faces }: CropInput,
  { index, count }: { index: number; count: number },
): CropPlan {
  const order = new Map<string, number>();
  const mine = sources.filter(({ rows: [row = 0] }) => {
    const key = clipKey(faces, row);
    const place = order.get(key) ?? order.size;
    order.set(key, place);
    return place % count === index;
  });
  return { sources: mine, paths };
}
