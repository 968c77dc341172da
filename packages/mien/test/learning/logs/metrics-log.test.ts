import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDataError } from 'mien/files';
import { type EpochRecord, MetricsLog, readMetrics, type StepRecord } from 'mien/learning/logs';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../../test/folders.js';

const step = (number: number, more: Partial<StepRecord> = {}): StepRecord => ({
  kind: 'step',
  step: number,
  epoch: 1,
  lr: 1e-4,
  loss: 2.5,
  parts: { EXPR: 1.5, arousal: 1 },
  imagesPerSecond: 312.5,
  waiting: 0.02,
  ...more,
});

const epoch = (number: number): EpochRecord => ({
  kind: 'epoch',
  epoch: number,
  step: 10 * number,
  seconds: 12.5,
  scores: {
    total: 0.6,
    mean: 0.6,
    EXPR: { score: 0.6, f1: 0.5, accuracy: 0.8, f1PerClass: [0.4, 0.6] },
    samples: { EXPR: 100 },
  },
  best: true,
});

const written = (records: (StepRecord | EpochRecord)[]) => {
  const file = join(folderWith({}), 'cnn/teacher/metrics.jsonl');
  const log = new MetricsLog(file);
  for (const record of records) log.append(record);
  log.close();
  return { file, byteLength: log.byteLength };
};

describe('MetricsLog', () => {
  it('writes a line of JSON for each record, which reads back the same', async () => {
    const records = [step(1), step(2, { gradientNorm: 3 }), epoch(1), step(11, { epoch: 2 })] as const;
    const { file, byteLength } = written([...records]);
    const text = readFileSync(file, 'utf8');
    expect(
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual(records);
    expect(byteLength).toBe(Buffer.byteLength(text));
    expect(await readMetrics(file)).toEqual({
      steps: [records[0], records[1], records[3]],
      epochs: [records[2]],
    });
  });

  it('keeps numbers that JSON does not have', async () => {
    const { file } = written([step(1, { loss: Number.NaN, parts: { AU: Number.POSITIVE_INFINITY } })]);
    expect(readFileSync(file, 'utf8')).toContain('"loss":"NaN","parts":{"AU":"Infinity"}');
    expect((await readMetrics(file)).steps).toEqual([
      step(1, { loss: Number.NaN, parts: { AU: Number.POSITIVE_INFINITY } }),
    ]);
  });

  it('goes on where a checkpoint left it', async () => {
    const { file, byteLength } = written([step(1), step(2)]);
    appendFileSync(file, `${JSON.stringify(step(3))}\n{"kind":"st`);
    const log = new MetricsLog(file, byteLength);
    log.append(step(3, { loss: 1 }));
    log.flush();
    log.close();
    expect((await readMetrics(file)).steps).toEqual([step(1), step(2), step(3, { loss: 1 })]);
    expect(log.byteLength).toBe(readFileSync(file).length);
  });

  it('begins anew without a checkpoint', async () => {
    const { file } = written([step(1), step(2)]);
    new MetricsLog(file).close();
    expect(await readMetrics(file)).toEqual({ steps: [], epochs: [] });
  });

  it('refuses to go on in a file that is not the one of the checkpoint, and leaves it as it is', () => {
    const { file, byteLength } = written([step(1)]);
    const before = readFileSync(file);
    expect(() => new MetricsLog(file, byteLength + 1)).toThrow(
      `${file}: found ${byteLength} bytes; expected`,
    );
    expect(() => new MetricsLog(file, byteLength - 1)).toThrow(/in the middle of a record/);
    expect(() => new MetricsLog(`${file}.none`, 1)).toThrow(/found no such file/);
    expect(readFileSync(file)).toEqual(before);
  });
});

describe('readMetrics', () => {
  it('leaves out a last line that a kill cut off', async () => {
    const { file } = written([step(1), step(2)]);
    const bytes = readFileSync(file);
    for (const cut of [1, 2, 40]) {
      writeFileSync(file, bytes.subarray(0, bytes.length - cut));
      expect((await readMetrics(file)).steps).toEqual([step(1)]);
    }
  });

  it.each([
    ['what is no JSON', '{"kind":"st', /:2: found "\{\\"kind\\":\\"st", which is no JSON; expected a record/],
    [
      'another kind',
      '{"kind":"batch"}',
      /:2: found .*batch.*; expected a record of the kind "step" or "epoch"/,
    ],
    ['no object', 'null', /:2: found "null"; expected a record of the kind/],
    [
      'an unknown key',
      JSON.stringify({ ...step(2), speed: 1 }),
      /:2: found "speed"; expected one of kind, step, epoch, lr/,
    ],
    ['a missing key', JSON.stringify({ ...step(2), lr: undefined }), /:2: found nothing for lr/],
    ['a step from 0', JSON.stringify(step(0)), /:2: found 0 for step; expected number ≥ 1/],
    [
      'a step that was before',
      JSON.stringify(step(1)),
      /:2: found step 1 after step 1; expected a later one/,
    ],
    ['an empty line', '', /:2: found "", which is no JSON/],
  ])('names file and line of %s', async (_, line, message) => {
    const { file } = written([step(1)]);
    appendFileSync(file, `${line}\n`);
    const error = await readMetrics(file).catch((one) => one);
    expect(error).toSatisfy(isDataError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(file);
  });

  it('says so when there is no such file', async () => {
    const file = join(folderWith({}), 'metrics.jsonl');
    await expect(readMetrics(file)).rejects.toThrow(`${file}: found no such file`);
  });

  it('reads the lines that docs/runs.md shows', async () => {
    const lines = readFileSync(join(ROOT, 'docs/runs.md'), 'utf8').match(/^\{"kind":.*\n/gm) ?? [];
    const file = join(folderWith({ 'metrics.jsonl': lines.join('') }), 'metrics.jsonl');
    const { steps, epochs } = await readMetrics(file);
    expect([steps.length, epochs.length]).toEqual([1, 1]);
  });
});
