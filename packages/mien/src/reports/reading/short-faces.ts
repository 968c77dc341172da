// Faces without a timeline of their own: seen too shortly, or one of very many.

import { htmlTable, paragraph } from '../page.js';
import { counted } from '../tables.js';
import type { FaceFigures } from './tally.js';
import { clock } from './time-words.js';

const MOST_ROWS = 100;

const mostShown = ({ expressions, read }: FaceFigures): string => {
  const [first] = [...expressions].sort(([, one], [, other]) => other - one);
  return first === undefined || read.EXPR === 0 ? '-' : first[0];
};

/** @param timelines how many other faces have one */
export function shortFaces(faces: readonly FaceFigures[], { timelines }: { timelines: number }): string[] {
  if (faces.length === 0) return [];
  const rows = faces
    .slice(0, MOST_ROWS)
    .map((face) => [
      `face ${face.face}`,
      clock(face.from, 1),
      clock(face.to, 1),
      clock(face.seen, 2),
      face.frames,
      mostShown(face),
    ]);
  return [
    `<details><summary>${counted(faces.length, 'more face')}, seen more briefly than the ${timelines === 1 ? 'one' : timelines} above</summary>`,
    htmlTable({ head: ['', 'from', 'to', 'seen for', 'frames', 'mostly'], rows }),
    ...(faces.length > MOST_ROWS ? [paragraph(`The first ${MOST_ROWS} of them.`)] : []),
    '</details>',
  ];
}
