// What is read of pictures, which have no time: figures of all, and the first some hundreds themselves.

import type { RgbImage } from '../../images/index.js';
import type { LabelSchema } from '../../labels/index.js';
import type { FaceReading, FrameReading } from '../../reading/index.js';
import { facePicture } from './face-picture.js';
import { createTally, type FaceFigures } from './tally.js';

/** Faces that are shown. */
const MOST_SHOWN = 300;
/** Points of valence and arousal; of more, every other one is left out. */
const MOST_POINTS = 2000;

export interface GalleryFace {
  source: string;
  /** Left out where pictures are not kept. */
  reading: Omit<FaceReading, 'landmarks'>;
  picture: RgbImage | undefined;
}

export interface GalleryFigures {
  pictures: number;
  faces: number;
  /** Pictures in which no face was found, and the first of their names. */
  without: number;
  withoutNames: readonly string[];
  shown: readonly GalleryFace[];
  figures: FaceFigures;
  /** Valence and arousal, of all or of evenly many faces. */
  points: readonly (readonly [valence: number, arousal: number])[];
}

export interface Gallery {
  add(frame: FrameReading): void;
  figures(): GalleryFigures | undefined;
}

export function createGallery(schema: LabelSchema, { thumbnails }: { thumbnails: boolean }): Gallery {
  const tally = createTally(0, schema);
  const shown: GalleryFace[] = [];
  const withoutNames: string[] = [];
  let points: [number, number][] = [];
  let [pictures, faces, without, affective, step] = [0, 0, 0, 0, 1];

  function addPoint(valence: number, arousal: number) {
    if (affective++ % step !== 0) return;
    points.push([valence, arousal]);
    if (points.length < MOST_POINTS) return;
    points = points.filter((_, k) => k % 2 === 0);
    step *= 2;
  }

  return {
    add({ source, faces: found, picture }) {
      pictures++;
      if (found.length === 0) {
        without++;
        if (withoutNames.length < MOST_SHOWN) withoutNames.push(source);
      }
      for (const face of found) {
        tally.add(face, { ordinal: 2 * faces, time: Number.NaN, length: 1 });
        faces++;
        if (face.valence !== undefined && face.arousal !== undefined) addPoint(face.valence, face.arousal);
        if (shown.length === MOST_SHOWN) continue;
        const { landmarks, ...reading } = face;
        shown.push({ source, reading, picture: thumbnails ? facePicture(picture, face) : undefined });
      }
    },
    figures: () =>
      pictures === 0
        ? undefined
        : { pictures, faces, without, withoutNames, shown, figures: tally.figures(), points },
  };
}
