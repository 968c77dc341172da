// Marks on the picture: a frame about each face, and where there are several, what is read of the others in a few words.

import { type Box, intersection } from '../faces/index.js';
import type { FaceReading } from '../reading/index.js';
import { GROUND, TEXT, YELLOW } from './palette.js';
import type { Style } from './style.js';
import type { Surface } from './surface.js';
import { share, signed } from './words.js';

/** Thickness of frames, ems, and the least in pixels. */
const MAIN = { share: 0.2, least: 2 };
const OTHER = { share: 0.12, least: 1.5 };
/** How much of what lies behind a label is hidden. */
const VEIL = 0.72;

const LINE = 1.25;
const INSET = 0.35;

/** Draws the frames of all faces and, of several, their labels. @param box of a face in the surface's pixels */
export function drawFaceMarks(
  surface: Surface,
  style: Style,
  faces: readonly FaceReading[],
  main: FaceReading | undefined,
  boxOf: (face: FaceReading) => Box,
): void {
  const area = (face: FaceReading) => face.box.width * face.box.height;
  const others = faces.filter((face) => face !== main).sort((one, other) => area(other) - area(one));
  for (const face of [...others].reverse()) drawFrame(surface, boxOf(face), style.em, OTHER, TEXT);
  if (main) drawFrame(surface, boxOf(main), style.em, MAIN, YELLOW);
  if (faces.length < 2) return;
  const taken: Box[] = [];
  for (const face of main ? [main, ...others] : others) {
    const place = findPlace(surface, style, boxOf(face), wordings(face, face === main), taken);
    if (!place) continue;
    taken.push(place.area);
    drawLabel(surface, style, place);
  }
}

function drawFrame(
  surface: Surface,
  box: Box,
  em: number,
  { share, least }: typeof MAIN,
  colour: typeof TEXT,
) {
  const thickness = Math.round(Math.max(least, share * em));
  const [x, y] = [Math.round(box.x), Math.round(box.y)];
  const [width, height] = [Math.round(box.width), Math.round(box.height)];
  // A dark edge on both sides, so that it shows on light ground too.
  const dark = { x: x - 1, y: y - 1, width: width + 2, height: height + 2 };
  surface.frame(dark, thickness + 2, GROUND, 0.6);
  surface.frame({ x, y, width, height }, thickness, colour);
}

/** Lines of text about a face, from the fullest to the shortest. */
function wordings(face: FaceReading, isMain: boolean): string[][] {
  const number = `#${face.face}`;
  const sure = `${number}  ${share(face.score)}`;
  if (isMain) return [[sure], [number]];
  const { expression, valence, arousal, actionUnits } = face;
  const present = Object.entries(actionUnits ?? {}).flatMap(([unit, reading]) =>
    reading.present ? unit : [],
  );
  const lines = [
    ...(expression ? [expression.label] : []),
    ...(valence !== undefined && arousal !== undefined ? [`V ${signed(valence)}  A ${signed(arousal)}`] : []),
  ];
  if (lines.length === 0 && present.length > 0) lines.push(present.join(' '));
  const [first, ...rest] = lines;
  return [[sure, ...lines], ...(first && rest.length > 0 ? [[sure, first]] : []), [sure], [number]];
}

interface LabelPlace {
  lines: readonly string[];
  area: Box;
}

/** Longest label, ems. */
const LONGEST = 13;

/** Above the face, below it or at its upper edge, within the picture and not on another label. */
function findPlace(
  surface: Surface,
  { em, text }: Style,
  box: Box,
  wordings: readonly (readonly string[])[],
  taken: readonly Box[],
): LabelPlace | undefined {
  const pictureWidth = surface.right - surface.left;
  const most = Math.min(LONGEST * em, pictureWidth) - 2 * INSET * em;
  for (const wording of wordings) {
    const lines = wording.map((line) => text.elided(line, most));
    const width = Math.ceil(Math.max(...lines.map((line) => text.width(line))) + 2 * INSET * em);
    const height = Math.ceil((LINE * lines.length + 0.3) * em);
    const x = Math.round(Math.max(surface.left, Math.min(box.x, surface.right - width)));
    const gap = Math.ceil(0.15 * em);
    for (const top of [box.y - height - gap, box.y + box.height + gap, box.y + gap]) {
      const area = { x, y: Math.round(top), width, height };
      const fits = area.y >= surface.top && area.y + height <= surface.bottom;
      if (fits && taken.every((other) => intersection(other, area) === 0)) return { lines, area };
    }
  }
  return undefined;
}

function drawLabel(surface: Surface, { em, text, bold }: Style, { lines, area }: LabelPlace): void {
  surface.rectangle(area, GROUND, VEIL);
  lines.forEach((line, i) => {
    const letters = i === 0 && lines.length > 1 ? bold : text;
    letters.draw(surface, line, area.x + INSET * em, area.y + (LINE * i + 1.05) * em, TEXT);
  });
}
