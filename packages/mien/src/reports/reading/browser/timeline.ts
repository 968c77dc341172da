// Makes the timelines of the page move: all faces of a video zoom and pan together, and a line reads out all values at a time.

import { type Cell, cellOf } from '../cells.js';
import { binAt, type PageData, rowAt, rowLayout, type Track, videoOf } from '../page-data.js';
import { clock } from '../time-words.js';
import { type TimelineLayout, timelineLayout } from '../timeline-layout.js';
import { timelineSvg } from '../timeline-svg.js';
import { followReader } from './pointer.js';
import { type SharedView, shareView } from './view.js';

interface Timeline {
  element: HTMLElement;
  cursor: SVGElement;
  said: HTMLElement;
  drawn: HTMLElement;
  track: Track;
}

const number = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(2).replace('-', '−');

/** What is read at one bin: for each row of the timeline, in its order. */
function valuesOf(data: PageData, layout: TimelineLayout, cell: Cell | undefined): string[][] {
  return layout.rows.map(({ kind, unit }) => {
    if (cell === undefined) return kind === 'winners' ? ['not seen'] : [];
    if (kind === 'affect') return [number(cell.valence[0]), number(cell.arousal[0])];
    if (kind === 'winners') return [data.expressions[cell.winner]?.name ?? '–'];
    if (kind === 'stack') return [number(cell.expressions[cell.winner])];
    return [`${number(cell.units[unit])}${(cell.present[unit] ?? 0) >= 0.5 ? ' ✓' : ''}`];
  });
}

const LABEL_HEIGHT = 14;

function cursorSvg(layout: TimelineLayout, x: number, time: string, values: string[][]): string {
  const width = 8 + 7 * time.length;
  const place = Math.min(layout.right - width / 2, Math.max(layout.left + width / 2, x));
  const rows = layout.rows.map(({ kind, y, height }, k) => {
    const lines = values[k] ?? [];
    const first = kind === 'affect' ? y + 45 : y + height / 2 + 4;
    return lines
      .map((words, n) => `<text x="${layout.right + 8}" y="${first + 20 * n}">${words}</text>`)
      .join('');
  });
  return `<path d="M${x} ${layout.top - 4}V${layout.bottom}" stroke="#000" stroke-width="1.2"/>
<rect x="${place - width / 2}" y="${layout.axis - LABEL_HEIGHT}" width="${width}" height="${LABEL_HEIGHT + 4}" rx="3" fill="#222"/>
<text x="${place}" y="${layout.axis - 2}" text-anchor="middle" fill="#fff">${time}</text>${rows.join('')}`;
}

/** The same in one sentence, for those who hear the page. */
function sentence(data: PageData, layout: TimelineLayout, time: string, values: string[][]): string {
  const named = layout.rows.map(({ kind, unit }, k) => {
    const [one, other] = values[k] ?? [];
    if (one === undefined) return '';
    if (kind === 'affect') return `valence ${one}, arousal ${other}`;
    return kind === 'unit' ? `${data.units[unit]?.name} ${one.replace(' ✓', ' present')}` : one;
  });
  return [time, ...named.filter((words) => words !== '')].join(', ');
}

function setUp(data: PageData, index: number): SharedView | undefined {
  const page = data.videos[index];
  if (page === undefined) return undefined;
  const video = videoOf(page);
  const rows = rowLayout(data);
  const timelines: Timeline[] = [];
  const tools = document.querySelector(`.tools[data-video="${index}"]`);
  const span = tools?.querySelector('.span');
  let [waiting, redraw] = [false, true];

  const widthOf = ({ element }: Timeline) => Math.max(320, Math.floor(element.clientWidth));
  const layoutOf = (timeline: Timeline) => timelineLayout(data, timeline.track.keys, widthOf(timeline));

  function drawCursor(timeline: Timeline) {
    const { cursor, view } = shared;
    const layout = layoutOf(timeline);
    timeline.cursor.setAttribute('width', String(layout.width));
    timeline.cursor.setAttribute('height', String(layout.height));
    if (cursor === undefined || cursor < view.from || cursor > view.to) {
      timeline.cursor.innerHTML = '';
      return;
    }
    const bin = binAt(video, cursor);
    const row = rowAt(timeline.track, bin);
    const cell = row === undefined ? undefined : cellOf(video, timeline.track, rows, row, row + 1);
    const values = valuesOf(data, layout, cell);
    const x = layout.left + ((cursor - view.from) / (view.to - view.from)) * (layout.right - layout.left);
    const frames = video.framesPerBin === 1 ? 'frame' : 'from frame';
    const time = `${clock(video.times[bin] ?? 0, 2)} · ${frames} ${video.frames[bin]}`;
    timeline.cursor.innerHTML = cursorSvg(layout, Math.round(x * 10) / 10, time, values);
    if (document.activeElement === timeline.element)
      timeline.said.textContent = sentence(data, layout, time, values);
  }

  function draw() {
    waiting = false;
    const { view } = shared;
    for (const timeline of timelines) {
      if (redraw)
        timeline.drawn.innerHTML = timelineSvg(data, video, timeline.track, {
          view,
          width: widthOf(timeline),
        });
      drawCursor(timeline);
    }
    if (redraw && span != null)
      span.textContent = `${clock(view.from, 1)} to ${clock(view.to, 1)} of ${clock(video.to - video.from, 1)}`;
    redraw = false;
  }

  function schedule(all: boolean) {
    redraw ||= all;
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  const shared = shareView(
    video,
    () => {
      schedule(true);
      remember(data, shared);
    },
    () => schedule(false),
  );

  for (const element of document.querySelectorAll<HTMLElement>(`.drawing[data-video="${index}"]`)) {
    const track = video.tracks[Number(element.dataset.track)];
    if (track === undefined) continue;
    const drawn = document.createElement('div');
    drawn.append(...element.childNodes);
    const cursor = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    cursor.setAttribute('class', 'cursor');
    cursor.setAttribute('font-size', '12');
    const said = document.createElement('div');
    said.className = 'said';
    said.setAttribute('aria-live', 'polite');
    element.append(drawn, cursor, said);
    element.tabIndex = 0;
    const timeline = { element, cursor, said, drawn, track };
    timelines.push(timeline);
    const secondsPerPixel = () => {
      const { left, right } = layoutOf(timeline);
      return (shared.view.to - shared.view.from) / (right - left);
    };
    const timeAt = (clientX: number) => {
      const x = clientX - element.getBoundingClientRect().left - layoutOf(timeline).left;
      return shared.view.from + x * secondsPerPixel();
    };
    followReader({ element, shared, timeAt, secondsPerPixel });
    new ResizeObserver(() => schedule(true)).observe(element);
  }

  const middle = () => shared.cursor ?? (shared.view.from + shared.view.to) / 2;
  const actions: Record<string, () => void> = {
    closer: () => shared.zoom(1 / 1.5, middle()),
    wider: () => shared.zoom(1.5, middle()),
    whole: () => shared.reset(),
  };
  for (const button of tools?.querySelectorAll('button') ?? [])
    button.addEventListener('click', () => actions[button.value]?.());
  return shared;
}

/** So that a link leads to what is looked at; of several videos none is meant. */
function remember(data: PageData, { view, video }: SharedView): void {
  if (data.videos.length !== 1) return;
  const whole = view.from === video.from && view.to === video.to;
  const hash = whole
    ? location.pathname + location.search
    : `#t=${view.from.toFixed(2)}-${view.to.toFixed(2)}`;
  try {
    history.replaceState(null, '', hash);
  } catch {
    // A page in a frame without an address has nothing to remember.
  }
}

/** `#t=3-8`: seconds; a third number is the time that is read out. */
function follow(shared: SharedView): void {
  const [, from, to, , at] = /^#t=([\d.]+)-([\d.]+)(@([\d.]+))?$/.exec(location.hash) ?? [];
  if (from !== undefined && to !== undefined) shared.show(Number(from), Number(to));
  if (at !== undefined) shared.point(Number(at));
}

const source = document.getElementById('reading-data');
if (source !== null) {
  const data: PageData = JSON.parse(source.textContent ?? '');
  const views = data.videos.map((_, index) => setUp(data, index)).filter((one) => one !== undefined);
  document.documentElement.classList.add('live');
  views.forEach(follow);
  addEventListener('hashchange', () => views.forEach(follow));
  document.documentElement.dataset.ready = 'yes';
}
