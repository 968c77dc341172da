// Pictures on the page of a reading: each face with what is read of it, and valence and arousal of all in one plane.

import { escapeHtml, paragraph } from '../page.js';
import { counted } from '../tables.js';
import { dataUri } from './face-picture.js';
import { figuresHtml, fixed } from './figures-html.js';
import type { GalleryFace, GalleryFigures } from './gallery.js';
import type { PageData } from './page-data.js';

type Labels = Omit<PageData, 'videos'>;

/** Names of files are long: the last part is enough, the whole of it is shown on pointing at it. */
export const baseName = (source: string): string => source.split(/[\\/]/).at(-1) ?? source;

/** The likeliest ones, by their probability. */
function expressionBars({ reading: { expression } }: GalleryFace, labels: Labels['expressions']): string {
  if (expression === undefined) return '';
  const bars = labels
    .map(({ name, colour }) => ({ name, colour, value: expression.probabilities[name] ?? 0 }))
    .sort((one, other) => other.value - one.value)
    .slice(0, 3)
    .map(
      ({ name, colour, value }) =>
        `<li><span>${escapeHtml(name)}</span><b><i style="width:${(100 * value).toFixed(0)}%;background:${colour}"></i></b><span>${fixed(value)}</span></li>`,
    );
  return `<ul class="bars">${bars.join('')}</ul>`;
}

function unitWords({ reading: { actionUnits } }: GalleryFace): string {
  if (actionUnits === undefined) return '';
  const present = Object.entries(actionUnits)
    .filter(([, unit]) => unit.present)
    .map(([name]) => name);
  return `<p>${present.length === 0 ? 'no action unit' : present.join(' ')}</p>`;
}

function affectWords({ reading: { valence, arousal } }: GalleryFace): string {
  if (valence === undefined || arousal === undefined) return '';
  return `<p>valence ${fixed(valence)}<br>arousal ${fixed(arousal)}</p>`;
}

async function faceHtml(face: GalleryFace, labels: Labels): Promise<string> {
  const { source, reading, picture } = face;
  const name = `${baseName(source)}${reading.face === 0 ? '' : ` (face ${reading.face})`}`;
  const image =
    picture === undefined
      ? ''
      : `<img alt="face ${reading.face} of ${escapeHtml(baseName(source))}" src="${await dataUri(picture)}">`;
  return `<li title="${escapeHtml(source)}">${image}<h4>${escapeHtml(name)}</h4>${expressionBars(face, labels.expressions)}${affectWords(face)}${unitWords(face)}</li>`;
}

/** Each face a point: valence to the right, arousal up. */
export function affectPlane(points: GalleryFigures['points']): string {
  const [side, edge] = [300, 34];
  const x = (value: number) => edge + ((value + 1) / 2) * side;
  const y = (value: number) => 10 + ((1 - value) / 2) * side;
  const at = (value: number) => value.toFixed(1);
  const dots = points
    .map(([valence, arousal]) => `<circle cx="${at(x(valence))}" cy="${at(y(arousal))}" r="3.5"/>`)
    .join('');
  const ticks = [-1, 0, 1].map((value) => {
    const words = String(value).replace('-', '−');
    return `<text x="${x(value)}" y="${side + 26}" text-anchor="middle">${words}</text><text x="${edge - 7}" y="${y(value) + 4}" text-anchor="end">${words}</text>`;
  });
  return `<svg role="img" aria-label="Valence and arousal of ${points.length} faces" width="${side + edge + 20}" height="${side + 50}" font-size="12" fill="#444">
<rect x="${edge}" y="10" width="${side}" height="${side}" fill="#fafafa" stroke="#ccc"/>
<path d="M${x(0)} 10v${side}M${edge} ${y(0)}h${side}" stroke="#ccc"/>
<g fill="#0072b2" fill-opacity=".55" stroke="#fff" stroke-width=".6">${dots}</g>${ticks.join('')}
<text x="${x(0)}" y="${side + 44}" text-anchor="middle">valence: unpleasant to pleasant</text>
<text transform="translate(11 ${y(0)}) rotate(-90)" text-anchor="middle">arousal: calm to excited</text></svg>`;
}

export async function galleryHtml(gallery: GalleryFigures, labels: Labels): Promise<string[]> {
  const { pictures, faces, without, withoutNames, shown, figures, points } = gallery;
  const cards: string[] = [];
  for (const face of shown) cards.push(await faceHtml(face, labels));
  const more = without - withoutNames.length;
  return [
    paragraph(
      `${counted(pictures, 'picture')}, ${counted(faces, 'face')}${without === 0 ? '' : `; no face was found in ${counted(without, 'picture')}`}.`,
    ),
    faces === 0 ? '' : figuresHtml(figures, labels, 'faces'),
    points.length === 0 ? '' : `<figure>${affectPlane(points)}</figure>`,
    cards.length < faces ? paragraph(`The first ${cards.length} faces; all of them are in the table.`) : '',
    cards.length === 0 ? '' : `<ul class="gallery">${cards.join('\n')}</ul>`,
    without === 0
      ? ''
      : `<details><summary>Pictures without a face</summary><ul>${withoutNames.map((name) => `<li>${escapeHtml(name)}</li>`).join('')}</ul>${more > 0 ? paragraph(`and ${more} more.`) : ''}</details>`,
  ].filter((part) => part !== '');
}
