// What a run can be trained on: one task or several, sets with one kind of label or two, sets without a validation side.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FaceRow, readManifest } from 'mien/datasets';
import type { Summary } from 'mien/learning';
import { readModelInfo } from 'mien/models';
import { describe, expect, it } from 'vitest';
import { manifestOf } from '../support/manifests.js';
import { digest, drawn, drawnFaces, messagesOf, PATIENCE, stepsOf, trained } from './support.js';

const faces = drawnFaces();

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const membersOf = (run: string) => (read(`${run}/summary.json`) as Summary).phases[0]?.members ?? [];

/** The rows of a drawn manifest that training or validation may use. */
async function rowsIn(file: string): Promise<FaceRow[]> {
  return [...(await readManifest(file)).faces.rows()].filter(({ split }) => split !== 'test');
}

describe('a run', () => {
  it('of one task alone has one head, one loss and one score', PATIENCE, async () => {
    const run = faces.at('one-task');
    const events = await trained(run, { data: { VA: drawn(faces).VA }, students: { count: 1, epochs: 1 } });
    const { network } = await readModelInfo(`${run}/cnn/student_0/best.safetensors`);
    expect(network.tasks).toEqual(['VA']);
    for (const { parts } of stepsOf(events)) expect(Object.keys(parts)).toEqual(['valence', 'arousal']);
    const members = membersOf(run);
    expect(members.map(({ member }) => member)).toEqual(['teacher', 'student_0']);
    for (const { scores } of members) {
      expect(scores).not.toHaveProperty('EXPR');
      expect(scores.total).toBeCloseTo((scores.VA?.cccValence ?? 0) + (scores.VA?.cccArousal ?? 0));
    }
  });

  it('trains the tasks that are named, of those that there are data for', PATIENCE, async () => {
    const run = faces.at('named');
    await trained(run, { data: drawn(faces), tasks: ['AU', 'EXPR'], input: { mixup: 0.2 } });
    const { network } = await readModelInfo(`${run}/cnn/teacher/best.safetensors`);
    expect(network.tasks).toEqual(['EXPR', 'AU']);
    expect(read(`${run}/summary.json`).schema.name).toBe('abaw1');
  });

  it('takes two kinds of label from one manifest, and a task from several', PATIENCE, async () => {
    const run = faces.at('two-kinds');
    const full = faces.at('demo/full.parquet');
    const data = { EXPR: [drawn(faces).EXPR, full], AU: full };
    const events = await trained(run, { data, loss: { labels: 'all' } });
    for (const { parts } of stepsOf(events)) expect(Object.keys(parts)).toEqual(['EXPR', 'AU']);
    const counts = new Map<string, number>();
    for (const { task, samples } of read(`${run}/data.json`))
      counts.set(task, (counts.get(task) ?? 0) + samples);
    const [own, both] = [await rowsIn(drawn(faces).EXPR), await rowsIn(full)];
    expect(counts).toEqual(
      new Map([
        ['EXPR', own.length + both.length],
        ['AU', both.length],
      ]),
    );
  });

  it('without a validation side keeps the last network', PATIENCE, async () => {
    const rows = (await rowsIn(drawn(faces).EXPR)).map((row) => ({ ...row, split: 'train' as const }));
    const roots = { 'mien-demo': faces.at('demo') };
    const run = faces.at('unscored');
    await trained(run, {
      data: { EXPR: manifestOf(faces.folder, 'train-only.parquet', rows, { roots }) },
      teacher: { epochs: 2 },
      patience: 1,
    });
    const { training } = await readModelInfo(`${run}/cnn/teacher/best.safetensors`);
    expect(training?.epoch).toBe(2);
    expect(digest(`${run}/cnn/teacher/best.safetensors`)).toBe(digest(`${run}/cnn/teacher/last.safetensors`));
    expect(existsSync(`${run}/summary.json`)).toBe(false);
  });

  it('leaves out a picture that does not open, tells it once, and lists it', PATIENCE, async () => {
    const rows = await rowsIn(drawn(faces).EXPR);
    const victim = rows.find(({ split }) => split === 'train') as FaceRow;
    const other = faces.at('other/broken.jpg');
    const files = manifestOf(
      faces.folder,
      'broken.parquet',
      [...rows, { ...victim, dataset: 'other', image: 'broken.jpg' }],
      { roots: { 'mien-demo': faces.at('demo'), other: dirname(other) } },
    );
    mkdirSync(dirname(other));
    writeFileSync(other, readFileSync(faces.at('demo', victim.image as string)).subarray(0, 100));
    const run = faces.at('broken');
    const events = await trained(run, { data: { EXPR: files }, batch: { epoch: 6 }, teacher: { epochs: 2 } });
    expect(messagesOf(events).filter((text) => text.startsWith(`left out ${other}: `))).toHaveLength(1);
    expect(read(`${run}/cnn/teacher/done.json`).broken).toEqual([other]);
  });
});
