import { ABAW1, ABAW3, type Task } from 'mien/labels';
import type { FrameReading } from 'mien/reading';
import { createReadingSummary, readingPage } from 'mien/reports';
import { describe, expect, it } from 'vitest';
import { INFO, pageOf } from '../support/reading-pages.js';
import { makeReadings } from '../support/readings.js';

const withPictures = (frames: readonly FrameReading[]): FrameReading[] =>
  frames.map((frame) => ({
    ...frame,
    picture: {
      width: frame.width,
      height: frame.height,
      data: new Uint8Array(3 * frame.width * frame.height).fill(140),
    },
  }));

/** What the page holds, read by its documented layout alone. */
function embedded({ document }: Awaited<ReturnType<typeof pageOf>>) {
  const data = JSON.parse(document.getElementById('reading-data')?.textContent ?? '');
  const [video] = data.videos;
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const starts = bytes(video.times);
  const times = Array.from({ length: starts.length / 4 }, (_, k) => starts.readFloatLE(4 * k));
  return { data, video, times, rows: (track: number) => bytes(video.tracks[track].rows) };
}

describe('the page of a video', () => {
  it('is one file that fetches nothing', async () => {
    const { html, document } = await pageOf(
      withPictures(makeReadings({ frames: 60, width: 64, height: 48 })),
    );
    const targets = ['src', 'href', 'xlink:href', 'action', 'poster', 'srcset'].flatMap((name) =>
      [...document.querySelectorAll('*')].map((one) => one.getAttribute(name) ?? ''),
    );
    const outside = targets.filter((target) => !/^($|#|data:image\/jpeg;)/.test(target));
    expect(outside).toEqual([]);
    expect(html).not.toMatch(/@import|url\(|fetch\(|XMLHttpRequest|import\(|<link/);
    const addresses = [...html.matchAll(/https?:\/\/[^\s"'<]*/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg']));
    expect(document.querySelectorAll('image').length).toBeGreaterThan(2);
  });

  it('has each timeline as a picture even without its script', async () => {
    const { document } = await pageOf(makeReadings({ frames: 300, faces: 2, gaps: 0.2 }));
    const pictures = [...document.querySelectorAll('.drawing > svg')];
    expect(pictures).toHaveLength(2);
    for (const picture of pictures) {
      const words = [...picture.querySelectorAll('text')].map((one) => one.textContent);
      expect(words).toContain('valence');
      expect(words).toContain('AU12 lip corner puller');
      expect(picture.querySelectorAll('path').length).toBeGreaterThan(40);
      expect(picture.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
      expect(picture.getAttribute('aria-label')).toMatch(/^Timeline of face \d, 0\.0 s to 12\.0 s$/);
    }
  });

  it('holds every value to half of its last step', async () => {
    const frames = makeReadings({ frames: 200, gaps: 0.2 });
    const { video, times, rows } = embedded(await pageOf(frames));
    expect(times).toHaveLength(200);
    for (const [k, time] of times.entries()) expect(time).toBeCloseTo(k / 25, 5);
    const seen = frames.flatMap(({ faces }, bin) => faces.map((face) => ({ bin, face })));
    const bins = video.tracks[0].runs.flatMap(([first, count]: [number, number]) =>
      Array.from({ length: count }, (_, k) => first + k),
    );
    expect(bins).toEqual(seen.map(({ bin }) => bin));
    const bytes = rows(0);
    const width = 6 + 1 + ABAW3.expressions.length + 2 * ABAW3.actionUnits.length;
    expect(bytes).toHaveLength(width * seen.length);
    for (const [k, { face }] of seen.entries()) {
      const at = (offset: number) => bytes[k * width + offset] as number;
      const near = (byte: number, step: number, value = Number.NaN) =>
        expect(Math.abs(byte * step - value)).toBeLessThanOrEqual(step / 2 + 1e-6);
      for (const offset of [0, 1, 2]) near(at(offset), 1 / 127, 1 + (face.valence ?? Number.NaN));
      for (const offset of [3, 4, 5]) near(at(offset), 1 / 127, 1 + (face.arousal ?? Number.NaN));
      expect(ABAW3.expressions[at(6)]).toBe(face.expression?.label);
      for (const [n, name] of ABAW3.expressions.entries())
        near(at(7 + n), 1 / 254, face.expression?.probabilities[name]);
      for (const [n, name] of ABAW3.actionUnits.entries()) {
        const unit = face.actionUnits?.[name];
        near(at(7 + ABAW3.expressions.length + 2 * n), 1 / 254, unit?.probability);
        expect(at(8 + ABAW3.expressions.length + 2 * n)).toBe(unit?.present ? 254 : 0);
      }
    }
  });

  it('tells figures that can be counted by hand', async () => {
    const [first] = makeReadings({ frames: 1 });
    const face = first?.faces[0];
    if (first === undefined || face === undefined) throw new Error('no reading');
    const units = (present: boolean) =>
      Object.fromEntries(
        ABAW3.actionUnits.map((name) => [name, { probability: present ? 0.9 : 0.1, present }]),
      );
    const reading = (frame: number): FrameReading => ({
      ...first,
      frame,
      time: frame / 10,
      // 10 s: happiness for the first 4 s, sadness then, nobody for the last 2 s; units in two stretches of 1 s.
      faces:
        frame >= 80
          ? []
          : [
              {
                ...face,
                valence: frame < 40 ? 0.5 : -0.5,
                arousal: 0,
                expression: {
                  label: frame < 40 ? 'happiness' : 'sadness',
                  probabilities: { happiness: 0.5, sadness: 0.5 },
                },
                actionUnits: units((frame >= 10 && frame < 20) || (frame >= 50 && frame < 60)),
              },
            ],
    });
    const { row, texts } = await pageOf(Array.from({ length: 100 }, (_, frame) => reading(frame)));
    expect(row('Expression shown most clearly', 'happiness')).toEqual(['happiness', '4.0 s', '50.0 %', '']);
    expect(row('Expression shown most clearly', 'sadness')).toEqual(['sadness', '4.0 s', '50.0 %', '']);
    expect(row('Expression shown most clearly', 'fear')).toEqual(['fear', '0.0 s', '0.0 %', '']);
    // Two in 8 seconds are 15 a minute.
    expect(row('Action units', 'AU12 lip corner puller')).toEqual([
      'AU12 lip corner puller',
      '25.0 %',
      '',
      '15.0',
      '1.00 s',
    ]);
    expect(row('Valence and arousal, −1 to 1', 'valence')).toEqual([
      'valence',
      '0.00',
      '0.50',
      '−0.50',
      '0.50',
      '',
    ]);
    expect(texts('p')).toContain('100 frames over 10.0 s, 1 face; no face in 20 frames, 2.0 s (20.0 %).');
  });

  it('folds together faces that were seen for less than a second', async () => {
    const frames = makeReadings({ frames: 100, faces: 3 }).map((frame, k) => ({
      ...frame,
      faces: frame.faces.filter(({ face }) => face === 0 || (face === 1 ? k >= 20 && k < 80 : k < 10)),
    }));
    const { texts, document } = await pageOf(frames);
    expect(texts('h3')).toEqual(['Face 0', 'Face 1']);
    const [more] = [...document.querySelectorAll('details')].filter((one) => one.querySelector('table'));
    expect(more?.querySelector('summary')?.textContent).toBe(
      '1 more face, seen more briefly than the 2 above',
    );
    expect(more?.querySelector('td')?.textContent).toBe('face 2');
  });

  it('takes names for what they are, not for HTML', async () => {
    const name = '</script><img src=x onerror=alert(1)>"&.mp4';
    const { document, texts } = await pageOf(makeReadings({ frames: 30, source: name }), {
      source: name,
      title: name,
      commands: [`mien predict '${name}'`],
      problems: [`${name}: breaks off`],
    });
    expect(document.querySelectorAll('img')).toHaveLength(0);
    expect(texts('h1')).toEqual([name]);
    expect(texts('.wrong')).toEqual([`${name}: breaks off`]);
    expect(texts('pre')).toEqual([`mien predict '${name}'`]);
  });

  it('shows what the model says about itself', async () => {
    const { texts } = await pageOf(makeReadings({ frames: 30 }), {
      models: [{ name: 'small', file: 'models/small.onnx', hash: 'abc123', info: INFO }],
    });
    const [names, values] = [texts('dt'), texts('dd')];
    const card = Object.fromEntries(names.map((name, k) => [name, values[k]]));
    expect(card).toMatchObject({
      file: 'models/small.onnx',
      weights: 'SHA-256 abc123',
      'action units': ABAW3.actionUnits.join(', '),
      'trained on': 'Expressions: drawn-faces; Action units: drawn-faces; Valence and arousal: drawn-faces',
      thresholds: 'AU1 0.40 (tuned on the validation side)',
      licence: 'MIT',
    });
    expect(card.scores).toMatch(/^expressions F1 0\.712, accuracy 75\.0 %:/);
  });

  it.each<[string, readonly Task[], number]>([
    ['valence and arousal alone', ['VA'], 1],
    ['action units alone', ['AU'], ABAW3.actionUnits.length],
    ['expressions alone', ['EXPR'], 2],
  ])('has rows for %s', async (_, tasks, rows) => {
    const { document, html } = await pageOf(makeReadings({ frames: 60, tasks }), { tasks });
    const [picture] = [...document.querySelectorAll('.drawing > svg')];
    expect(picture?.querySelectorAll('rect[fill="#e4e4e4"]')).toHaveLength(rows);
    expect(html).not.toMatch(/d="[^"]*NaN/);
  });

  it('says so where nothing was read, and where no face was found', async () => {
    expect((await pageOf([])).texts('p')).toContain('Nothing was read; by small.');
    const nobody = await pageOf(makeReadings({ frames: 50, without: [[0, 50]] }));
    expect(nobody.texts('p')).toContain(
      '50 frames over 2.0 s, 0 faces; no face in 50 frames, 2.0 s (100.0 %).',
    );
    const [single] = makeReadings({ frames: 1 });
    const one = await pageOf([single as FrameReading]);
    expect(one.texts('.drawing, table').join()).not.toMatch(/NaN|Infinity/);
    expect(one.texts('h3')).toEqual(['Face 0']);
  });

  it('stays small for an hour of video', async () => {
    const pattern = makeReadings({ frames: 500, faces: 2, gaps: 0.2 });
    const hour = function* (): Generator<FrameReading> {
      for (let frame = 0; frame < 90_000; frame++)
        yield { ...(pattern[frame % 500] as FrameReading), frame, time: frame / 25 };
    };
    const page = await pageOf(hour());
    expect(page.html.length).toBeLessThan(2_000_000);
    const { video, times } = embedded(page);
    expect(video.to).toBeCloseTo(3600, 6);
    expect(times.length * video.framesPerBin).toBeGreaterThanOrEqual(90_000);
    expect(times.length).toBeGreaterThan(5000);
  });
});

describe('small pictures', () => {
  const frames = withPictures(makeReadings({ frames: 60, width: 64, height: 48 }));

  it('are left out where none are wanted', async () => {
    const [withThem, without] = [await pageOf(frames), await pageOf(frames, { thumbnails: false })];
    expect(withThem.html).toContain('data:image/');
    expect(without.html).not.toContain('data:image/');
    const stills = frames.map(({ time, ...frame }) => ({ ...frame, time: undefined }));
    expect((await pageOf(stills, { thumbnails: false })).html).not.toContain('data:image/');
  });

  it('are at most 40 in all', async () => {
    const many = withPictures(makeReadings({ frames: 250, faces: 6, width: 64, height: 48 }));
    const { document } = await pageOf(many);
    const shown = document.querySelectorAll('image').length;
    expect(shown).toBeGreaterThan(20);
    expect(shown).toBeLessThanOrEqual(40);
  });
});

describe('the page of pictures', () => {
  it('shows each face and tells how many there are', async () => {
    const stills = withPictures(
      makeReadings({ frames: 12, faces: 2, width: 64, height: 48, without: [[3, 5]] }),
    ).map((frame) => ({ ...frame, source: `photos/${frame.frame}.jpg`, frame: 0, time: undefined }));
    const { texts, document, row } = await pageOf(stills);
    expect(texts('p')).toContain('12 pictures, 20 faces; no face was found in 2 pictures.');
    expect(document.querySelectorAll('.gallery img')).toHaveLength(20);
    expect(texts('.gallery h4').slice(0, 2)).toEqual(['0.jpg', '0.jpg (face 1)']);
    expect(document.querySelectorAll('circle[r="3.5"]')).toHaveLength(20);
    expect(texts('details li')).toEqual(['photos/3.jpg', 'photos/4.jpg']);
    const happy = stills
      .flatMap(({ faces }) => faces)
      .filter(({ expression }) => expression?.label === 'happiness');
    expect(row('Expression shown most clearly', 'happiness')?.[1]).toBe(String(happy.length));
    expect(document.getElementById('video-0')).toBeNull();
  });

  it('shows some hundreds of many and counts all', async () => {
    const [frame] = makeReadings({ frames: 1, schema: ABAW3 });
    const stills = Array.from({ length: 500 }, (_, k) => ({
      ...(frame as FrameReading),
      source: `${k}.jpg`,
      time: undefined,
    }));
    const { texts, document } = await pageOf(stills);
    expect(document.querySelectorAll('.gallery > li')).toHaveLength(300);
    expect(texts('p')).toContain('The first 300 faces; all of them are in the table.');
    expect(texts('p')).toContain('500 pictures, 500 faces.');
  });
});

it('reads other schemas too', async () => {
  const summary = createReadingSummary({ schema: ABAW1, tasks: ['EXPR'] });
  for (const frame of makeReadings({ schema: ABAW1, frames: 40 })) summary.add(frame);
  const html = await readingPage(summary, { title: 'a', source: 'b', models: [] });
  expect(html).not.toContain('other</span>');
});
