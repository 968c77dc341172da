// What models are run on: single faces, or windows of a track's frames that are cut as they come.

import type { ModelledFace } from './stages.js';

/** Frames of one face, and those of them that are wanted; a frame that another window had is not. */
export interface Window {
  faces: readonly ModelledFace[];
  wanted: readonly boolean[];
}

export interface Windower {
  /** Takes the faces of the next frame. @returns windows that are full, and the last ones of tracks that have ended */
  push(faces: readonly ModelledFace[]): Window[];
  /** @returns the last windows of all tracks */
  end(): Window[];
}

interface Track {
  /** The last S faces. */
  faces: ModelledFace[];
  /** How many of them, at the end, no window had yet. */
  open: number;
  /** When it was seen last. */
  seen: number;
}

/**
 * Windows of S frames, one after the other, as in evaluation: the last one of a track ends with it and is laid over earlier
 * frames; a track shorter than S is filled up by repeating its last frame. Short gaps of a track are passed over.
 * @param length S; 1 gives every face by itself
 * @param longestGap frames after which a track that is not seen has ended
 */
export function createWindower(length: number, longestGap: number): Windower {
  const tracks = new Map<number, Track>();
  let frame = -1;

  function lastOf({ faces, open }: Track): Window[] {
    const missing = length - faces.length;
    const last = faces.at(-1) as ModelledFace;
    if (open === 0) return [];
    return [
      {
        faces: [...faces, ...Array<ModelledFace>(missing).fill(last)],
        wanted: Array.from({ length }, (_, i) => i < faces.length && i >= faces.length - open),
      },
    ];
  }

  const whole = Array<boolean>(length).fill(true);
  return {
    push(faces) {
      frame++;
      if (length === 1) return faces.map((face) => ({ faces: [face], wanted: whole }));
      const windows: Window[] = [];
      for (const face of faces) {
        const track = tracks.get(face.face) ?? { faces: [], open: 0, seen: frame };
        tracks.set(face.face, track);
        track.faces.push(face);
        if (track.faces.length > length) track.faces.shift();
        track.open++;
        track.seen = frame;
        if (track.open < length) continue;
        track.open = 0;
        windows.push({ faces: [...track.faces], wanted: whole });
      }
      for (const [number, track] of tracks)
        if (frame - track.seen > longestGap) {
          windows.push(...lastOf(track));
          tracks.delete(number);
        }
      return windows;
    },
    end() {
      const windows = [...tracks.values()].flatMap(lastOf);
      tracks.clear();
      return windows;
    },
  };
}
