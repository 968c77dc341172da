// `--report`: what was read of videos and pictures, on one page that stands alone. Without its script the timelines are there
// too, as pictures of the whole.

import { escapeHtml, htmlPage, paragraph } from '../page.js';
import { counted, percent } from '../tables.js';
import { encodeVideo, type PlacedKeyFrame } from './encode.js';
import { dataUri } from './face-picture.js';
import { figuresHtml, presenceWords } from './figures-html.js';
import { baseName, galleryHtml } from './gallery-html.js';
import { pageLabels } from './labels.js';
import { modelCards, type ReportedModel } from './model-cards.js';
import { notes } from './notes.js';
import { type PageData, type PageVideo, videoOf } from './page-data.js';
import { pageScript } from './script.js';
import { shortFaces } from './short-faces.js';
import { STYLE } from './style.js';
import type { ReadingSummary, VideoFigures } from './summary.js';
import { clock } from './time-words.js';
import { KEY_SIDE } from './timeline-layout.js';
import { timelineSvg } from './timeline-svg.js';

export interface ReadingPageOptions {
  title: string;
  /** What was read, as it was named. */
  source: string;
  models: readonly ReportedModel[];
  /** What was typed, for the page's end. */
  commands?: readonly string[];
  /** What did not stop the reading, such as a video that breaks off. */
  problems?: readonly string[];
}

/** Seconds below which a face has no timeline of its own. */
const SHORT = 1;
/** Faces of a video with a timeline. */
const MOST_TIMELINES = 12;
/** Key frames of a face, and of the page. */
const KEYS_OF_FACE = 12;
const KEYS_OF_PAGE = 40;
/** Of all values, before base64. */
const MOST_BYTES = 1_000_000;
/** Of timelines without the script: pixels, cells at most, and signs of all of them together. */
const STATIC_WIDTH = 1070;
const STATIC_COLUMNS = 440;
const MOST_STATIC = 400_000;

interface VideoPart {
  video: VideoFigures;
  page: PageVideo;
  /** Of those with a timeline, as many as tracks. */
  shown: VideoFigures['faces'];
  others: VideoFigures['faces'];
}

/** The longest seen ones: of a very short video the first of them. */
function shownFaces({ faces }: VideoFigures): VideoFigures['faces'] {
  const long = faces.filter(({ seen }) => seen >= SHORT).slice(0, MOST_TIMELINES);
  return long.length > 0 ? long : faces.slice(0, 1);
}

/** The page's share of key frames for each face that is shown: the strongest of all. */
function keyFramesOf(
  videos: readonly { video: VideoFigures; shown: VideoFigures['faces'] }[],
): Map<number, PlacedKeyFrame[]>[] {
  const all = videos.flatMap(({ video, shown }, v) =>
    shown.flatMap(({ face }) =>
      video
        .keyFrames(face, KEYS_OF_FACE)
        .map((frame, k) => ({ v, face, frame, id: `key-${v}-${face}-${k}` })),
    ),
  );
  const kept = new Set(
    all.toSorted((one, other) => other.frame.strength - one.frame.strength).slice(0, KEYS_OF_PAGE),
  );
  return videos.map(({ shown }, v) => {
    const ofFace = (face: number) => all.filter((one) => kept.has(one) && one.v === v && one.face === face);
    return new Map(shown.map(({ face }) => [face, ofFace(face)]));
  });
}

async function keyPictures(keys: readonly ReadonlyMap<number, readonly PlacedKeyFrame[]>[]): Promise<string> {
  const images: string[] = [];
  for (const { id, frame } of keys.flatMap((one) => [...one.values()].flat()))
    images.push(
      `<image id="${id}" width="${KEY_SIDE}" height="${KEY_SIDE}" href="${await dataUri(frame.picture)}"/>`,
    );
  return images.length === 0
    ? ''
    : `<svg class="skip" aria-hidden="true" width="0" height="0"><defs>${images.join('\n')}</defs></svg>`;
}

function legend({ expressions, units }: PageData): string {
  const entries = expressions.map(
    ({ name, colour }) => `<span><i style="background:${colour}"></i>${escapeHtml(name)}</span>`,
  );
  if (units.length > 0)
    entries.push(
      '<span><i style="background:#f3c9a8"></i>probability of an action unit</span>',
      '<span><i style="background:#b34700"></i>the same, where it counts as present</span>',
    );
  entries.push('<span><i style="background:#e4e4e4"></i>face not seen</span>');
  return `<div class="key">${entries.join('')}</div>`;
}

function tools(index: number): string {
  return `<div class="tools" data-video="${index}" role="toolbar" aria-label="Part of the time that is shown">
<button type="button" value="wider" aria-label="show more time">−</button><button type="button" value="closer" aria-label="show less time">+</button><button type="button" value="whole">Whole</button>
<span class="span" aria-live="polite"></span>
<span class="hint">Drag to move; Ctrl + wheel (after a click the wheel alone), pinch, + and − to zoom; arrow keys read frame by frame, 0 shows the whole.</span></div>`;
}

/** Each video's timelines as they are without the script: coarser where there is much to draw. */
function staticTimelines(data: PageData): string[][] {
  const videos = data.videos.map(videoOf);
  for (let columns = STATIC_COLUMNS; ; columns /= 2) {
    const drawn = videos.map((video) =>
      video.tracks.map((track) =>
        video.to > video.from
          ? timelineSvg(data, video, track, { view: video, width: STATIC_WIDTH, columns })
          : '',
      ),
    );
    const signs = drawn.flat().reduce((sum, { length }) => sum + length, 0);
    if (signs <= MOST_STATIC || columns < 60) return drawn;
  }
}

const absence = ({ framesWithout, without, from, to }: VideoFigures): string =>
  framesWithout === 0
    ? 'a face in every frame'
    : `no face in ${counted(framesWithout, 'frame')}, ${clock(without, 1)} (${percent(without, to - from)})`;

function videoSection(
  part: VideoPart,
  index: number,
  data: PageData,
  pictures: readonly string[],
  named: boolean,
): string[] {
  const { video, shown, others } = part;
  const whole = video.to - video.from;
  const faces = shown.flatMap((figures, track) => {
    return [
      `<h3>Face ${figures.face}</h3>`,
      `<p class="quiet">${escapeHtml(presenceWords(figures, whole))}</p>`,
      `<figure class="timeline"><div class="drawing" data-video="${index}" data-track="${track}" role="group" aria-label="Timeline of face ${figures.face}">${pictures[track] ?? ''}</div></figure>`,
      figuresHtml(figures, data, 'seconds'),
    ];
  });
  return [
    `<h2 id="video-${index}">${named ? escapeHtml(baseName(video.source)) : 'Timelines'}</h2>`,
    paragraph(
      `${counted(video.frames, 'frame')} over ${clock(whole, 1)}, ${counted(video.faces.length, 'face')}; ${absence(video)}.`,
    ),
    ...(shown.length === 0 ? [] : [tools(index), legend(data)]),
    ...faces,
    ...shortFaces(others, { timelines: shown.length }),
  ];
}

/** What the page opens with. */
function opening(
  videos: readonly VideoFigures[],
  pictures: number,
  models: readonly ReportedModel[],
): string {
  const frames = videos.reduce((sum, video) => sum + video.frames, 0);
  const seconds = videos.reduce((sum, { from, to }) => sum + to - from, 0);
  const faces = videos.reduce((sum, video) => sum + video.faces.length, 0);
  const read = [
    videos.length > 1 ? counted(videos.length, 'video') : '',
    videos.length > 0 ? `${clock(seconds, 1)}, ${counted(frames, 'frame')}, ${counted(faces, 'face')}` : '',
    pictures > 0 ? counted(pictures, 'picture') : '',
  ].filter((words) => words !== '');
  const names = models.map(({ name }) => name).join(', ');
  return `${read.length === 0 ? 'Nothing was read' : `Read: ${read.join('; ')}`}; by ${names}.`;
}

/** @returns HTML with pictures and script inside; nothing else is needed to read it */
export async function readingPage(summary: ReadingSummary, options: ReadingPageOptions): Promise<string> {
  const { title, source, models, commands = [], problems = [] } = options;
  const labels = pageLabels(summary.schema, summary.tasks);
  const videos = summary.videos().map((video) => {
    const shown = shownFaces(video);
    return { video, shown, others: video.faces.filter((face) => !shown.includes(face)) };
  });
  const gallery = summary.pictures();
  const keys = keyFramesOf(videos);
  const budget = MOST_BYTES / Math.max(1, videos.length);
  const parts: VideoPart[] = videos.map((one, v) => {
    const faces = one.shown.map(({ face }) => face);
    return { ...one, page: encodeVideo(one.video, faces, keys[v] ?? new Map(), labels, budget) };
  });
  const data: PageData = { ...labels, videos: parts.map(({ page }) => page) };
  const pictures = staticTimelines(data);
  const sections = parts.flatMap((part, v) =>
    videoSection(part, v, data, pictures[v] ?? [], parts.length > 1),
  );
  const galleryParts = gallery === undefined ? [] : await galleryHtml(gallery, labels);
  return htmlPage(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>`,
      `<p class="quiet">${escapeHtml(source)}</p>`,
      paragraph(
        opening(
          videos.map(({ video }) => video),
          gallery?.pictures ?? 0,
          models,
        ),
      ),
      ...problems.map((words) => `<p class="wrong">${escapeHtml(words)}</p>`),
      `<nav>${[
        ...parts.map(
          ({ video }, v) =>
            `<a href="#video-${v}">${parts.length > 1 ? escapeHtml(baseName(video.source)) : 'Timelines'}</a>`,
        ),
        ...(gallery === undefined ? [] : ['<a href="#pictures">Pictures</a>']),
        '<a href="#models">Models</a>',
        '<a href="#notes">What the numbers mean</a>',
      ].join(' · ')}</nav>`,
      await keyPictures(keys),
      ...sections,
      ...(gallery === undefined ? [] : ['<h2 id="pictures">Pictures</h2>', ...galleryParts]),
      '<h2 id="models">Models</h2>',
      ...modelCards(models),
      '<h2 id="notes">What the numbers mean, and what they do not mean</h2>',
      ...notes(summary.tasks, { videos: videos.length > 0, models: models.length }),
      ...(commands.length === 0
        ? []
        : ['<h2>How it was made</h2>', `<pre>${escapeHtml(commands.join('\n'))}</pre>`]),
      `<script type="application/json" id="reading-data">${JSON.stringify(data).replace(/</g, '\\u003c')}</script>`,
      ...(videos.length === 0 ? [] : [`<script>${await pageScript()}</script>`]),
    ],
    STYLE,
  );
}
