import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { decodeRgb } from 'mien/images';
import { readMetrics } from 'mien/learning/logs';
import { packManifest } from 'mien/loading';
import { runReport } from 'mien/reports';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { manifestOf, writePictures } from '../support/pictures.js';
import { metricsOf, writeMember, writeRun } from '../support/runs.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

const newRun = (options: { stepsPerEpoch?: number } = {}) => writeRun(folderWith({}), options);

async function reportOf(run: string) {
  const html = await runReport(run);
  const { document } = parseHTML(html);
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent ?? '');
  const row = (name: string) =>
    [...document.querySelectorAll('tr')]
      .map((line) => [...line.querySelectorAll('td')].map((cell) => cell.textContent ?? ''))
      .filter(([first]) => first === name);
  return { html, document, texts, row };
}

describe('the report of a run that is finished', () => {
  it('tells what a reader looks for, the scores first', async () => {
    const { texts } = await reportOf(await newRun({ stepsPerEpoch: 20 }));
    expect(texts('h2')).toEqual([
      'Scores on validation data',
      'Curves: cnn',
      'Sample readings: cnn',
      'Data',
      'Recipe',
      'Environment',
    ]);
    expect(texts('p')).toContain('This run is finished.');
    expect(texts('p')).toContainEqual(expect.stringMatching(/^cnn: 3 members, 14 epochs, \d+ min\.$/));
    expect(texts('p')).toContainEqual(
      expect.stringMatching(/^Best: cnn\/ensemble, mean of tasks 0\.\d{3}\.$/),
    );
    expect(texts('pre').join()).toContain('model: { backbone: compact, size: 112 }');
  });

  it('has the scores of teacher, students and ensemble, as the summary says', async () => {
    const run = await newRun({ stepsPerEpoch: 20 });
    const [teacher, , , ensemble] = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).phases[0]
      .members;
    const { row } = await reportOf(run);
    const figures = ({ mean, total, EXPR, AU, VA }: typeof teacher.scores) =>
      [mean, total, EXPR.score, AU.score, VA.cccValence, VA.cccArousal].map((one: number) => one.toFixed(3));
    expect(row('cnn/teacher')[0]).toEqual([
      'cnn/teacher',
      String(teacher.bestEpoch),
      ...figures(teacher.scores),
    ]);
    expect(row('cnn/ensemble')[0]).toEqual(['cnn/ensemble', '-', ...figures(ensemble.scores)]);
    const { f1, accuracy, score, f1PerUnit } = ensemble.scores.AU;
    expect(row('cnn/ensemble')[2]).toEqual([
      'cnn/ensemble',
      ...[score, accuracy, f1, ...f1PerUnit].map((one: number) => one.toFixed(3)),
    ]);
  });

  it('names classes and units by the summary, else by the data, else by number', async () => {
    const run = await newRun({ stepsPerEpoch: 20 });
    const heads = async () => (await reportOf(run)).texts('th');
    expect(await heads()).toEqual(expect.arrayContaining(['surprise', 'AU25']));
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
    const schema = {
      name: 'own',
      expressions: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
      actionUnits: ['AU1', 'AU2', 'AU3', 'AU4', 'AU5', 'AU6', 'AU7', 'AU9'],
    };
    writeFileSync(join(run, 'summary.json'), JSON.stringify({ schema, ...summary }));
    expect(await heads()).toEqual(expect.arrayContaining(['g', 'AU9']));
    writeFileSync(join(run, 'summary.json'), JSON.stringify(summary));
    rmSync(join(run, 'data.json'));
    expect(await heads()).toEqual(expect.arrayContaining(['no. 1', 'no. 8']));
  });

  it('has the curves of every member', async () => {
    const { document, texts } = await reportOf(await newRun({ stepsPerEpoch: 20 }));
    expect(texts('summary')).toEqual([
      expect.stringMatching(
        /^cnn\/teacher: 8 epochs, 160 steps, \d+ min; 3\d\d images\/s; \d\.\d % of the time/,
      ),
      expect.stringMatching(/^cnn\/student_0: 3 epochs, 60 steps/),
      expect.stringMatching(/^cnn\/student_1: 3 epochs, 60 steps/),
    ]);
    expect(document.querySelectorAll('figure > svg')).toHaveLength(6);
  });

  it('shows faces with what was read and what they are labelled with', async () => {
    const run = await newRun({ stepsPerEpoch: 20 });
    const { document } = await reportOf(run);
    const rows = [...document.querySelectorAll('.faces tbody tr')];
    expect(rows).toHaveLength(9);
    const cells = [...(rows[2]?.querySelectorAll('td') ?? [])];
    expect(cells[1]?.textContent).toBe('neutral 0.64✗ labelled disgust');
    const source = cells[0]?.querySelector('img')?.getAttribute('src') ?? '';
    const jpeg = Buffer.from(source.replace('data:image/jpeg;base64,', ''), 'base64');
    expect(await decodeRgb(jpeg)).toMatchObject({ width: 96, height: 96 });
    const samples = JSON.parse(readFileSync(join(run, 'cnn/samples.json'), 'utf8'));
    const { truth, prediction } = samples[2];
    for (const [unit, value] of Object.entries<number>(prediction.actionUnits)) {
      const words = `${unit} ${value.toFixed(2)} ${truth.actionUnits[unit] === 1 ? (value >= 0.5 ? '✓' : '✗ missed') : '✗ not there'}`;
      const shown = value >= 0.5 || truth.actionUnits[unit] === 1;
      expect(cells[2]?.textContent?.includes(words)).toBe(shown);
    }
  });

  it('counts labels by task and split', async () => {
    const { row } = await reportOf(await newRun({ stepsPerEpoch: 20 }));
    expect(row('samples')[0]).toEqual(['samples', '19,200', '', '4,800', '']);
    expect(row('disgust')).toEqual([['disgust', '1,333', '6.9 %', '1,333', '27.8 %']]);
  });

  it('stands alone: no scripts, nothing fetched', async () => {
    const { html } = await reportOf(await newRun({ stepsPerEpoch: 20 }));
    expect(html).not.toMatch(/<script|<link|@import|url\((?!#)|src="(?!data:)/);
    const addresses = html.match(/https?:\/\/[^"'\s<]+/g) ?? [];
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
  });
});

describe('the report of a run that is not finished', () => {
  it('says so, and shows the best epochs so far', async () => {
    const run = await newRun({ stepsPerEpoch: 20 });
    rmSync(join(run, 'summary.json'));
    const { texts, row } = await reportOf(run);
    expect(texts('p')[0]).toMatch(/^This run is not finished\. Scores are those of the best epoch so far/);
    const { epochs } = await readMetrics(join(run, 'cnn/student_0/metrics.jsonl'));
    const best = epochs.findLast((one) => one.best);
    expect(row('cnn/student_0')[0]?.slice(0, 3)).toEqual([
      'cnn/student_0',
      String(best?.epoch),
      best?.scores.mean.toFixed(3),
    ]);
  });

  it('says so when a member is not yet in the summary', async () => {
    const run = await newRun({ stepsPerEpoch: 20 });
    writeMember(run, 'cnn-rnn/teacher', metricsOf({ epochs: 1, stepsPerEpoch: 5 }));
    const { texts, row } = await reportOf(run);
    expect(texts('p')[0]).toMatch(/^This run is not finished\./);
    expect(row('cnn-rnn/teacher')).toHaveLength(3);
  });

  it('works in the first epoch, with a line that is being written', async () => {
    const run = folderWith({ 'recipe.yaml': 'seed: 1\n' });
    const { steps } = metricsOf({ epochs: 1, stepsPerEpoch: 5 });
    appendFileSync(
      join(writeMember(run, 'cnn/teacher', { steps, epochs: [] }), 'metrics.jsonl'),
      '{"kind":"st',
    );
    const { texts, document } = await reportOf(run);
    expect(texts('h2')).toEqual(['Curves: cnn', 'Recipe']);
    expect(texts('summary')[0]).toMatch(/^cnn\/teacher: 0 epochs, 5 steps/);
    expect(document.querySelectorAll('figure > svg')).toHaveLength(1);
  });

  it('works before the first step', async () => {
    const { texts } = await reportOf(folderWith({ 'recipe.yaml': 'seed: 1\n' }));
    expect(texts('p')).toEqual(['This run is not finished: no step has been made.']);
  });

  it('shows a run that learns one task only, and scores that are none', async () => {
    const run = folderWith({ 'recipe.yaml': 'seed: 1\n' });
    const metrics = metricsOf({ epochs: 2, stepsPerEpoch: 5 });
    for (const { scores } of metrics.epochs) {
      delete scores.EXPR;
      delete scores.AU;
      scores.VA = { score: Number.NaN, cccValence: Number.NaN, cccArousal: 0.25 };
    }
    writeMember(run, 'cnn/teacher', metrics);
    const { texts, row } = await reportOf(run);
    expect(texts('h3')).toEqual([]);
    expect(row('cnn/teacher')[0]?.slice(4)).toEqual(['-', '-', '-', '0.250']);
  });

  it('shows pictures that lie in a pack', async () => {
    const folder = folderWith({ 'run/recipe.yaml': 'seed: 1\n', 'run/cnn/samples.json': '' });
    const out = join(folder, 'pack');
    await packManifest(manifestOf(folder, await writePictures(folder, ['png'])), {
      out,
      size: 32,
      threads: 1,
    });
    writeFileSync(
      join(folder, 'run/cnn/samples.json'),
      JSON.stringify(
        [0, 1].map((k) => ({ image: join(out, `pack.json#${k}`), truth: {}, prediction: { valence: 0.5 } })),
      ),
    );
    const { document, texts } = await reportOf(join(folder, 'run'));
    expect(document.querySelectorAll('.faces img')).toHaveLength(1);
    expect(texts('.missing')).toEqual(['the picture does not open']); // the pack has no second one
  });

  it('keeps a place for a picture that is gone, and signs as they are', async () => {
    const run = folderWith({
      'recipe.yaml': 'name: <b>\n',
      'cnn/samples.json': JSON.stringify([
        { image: '/no/such.jpg', truth: {}, prediction: { expression: '<i>', valence: null } },
      ]),
    });
    const { html, texts } = await reportOf(run);
    expect(texts('.missing')).toEqual(['the picture does not open']);
    expect(texts('.faces td').slice(1)).toEqual(['<i>', '-', '-', '-']);
    expect(html).not.toMatch(/<b>|<i>/);
  });
});

describe('mien report', () => {
  const report = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, 'report', ...args], { encoding: 'utf8' });

  it('writes report.html in the folder, or where it is told to', () => {
    const run = folderWith({ 'recipe.yaml': 'seed: 1\n' });
    const file = join(run, 'report.html');
    expect(report(run)).toMatchObject({ status: 0, stdout: `wrote ${file}\n`, stderr: '' });
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const out = join(run, 'elsewhere/page.html');
    expect(report(run, '--out', out)).toMatchObject({ status: 0, stdout: `wrote ${out}\n` });
    expect(existsSync(out)).toBe(true);
  });

  it.each([
    [
      'what is no run',
      { 'notes.txt': '' },
      /found a folder without recipe\.yaml; expected the folder of a run/,
    ],
    [
      'metrics that are wrong',
      { 'cnn/teacher/metrics.jsonl': '{}\n' },
      /teacher\/metrics\.jsonl:1: found "\{\}"/,
    ],
    ['no JSON', { 'recipe.yaml': '', 'data.json': '{' }, /data\.json: found .*; expected JSON/],
    [
      'a summary that is wrong',
      { 'recipe.yaml': '', 'summary.json': '{"phases":[{"name":"cnn","members":[{"member":1}]}]}' },
      /summary\.json: found 1 for phases\[0\]\.members\[0\]\.member; expected string/,
    ],
  ])('ends with 1 for %s, names it, and writes no page', (_, files, message) => {
    const run = folderWith(files);
    const { status, stdout, stderr } = report(run);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync(join(run, 'report.html'))).toBe(false);
  });

  it('ends with 1 for a folder that is not there, and with 2 without one', () => {
    const { status, stderr } = report(join(folderWith({}), 'none'));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/none: found no such folder/),
    });
    expect(report().status).toBe(2);
  });
});
