import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { decodeRgb, encodePng } from 'mien/images';
import type { Evaluation, MemberEvaluation } from 'mien/judging';
import { ABAW3 } from 'mien/labels';
import { openPacked, packManifest } from 'mien/loading';
import { type EvaluationPageOptions, evaluationPage } from 'mien/reports';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { evaluationOf } from '../support/evaluations.js';
import { manifestOf, picture, writePictures } from '../support/pictures.js';

const OPTIONS: EvaluationPageOptions = {
  title: 'Validation side',
  models: [{ name: 'teacher', file: 'run/teacher/best.safetensors', description: 'compact, 112 px' }],
  commands: ['mien eval run --data full.parquet --html page.html'],
};

const three = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(3).replace('-', '−'));

async function pageOf(evaluation: Evaluation, options: Partial<EvaluationPageOptions> = {}) {
  const html = await evaluationPage(evaluation, { ...OPTIONS, ...options });
  const { document } = parseHTML(html);
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent ?? '');
  /** Rows of the first table behind the heading of a section. */
  const tableIn = (id: string) => {
    let place = document.getElementById(id)?.nextElementSibling;
    while (place && !place.querySelector('table')) place = place.nextElementSibling;
    return [...(place?.querySelectorAll('tr') ?? [])].map((line) =>
      [...line.querySelectorAll('th, td')].map((cell) => cell.textContent ?? ''),
    );
  };
  const figure = (label: string) => document.querySelector(`svg[aria-label^="${label}"]`);
  return { html, document, texts, tableIn, figure };
}

const mainOf = ({ members }: Evaluation) => members.at(-1) as MemberEvaluation;

type Parsed = ReturnType<ReturnType<typeof parseHTML>['document']['querySelector']>;

interface Placed {
  x: number;
  y: number;
  text: string;
}

/** Words of a figure, where they stand. */
const placedWords = (svg: Parsed): Placed[] =>
  [...(svg?.querySelectorAll('text') ?? [])].map((one) => {
    const [, x, y] = one.getAttribute('transform')?.match(/translate\(([\d.]+),([\d.]+)\)/) ?? [];
    return { x: Number(x), y: Number(y), text: one.textContent ?? '' };
  });

describe("an evaluation's page", () => {
  const evaluation = evaluationOf({ faces: 300 });
  let page: Awaited<ReturnType<typeof pageOf>>;
  beforeAll(async () => {
    page = await pageOf(evaluation);
  });

  it('has the sections in order, and a link to each', () => {
    const { document, texts } = page;
    expect(texts('h2')).toEqual([
      'Scores',
      'Who is better',
      'Expressions: ensemble',
      'Action units: ensemble',
      'Valence and arousal: ensemble',
      'Can its probabilities be believed',
      'Does disagreement tell mistakes',
      'Data sets: ensemble',
      'Groups of subjects: ensemble',
      'Worst mistakes: ensemble',
      "Scores of the challenge's editions",
      'All members',
      'How these figures were made',
    ]);
    const links = [...document.querySelectorAll('nav a')].map(
      (one) => one.getAttribute('href')?.slice(1) ?? '',
    );
    expect(links).toEqual([...document.querySelectorAll('h2')].map(({ id }) => id));
    expect(new Set(links).size).toBe(13);
  });

  it('has the scores of the members as the evaluation says', () => {
    const { tableIn } = page;
    const [head, ...rows] = tableIn('scores');
    expect(head).toEqual(['', 'EXPR F1', 'acc.', 'AU F1', 'AU F1*', 'acc.', 'CCC V', 'CCC A', 'mean']);
    const words = (one: { value: number; low?: number; high?: number } | undefined) =>
      one ? `${three(one.value)} ${three(one.low)}–${three(one.high)}` : '-';
    expect(rows).toEqual(
      evaluation.members.map(({ name, EXPR, AU, VA, mean }) => [
        name,
        ...[EXPR?.f1, EXPR?.accuracy, AU?.f1, AU?.f1CrossFitted, AU?.accuracy].map(words),
        ...[VA?.valence.ccc, VA?.arousal.ccc, mean].map(words),
      ]),
    );
  });

  it('draws a dot with its figure for every member and score', () => {
    const { figure } = page;
    const words = placedWords(figure('scores of the members')).map(({ text }) => text);
    for (const { name, EXPR, AU, VA, mean } of evaluation.members)
      expect(words).toEqual(
        expect.arrayContaining([
          name,
          ...[EXPR?.f1, AU?.f1, VA?.valence.ccc, VA?.arousal.ccc, mean].map((one) => three(one?.value)),
        ]),
      );
  });

  it('draws intervals as long as they are, all panels on one scale', () => {
    const { figure } = page;
    const lines = [
      ...(figure('scores of the members')?.querySelectorAll(
        'line[stroke-width], g[stroke-width="2.4"] line',
      ) ?? []),
    ];
    const pixels = lines.map((line) => Number(line.getAttribute('x2')) - Number(line.getAttribute('x1')));
    const lengths = (['EXPR', 'AU'] as const)
      .flatMap((task) => evaluation.members.map((member) => member[task]?.f1))
      .concat(evaluation.members.map(({ VA }) => VA?.valence.ccc))
      .concat(evaluation.members.map(({ VA }) => VA?.arousal.ccc))
      .concat(evaluation.members.map(({ mean }) => mean))
      .map((one) => (one?.high ?? 0) - (one?.low ?? 0));
    expect(pixels).toHaveLength(lengths.length);
    const scale = (pixels[0] ?? 0) / (lengths[0] ?? 1);
    expect(scale).toBeGreaterThan(10);
    pixels.forEach((one, i) => void expect(one / (lengths[i] ?? 1)).toBeCloseTo(scale, -1));
  });

  it.each([['abaw1'], ['abaw3']])('has a row for each class and unit of %s', async (name) => {
    const one = name === 'abaw3' ? evaluationOf({ schema: ABAW3, seed: 4, faces: 300 }) : evaluation;
    const { tableIn } = await pageOf(one);
    const { AU, EXPR } = mainOf(one);
    expect(tableIn('units').slice(1)).toEqual(
      AU?.units.map((unit) => [
        unit.name,
        ...[unit.f1, unit.f1CrossFitted, unit.precision, unit.recall, unit.accuracy].map(three),
        ...[unit.auc, unit.averagePrecision, unit.threshold].map(three),
        String(unit.positives),
        `${((100 * unit.positives) / unit.samples).toFixed(1)} %`,
      ]),
    );
    expect(
      tableIn('units')
        .slice(1)
        .map(([unit]) => unit),
    ).toEqual([...one.schema.actionUnits]);
    expect(
      tableIn('expressions')
        .slice(1)
        .map((row) => row.slice(0, 4)),
    ).toEqual(
      EXPR?.classes.map(({ name, f1, precision, recall }) => [name, ...[f1, precision, recall].map(three)]),
    );
  });

  it('writes into the cells of the confusion matrix how many faces there are', () => {
    const { figure } = page;
    const { confusion = [], classes = [] } = mainOf(evaluation).EXPR ?? {};
    const words = placedWords(figure('confusion matrix'));
    const shares = words.filter(({ text }) => /^\d+ %$/.test(text));
    const places = (of: (one: Placed) => number) => [...new Set(shares.map(of))].sort((a, b) => a - b);
    const [xs, ys] = [places(({ x }) => x), places(({ y }) => y)];
    expect([xs.length, ys.length]).toEqual([7, 7]);
    const at = (x: number | undefined, y: number | undefined, form: RegExp) =>
      words.find((one) => one.x === x && one.y === y && form.test(one.text))?.text;
    for (const [t, row] of confusion.entries())
      for (const [r, count] of row.entries()) {
        const share = Math.round((100 * count) / (classes[t]?.samples ?? 1));
        expect(at(xs[r], ys[t], /^[\d,]+$/)).toBe(count === 0 ? undefined : String(count));
        expect(at(xs[r], ys[t], /%$/)).toBe(count === 0 ? undefined : `${share} %`);
      }
  });

  it('marks the threshold of each unit on its curves', () => {
    const { figure } = page;
    const words = placedWords(figure('precision, recall and F1')).map(({ text }) => text);
    for (const { name, threshold, f1 } of mainOf(evaluation).AU?.units ?? [])
      expect(words).toEqual(expect.arrayContaining([name, `at ${three(threshold)}: F1 ${three(f1)}`]));
  });

  it('has a point for each pair of truth and estimate, and for each bin of probability', () => {
    const { figure } = page;
    const { scatter, EXPR, AU } = mainOf(evaluation);
    const dots = (label: string) => figure(label)?.querySelectorAll('circle').length;
    expect(dots('estimates of valence')).toBe(2 * (scatter?.valence.length ?? 0));
    const bins = (EXPR?.reliability?.length ?? 0) + (AU?.reliability?.length ?? 0);
    expect(dots('reliability')).toBe(2 * bins); // one for the bin's size, one for its place
    const words = placedWords(figure('reliability')).map(({ text }) => text);
    for (const error of [EXPR?.calibrationError, AU?.calibrationError])
      expect(words).toContain(`expected calibration error ${three(error)}`);
  });

  it('says how the figures were made', async () => {
    const { tableIn, texts } = page;
    expect(tableIn('method')).toEqual([
      ['member', 'file', 'what it is'],
      ['teacher', 'run/teacher/best.safetensors', 'compact, 112 px'],
    ]);
    expect(texts('pre')).toEqual(['mien eval run --data full.parquet --html page.html']);
    expect(texts('p').join('\n')).toMatch(
      /Faces of one subject are not independent of each other, so subjects/,
    );
    const faces = await pageOf({ ...evaluation, clusteredBy: 'face' });
    expect(faces.texts('p').join('\n')).toMatch(/faces count as independent/);
  });

  it('stands alone: no scripts, nothing fetched; and is the same each time', async () => {
    const { html } = page;
    expect(html).not.toMatch(/<script|<link|@import|url\((?!#)|src="(?!data:)/);
    const addresses = html.match(/https?:\/\/[^"'\s<]+/g) ?? [];
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
    expect((await pageOf(evaluation)).html === html).toBe(true); // a difference would be too long to show
  });

  it('has no figure that is none', async () => {
    const one = evaluationOf({ schema: ABAW3, seed: 2, faces: 300 });
    const { EXPR, AU, VA } = mainOf(one);
    Object.assign(AU?.units[2] ?? {}, { samples: 0, positives: 0, thresholdCurve: [], threshold: undefined });
    Object.assign(AU?.units[3] ?? {}, { positives: 0, auc: undefined, averagePrecision: undefined });
    Object.assign(EXPR?.classes[5] ?? {}, { samples: 0, precision: 0, recall: 0, f1: 0 });
    EXPR?.confusion[5]?.fill(0);
    Object.assign(VA?.valence ?? {}, { ccc: { value: Number.NaN } });
    const { html, figure } = await pageOf(one);
    expect(html).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(placedWords(figure('confusion matrix')).map(({ text }) => text)).toContain('no faces');
    expect(placedWords(figure('scores of each action unit')).map(({ text }) => text)).toContain('no labels');
  });
});

describe("what an evaluation's page leaves out", () => {
  it('is a task that nothing was judged of', async () => {
    const { texts, html } = await pageOf(evaluationOf({ faces: 90, tasks: ['VA'], members: ['one'] }));
    expect(texts('h2')).toEqual([
      'Scores',
      'Valence and arousal',
      'Data sets',
      'Groups of subjects',
      'Worst mistakes',
      "Scores of the challenge's editions",
      'How these figures were made',
    ]);
    expect(html).not.toMatch(/EXPR|AU F1|confusion|threshold/);
  });

  it('is what only probabilities, intervals, several members, sets or groups tell', async () => {
    const { texts, html } = await pageOf(
      evaluationOf({
        faces: 90,
        probabilities: false,
        intervals: false,
        members: ['one'],
        datasets: ['set'],
        groups: ['all'],
      }),
    );
    expect(texts('h2')).toEqual([
      'Scores',
      'Expressions',
      'Action units',
      'Valence and arousal',
      'Worst mistakes',
      "Scores of the challenge's editions",
      'How these figures were made',
    ]);
    expect(html).not.toMatch(/95 %|calibration error|area under ROC/);
  });

  it('is everything when nobody was judged', async () => {
    const { texts } = await pageOf({ ...evaluationOf({ faces: 9 }), members: [], comparisons: [], faces: 0 });
    expect(texts('h2')).toEqual(['How these figures were made']);
  });
});

describe("users' words on an evaluation's page", () => {
  it('stay words', async () => {
    const evil = `<b class="x">&'`;
    const one = evaluationOf({
      faces: 90,
      members: ['teacher', 'student_0', evil],
      datasets: [evil, 'b'],
      groups: [evil, 'c'],
    });
    const { html, texts, document } = await pageOf(one, {
      title: evil,
      models: [{ name: evil, file: evil, description: evil }],
      commands: [evil],
      member: evil,
    });
    expect(document.querySelectorAll('b')).toHaveLength(0);
    expect(html).not.toContain('<b class');
    expect(texts('h1')).toEqual([evil]);
    expect(texts('h2')).toContain(`Expressions: ${evil}`);
    expect(texts('svg text').filter((text) => text === evil).length).toBeGreaterThan(2);
    expect(texts('pre')).toEqual([evil]);
  });
});

describe("mistakes on an evaluation's page", () => {
  const evaluation = evaluationOf({ faces: 60 });
  const mistakes = mainOf(evaluation).mistakes ?? [];

  it('are shown with the face, what was read and what is true', async () => {
    const folder = folderWith({});
    const file = join(folder, 'face.png');
    writeFileSync(file, await encodePng(picture(3, 130, 112)));
    const { document, texts } = await pageOf(evaluation, {
      imageOf: (row) =>
        row === mistakes[0]?.row ? undefined : row === mistakes[1]?.row ? '/no/such.png' : file,
    });
    expect(texts('.grid figcaption')).toEqual(mistakes.map(({ what, row }) => `${what}face ${row + 1}`));
    expect(texts('.grid .missing').slice(0, 2)).toEqual(['no picture', 'the picture does not open']);
    const [source = ''] = [...document.querySelectorAll('.grid img')].map(
      (one) => one.getAttribute('src') ?? '',
    );
    const jpeg = Buffer.from(source.replace('data:image/jpeg;base64,', ''), 'base64');
    expect(await decodeRgb(jpeg)).toMatchObject({ width: 96, height: 96 });
  });

  it('are words alone where nobody knows the pictures', async () => {
    const { document, texts } = await pageOf(evaluation);
    expect(document.querySelectorAll('.grid img, .grid .missing')).toHaveLength(0);
    expect(texts('.grid figcaption')).toHaveLength(mistakes.length);
  });

  it.each(['uint8', 'jpeg'] as const)(
    'are opened in packs of %s too, each its own picture',
    async (format) => {
      const folder = folderWith({});
      const names = await writePictures(folder, ['png', 'png', 'png'], 96);
      const out = join(folder, 'pack');
      await packManifest(manifestOf(folder, names), { out, size: 96, threads: 1, format });
      const { document } = await pageOf(evaluation, { imageOf: (row) => join(out, `pack.json#${row % 3}`) });
      const images = [...document.querySelectorAll('.grid img')];
      expect(images).toHaveLength(mistakes.length);
      for (const [i, image] of images.entries()) {
        const jpeg = Buffer.from((image.getAttribute('src') ?? '').replace(/^.*,/, ''), 'base64');
        const { data } = await decodeRgb(jpeg);
        const expected = openPacked(join(out, `pack.json#${(mistakes[i]?.row ?? 0) % 3}`))?.data ?? [];
        const far =
          data.reduce((sum, value, k) => sum + Math.abs(value - (expected[k] ?? 0)), 0) / data.length;
        expect(far).toBeLessThan(8); // of 255: what JPEG loses of noise
      }
    },
  );
});
