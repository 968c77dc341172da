import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaceRow, FaceTable, writeManifest } from 'mien/datasets';
import { encodePng } from 'mien/images';
import { ABAW1, ABAW3, type LabelSchema } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

const data = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'data', ...args], { encoding: 'utf8' });

function manifest(folder: string, rows: Omit<FaceRow, 'dataset'>[], schema: LabelSchema = ABAW1): string {
  const file = join(folder, `${schema.name}.parquet`);
  const faces = new FaceTable(schema);
  for (const row of rows) faces.push({ dataset: 'set', ...row });
  writeManifest(file, { faces, roots: new Map([['set', join(folder, 'images')]]), history: [] });
  return file;
}

const png = (value: number) => encodePng({ width: 2, height: 2, data: new Uint8Array(12).fill(value) });

const ROWS: Omit<FaceRow, 'dataset'>[] = [
  { image: '1.png', expression: 'fear', split: 'train' },
  { image: '2.png', expression: 'anger', split: 'train' },
];

describe('mien data stats', () => {
  it('prints tables, and writes a page', () => {
    const folder = folderWith({});
    const html = join(folder, 'out/page.html');
    const { status, stdout, stderr } = data('stats', manifest(folder, ROWS), '--html', html);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/2 faces, schema abaw1\n[\s\S]*fear +1 +50\.0 % +1\n[\s\S]*wrote .*page\.html\n$/);
    expect(existsSync(html)).toBe(true);
  });

  it('prints JSON and nothing else', () => {
    const folder = folderWith({});
    const { status, stdout } = data('stats', manifest(folder, ROWS), '--json', '--balance', 'none');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      faces: 2,
      parts: [{ dataset: 'set', split: 'train', faces: 2 }],
    });
  });

  it('ends with 1 for what is no manifest, names it, and writes no page', () => {
    const folder = folderWith({ 'm.parquet': 'image,label\n' });
    const html = join(folder, 'page.html');
    const { status, stdout, stderr } = data('stats', join(folder, 'm.parquet'), '--html', html);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/m\.parquet: found something else .*; expected a Parquet file/);
    expect(existsSync(html)).toBe(false);
  });

  it('ends with 1 for manifests of different schemas', () => {
    const folder = folderWith({});
    const { status, stderr } = data('stats', manifest(folder, ROWS), manifest(folder, ROWS, ABAW3));
    expect(status).toBe(1);
    expect(stderr).toMatch(/abaw3\.parquet: found label schema "abaw3"; expected "abaw1"/);
  });

  it('ends with 2 for a preset that there is not', () => {
    const { status, stderr } = data('stats', 'm.parquet', '--balance', 'fair');
    expect(status).toBe(2);
    expect(stderr).toMatch(/Allowed choices are paper, mien, mild, none/);
  });
});

describe('mien data check', () => {
  it('ends with 0 when every picture can be used', async () => {
    const folder = folderWith({ 'images/x': '' });
    writeFileSync(join(folder, 'images/1.png'), await png(1));
    writeFileSync(join(folder, 'images/2.png'), await png(1));
    const { status, stdout } = data('check', manifest(folder, ROWS));
    expect(status).toBe(0);
    expect(stdout).toMatch(/2 faces on 2 pictures: all can be used/);
    expect(stdout).toMatch(/of these, 1 with labels that contradict\n {2}set\/1\.png \(row 1, train\) = /);
  });

  it('ends with 1 and says which when some cannot', async () => {
    const folder = folderWith({ 'images/2.png': 'a text' });
    writeFileSync(join(folder, 'images/1.png'), await png(1));
    const { status, stdout, stderr } = data('check', manifest(folder, ROWS));
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toMatch(/1 unusable: no picture \(an unknown format\)\n {2}.*images\/2\.png/);
  });

  it('asks where the data lie when none is found, and can be told', async () => {
    const folder = folderWith({});
    const elsewhere = folderWith({});
    for (const name of ['1.png', '2.png']) writeFileSync(join(elsewhere, name), await png(1));
    const file = manifest(folder, ROWS);
    const lost = data('check', file);
    expect(lost.status).toBe(1);
    expect(lost.stdout).toMatch(/None was found\. .*--root NAME=FOLDER/);
    expect(data('check', file, '--root', `set=${elsewhere}`).status).toBe(0);
  });

  it('prints JSON with every example', () => {
    const folder = folderWith({});
    const rows = Array.from({ length: 12 }, (_, i) => ({ image: `${i}.png` }));
    const { status, stdout } = data('check', manifest(folder, rows), '--json');
    expect(status).toBe(1);
    const [missing] = JSON.parse(stdout).unusable;
    expect(missing).toMatchObject({ reason: 'no such file', count: 12 });
    expect(missing.examples).toHaveLength(12);
  });

  it('ends with 1 for a manifest that is not there', () => {
    const { status, stdout, stderr } = data('check', join(folderWith({}), 'none.parquet'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/none\.parquet: found no such file/);
  });
});
