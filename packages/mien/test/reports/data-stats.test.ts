import { parseHTML } from 'linkedom';
import { type FaceRow, FaceTable } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { dataStats, describeStats, statsPage } from 'mien/reports';
import { describe, expect, it } from 'vitest';

function manifestOf(rows: Partial<FaceRow>[], file = 'm.parquet') {
  const faces = new FaceTable(ABAW1);
  rows.forEach((row, i) => void faces.push({ dataset: 'a', image: `${i}.jpg`, ...row }));
  return { file, faces, roots: new Map([['a', '/a']]), history: [] };
}

const repeat = (count: number, row: Partial<FaceRow>) => new Array<Partial<FaceRow>>(count).fill(row);
const only = (unit: number): FaceRow['actionUnits'] => ABAW1.actionUnits.map((_, k) => (k === unit ? 1 : 0));

const ROWS: Partial<FaceRow>[] = [
  ...repeat(90, { split: 'train', expression: 'neutral' }),
  ...repeat(10, { split: 'train', expression: 'fear', dataset: 'b' }),
  ...repeat(100, { split: 'train', actionUnits: only(0) }),
  ...repeat(20, { split: 'train', actionUnits: only(1) }),
  ...repeat(30, { split: 'train', valence: 0.55, arousal: 0.05 }),
  ...repeat(10, { split: 'train', valence: -0.55, arousal: 0.05 }),
  ...repeat(7, { split: 'validation', expression: 'anger' }),
];

const stats = (balance: 'paper' | 'mien' | 'none' = 'mien') =>
  dataStats([manifestOf(ROWS)], { balance, seed: 1 });

describe('dataStats', () => {
  it('tells what an epoch would draw: classes and cells equally often, rare action units more often', () => {
    const { balance } = stats();
    const drawn = balance?.after.EXPR?.classes.map(({ name, faces }) => [name, faces]);
    expect(drawn).toContainEqual(['neutral', expect.closeTo(50)]);
    expect(drawn).toContainEqual(['fear', expect.closeTo(50)]);
    expect(balance?.after.VA?.cells[15]?.[10]).toBeCloseTo(20);
    expect(balance?.after.VA?.cells[4]?.[10]).toBeCloseTo(20);
    expect(balance?.after.VA?.valence.mean).toBeCloseTo(0);
    expect(balance?.before.AU?.meanImbalance).toBe(3);
    expect(balance?.after.AU?.units[1]?.imbalance).toBeCloseTo(2); // 30 clones bring 20 up to 50
    expect(balance?.mostDrawn).toEqual({
      EXPR: expect.closeTo(5),
      AU: expect.closeTo((3 * 120) / 150),
      VA: expect.closeTo(2),
    });
  });

  it('balances training faces only', () => {
    const { balance, labels } = stats();
    expect(balance?.before.EXPR?.faces).toBe(100);
    expect(labels.find(({ split }) => split === 'validation')?.EXPR?.faces).toBe(7);
    const validation = dataStats([manifestOf(ROWS.slice(-7))], { balance: 'mien', seed: 1 });
    expect(validation.balance).toBeUndefined();
  });

  it('has no balance without balancing, and gives the same for the same seed', () => {
    expect(stats('none').balance).toBeUndefined();
    expect(stats('paper')).toEqual(stats('paper'));
  });

  it('counts several manifests together', () => {
    const manifests = [manifestOf(ROWS, 'one.parquet'), manifestOf(ROWS, 'two.parquet')];
    const both = dataStats(manifests, { balance: 'none', seed: 0 });
    expect(both.faces).toBe(2 * ROWS.length);
    expect(both.files).toEqual(['one.parquet', 'two.parquet']);
  });
});

describe('the tables', () => {
  it('show labels before and after, and what could not be balanced', () => {
    const lines = describeStats(stats()).split('\n');
    expect(lines).toContain('m.parquet: 267 faces, schema abaw1');
    expect(lines).toContainEqual(expect.stringMatching(/^fear +10 +10\.0 % +50$/));
    expect(lines).toContainEqual(expect.stringMatching(/^AU2 +20 +100 +0 +5\.00 +40 +2\.00$/));
    expect(lines).toContain('No face shows AU4, AU6, AU12, AU15, AU20, AU25: left out of balancing.');
    expect(lines).toContainEqual(expect.stringMatching(/^anger +7 +100\.0 %$/));
  });
});

describe('the page', () => {
  const page = async (rows = ROWS) => {
    const html = await statsPage(dataStats([manifestOf(rows)], { balance: 'mien', seed: 1 }));
    return { html, document: parseHTML(html).document };
  };

  it('has a figure for action units, expressions and the plane, before and after', async () => {
    const { document } = await page();
    const titles = [...document.querySelectorAll('h2')].map((one) => one.textContent);
    expect(titles).toEqual(['Action units', 'Expressions', 'Valence and arousal', 'Labels: validation']);
    const texts = [...document.querySelectorAll('svg text')].map((one) => one.textContent);
    expect(texts.filter((text) => text === 'training faces, before balancing')).toHaveLength(3);
    expect(texts.filter((text) => text === 'one epoch after balancing (mien)')).toHaveLength(3);
    for (const label of ['faces', 'AU25', 'surprise', 'valence (−1 unpleasant, 1 pleasant)'])
      expect(texts).toContain(label);
  });

  it('draws bars as high as their counts', async () => {
    const { document } = await page();
    const bars = [...document.querySelectorAll('g[aria-label="bar"]')].at(-1);
    const heights = [...(bars?.querySelectorAll('rect') ?? [])].map((one) =>
      Number(one.getAttribute('height')),
    );
    const drawn = heights.filter((height) => height > 0);
    expect(drawn).toHaveLength(4); // neutral and fear, before and after
    const perFace = (drawn[0] as number) / 90;
    expect(drawn.map((height) => height / perFace).toSorted((a, b) => a - b)).toEqual(
      [10, 50, 50, 90].map((count) => expect.closeTo(count, 6)),
    );
  });

  it('stands alone: no scripts, nothing fetched', async () => {
    const { html } = await page();
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\((?!#)/);
    const addresses = html.match(/https?:\/\/[^"'\s<]+/g) ?? [];
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
  });

  it('shows names of data sets as they are, whatever signs they hold', async () => {
    const { html, document } = await page(ROWS.map((row) => ({ ...row, dataset: '<script>&"' })));
    expect(html).not.toContain('<script>');
    expect([...document.querySelectorAll('td')].map((one) => one.textContent)).toContain('<script>&"');
  });

  it('leaves out what there is not', async () => {
    const { document } = await page(repeat(3, { valence: 0, arousal: 0 }));
    expect([...document.querySelectorAll('h2')].map((one) => one.textContent)).toEqual([
      'Valence and arousal',
    ]);
    expect((await page(repeat(3, {}))).document.querySelectorAll('svg')).toHaveLength(0);
  });
});
