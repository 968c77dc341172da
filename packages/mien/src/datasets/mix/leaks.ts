// What is on two sides of a split makes scores too good: a person, a clip, or the same picture.

import type { FaceTable } from '../face-table.js';
import type { Manifest } from '../manifest.js';

export interface LeakSide {
  split: string;
  /** Row of the table. */
  row: number;
}

export interface Leak {
  kind: 'subject' | 'clip' | 'picture';
  /** The name of the subject or clip, or the path of the picture. */
  name: string;
  /** Undefined for pictures: two data sets may share one. */
  dataset?: string | undefined;
  sides: [LeakSide, LeakSide];
}

/** Each subject or clip of a data set that is on more than one side, once. */
function leaksOf(kind: 'subject' | 'clip', faces: FaceTable): Leak[] {
  const column = faces[kind];
  const first = new Map<string, LeakSide>();
  const leaks = new Map<string, Leak>();
  const keys = new Map<number, string>();
  for (let row = 0; row < faces.length; row++) {
    const name = column.get(row);
    const split = faces.split.get(row);
    if (name === undefined || split === undefined) continue;
    const dataset = faces.dataset.get(row) ?? '';
    const code = (faces.dataset.code(row) ?? 0) * 0x1_0000_0000 + (column.code(row) ?? 0);
    const key = keys.get(code) ?? `${dataset}\0${name}`;
    keys.set(code, key);
    const side = first.get(key);
    if (side === undefined) first.set(key, { split, row });
    else if (side.split !== split && !leaks.has(key))
      leaks.set(key, { kind, name, dataset, sides: [side, { split, row }] });
  }
  return [...leaks.values()];
}

/** Pictures on more than one side. Those outside training are remembered, training is only looked through. */
function pictureLeaks({ faces, roots }: Pick<Manifest, 'faces' | 'roots'>): Leak[] {
  const nameOf = (row: number): string => {
    const root = roots.get(faces.dataset.get(row) ?? '') ?? '';
    const image = faces.image.get(row);
    return image === undefined
      ? `${root}/${faces.video.get(row)}, frame ${faces.frame.get(row)}`
      : `${root}/${image}`;
  };
  const first = new Map<string, LeakSide>();
  const leaks = new Map<string, Leak>();
  for (const training of [false, true])
    for (let row = 0; row < faces.length; row++) {
      const split = faces.split.get(row);
      if (split === undefined || (split === 'train') !== training) continue;
      const name = nameOf(row);
      const side = first.get(name);
      if (side === undefined) {
        if (!training) first.set(name, { split, row });
      } else if (side.split !== split && !leaks.has(name))
        leaks.set(name, { kind: 'picture', name, sides: [side, { split, row }] });
    }
  return [...leaks.values()];
}

/** Everything that is on two sides of the split: subjects and clips of one data set, and pictures. */
export function findLeaks(manifest: Pick<Manifest, 'faces' | 'roots'>): Leak[] {
  const { faces } = manifest;
  return [...leaksOf('subject', faces), ...leaksOf('clip', faces), ...pictureLeaks(manifest)];
}
