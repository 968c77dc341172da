// A contact sheet: what the action units, expressions, people and poses of the demo set look like.

import {
  type DrawnUnit,
  drawFace,
  drawIdentity,
  type FaceDrawing,
  intensitiesOf,
} from '../../drawing/index.js';
import { decodeRgb, encodePng } from '../../images/index.js';
import { ABAW1, unitName } from '../../labels/index.js';
import { Random } from '../../random/index.js';
import { expressiveFace } from './behaviour.js';
import { affectOf } from './labels.js';
import { lettering } from './letters.js';
import { renderShot } from './render.js';
import { planStills, type Shot } from './stills.js';

const COLUMNS = 8;
const MARGIN = 20;
const GAP = 4;
/** Height of words above a row, and of a section's title. */
const WORDS = 18;
const TITLE = 34;

interface Cell {
  /** A whole SVG element, with a side of `cell`. */
  svg: string;
  words?: string | undefined;
}

interface Section {
  title: string;
  rows: readonly (readonly Cell[])[];
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2)}`;

/** @param cell pixels of a face's side */
export async function drawSheet({ seed, cell }: { seed: number; cell: number }): Promise<Uint8Array> {
  let made = 0;
  const face = (drawing: FaceDrawing, words?: string): Cell => ({
    svg: drawFace(drawing, { size: cell, prefix: `s${made++}-` }),
    words,
  });
  const person = (number: number) => drawIdentity(Random.keyed(seed, number));
  const light = (number: number) => ({ from: Math.sin(number * 2.4), contrast: 0.4 });
  const sections = [
    actionUnits(face, person),
    expressions(face, person, seed),
    people(face, person, light),
    poses(face, person),
    await pictures(seed, cell),
  ];
  const { svg, width, height } = layOut(sections, cell);
  const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path d="M0 0H${width}V${height}H0Z" fill="#ffffff"/>${svg}</svg>`;
  return encodePng(await decodeRgb(Buffer.from(sheet)), { colours: 256 });
}

type MakeFace = (drawing: FaceDrawing, words?: string) => Cell;
type Person = (number: number) => FaceDrawing['identity'];

function actionUnits(face: MakeFace, person: Person): Section {
  const levels = [0, 0.33, 0.66, 1];
  const row = (units: readonly string[], number: number) =>
    units.flatMap((unit) =>
      levels.map((level, i) =>
        face(
          { identity: person(number), actions: { units: { [unit as DrawnUnit]: level } } },
          i === 0 ? `${unit} ${unitName(unit) ?? ''}` : undefined,
        ),
      ),
    );
  const units = ABAW1.actionUnits;
  return {
    title: 'Action units at 0, 0.33, 0.66 and 1',
    rows: [0, 2, 4, 6].map((at, i) => row(units.slice(at, at + 2), [4, 8, 28, 14][i] as number)),
  };
}

function expressions(face: MakeFace, person: Person, seed: number): Section {
  return {
    title: 'Expressions',
    rows: [6, 11, 10].map((number, row) =>
      ABAW1.expressions.map((name, i) => {
        const random = Random.keyed(seed, 100 + row, i);
        const { units, flush } =
          name === 'neutral' ? { units: intensitiesOf(), flush: 0 } : expressiveFace(random, name);
        const { valence, arousal } = affectOf(units, flush);
        const words = row === 0 ? name : undefined;
        return face(
          { identity: person(number), actions: { units, flush, pupil: 0.5 + arousal / 2 } },
          words ?? `V${signed(valence)} A${signed(arousal)}`,
        );
      }),
    ),
  };
}

function people(
  face: MakeFace,
  person: Person,
  light: (number: number) => FaceDrawing['light'] & object,
): Section {
  return {
    title: 'People',
    rows: [0, 1, 2].map((row) =>
      Array.from({ length: COLUMNS }, (_, i) => {
        const number = 200 + row * COLUMNS + i;
        return face({ identity: person(number), light: light(number) });
      }),
    ),
  };
}

function poses(face: MakeFace, person: Person): Section {
  const turned = (pose: NonNullable<FaceDrawing['pose']>, words: string) =>
    face({ identity: person(207), pose }, words);
  return {
    title: 'Head poses',
    rows: [
      [
        ...[-25, -12, 12, 25].map((yaw) => turned({ yaw }, `yaw ${yaw}`)),
        ...[-15, 15].map((pitch) => turned({ pitch }, `pitch ${pitch}`)),
        ...[-12, 12].map((roll) => turned({ roll }, `roll ${roll}`)),
      ],
    ],
  };
}

/** Pictures as the set has them: with pose, light, background and camera. */
async function pictures(seed: number, cell: number): Promise<Section> {
  const shots: Shot[] = [];
  for (const shot of planStills(seed, 'full', 600))
    if (shots.length < 2 * COLUMNS && /(0|3|6)\.jpg$/.test(shot.image)) shots.push(shot);
  const cells = await Promise.all(
    shots.map(async (shot): Promise<Cell> => {
      const bytes = Buffer.from(await renderShot(shot, cell)).toString('base64');
      return {
        svg: `<svg width="${cell}" height="${cell}"><image width="${cell}" height="${cell}" href="data:image/jpeg;base64,${bytes}"/></svg>`,
      };
    }),
  );
  return { title: 'Pictures of the set', rows: [cells.slice(0, COLUMNS), cells.slice(COLUMNS)] };
}

function layOut(sections: readonly Section[], cell: number): { svg: string; width: number; height: number } {
  const parts: string[] = [];
  let y = MARGIN / 2;
  for (const { title, rows } of sections) {
    y += TITLE;
    parts.push(lettering(title, MARGIN, y - 10, 11, '#15181b'));
    for (const row of rows) {
      if (row.some(({ words }) => words !== undefined)) y += WORDS;
      row.forEach(({ svg, words }, i) => {
        const x = MARGIN + i * (cell + GAP);
        if (words !== undefined) parts.push(lettering(words, x + 1, y - 5, 7));
        parts.push(svg.replace('<svg ', `<svg x="${x}" y="${y}" `));
      });
      y += cell + GAP;
    }
  }
  return { svg: parts.join(''), width: 2 * MARGIN + COLUMNS * (cell + GAP) - GAP, height: y + MARGIN - GAP };
}
