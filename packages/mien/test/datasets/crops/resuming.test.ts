import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaceRow, readManifest } from 'mien/datasets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../../../test/folders.js';
import { writeVideo } from '../../support/videos.js';
import { contentsOf, fivePoints, writeFaces, writePicture } from './faces.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
const PICTURES = 36;
const FRAMES = 24;

let folder = '';

/** A manifest of pictures in six clips and of a video. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mien-test-'));
  const rows: FaceRow[] = [];
  for (let i = 0; i < PICTURES; i++) {
    const [clip, frame] = [`c${i % 6}`, Math.floor(i / 6)];
    await writePicture(join(folder, 'raw', clip, `${frame}.jpg`), i, 480, 360);
    rows.push({
      dataset: 'set',
      image: `${clip}/${frame}.jpg`,
      clip,
      frame,
      landmarks: fivePoints(300 + i, 200),
    });
  }
  writeVideo(
    join(folder, 'raw/v.mkv'),
    Array.from({ length: FRAMES }, (_, i) => 6 * i),
  );
  for (let frame = 0; frame < FRAMES; frame++)
    rows.push({ dataset: 'set', video: 'v.mkv', clip: 'v', frame, landmarks: fivePoints(32, 24) });
  writeFaces(join(folder, 'm.parquet'), rows, { set: join(folder, 'raw') });
  run('whole');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = (name: string, ...more: string[]) => [
  ...[MAIN, 'data', 'crops', join(folder, 'm.parquet'), '--crops', join(folder, name, 'crops')],
  ...['--out', join(folder, name, 'crops.parquet'), '--size', '64', ...more],
];

function run(name: string, ...more: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, words(name, ...more), {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const cropsIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.jpg')).length
    : 0;

/** Kills the process without warning once it has written so many crops. @returns whether it was still running */
async function killAt(child: ChildProcess, crops: string, count: number): Promise<boolean> {
  const exit = once(child, 'exit');
  while (child.exitCode === null && cropsIn(crops) < count) await sleep(1);
  child.kill('SIGKILL');
  const [, signal] = await exit;
  return signal === 'SIGKILL';
}

describe('mien data crops', () => {
  it('that is killed again and again writes no manifest, and in the end the same files as one that was not', async () => {
    const crops = join(folder, 'killed/crops');
    let kills = 0;
    for (const count of [1, 12, 25]) {
      const child = spawn(process.execPath, words('killed', '--jobs', '2'), { stdio: 'ignore' });
      if (await killAt(child, crops, count)) kills++;
    }
    expect(kills).toBeGreaterThanOrEqual(2);
    const before = cropsIn(crops);
    expect(before).toBeLessThan(PICTURES + FRAMES);
    expect(existsSync(join(folder, 'killed/crops.parquet'))).toBe(false);
    expect(run('killed')).toContain(`made ${PICTURES + FRAMES - before} crops, found ${before} finished`);
    expect(contentsOf(crops)).toEqual(contentsOf(join(folder, 'whole/crops')));
    const [whole, killed] = await Promise.all(
      ['whole', 'killed'].map(async (name) => readManifest(join(folder, name, 'crops.parquet'))),
    );
    expect([...(killed?.faces.rows() ?? [])]).toEqual([...(whole?.faces.rows() ?? [])]);
    expect(killed?.history[0]?.tally).toEqual(whole?.history[0]?.tally);
  });

  it('in shards cuts every face once, whole clips at a time, and joins them to what one run gives', async () => {
    const clips: string[][] = [];
    for (const index of [0, 1, 2]) {
      run('shards', '--shard', `${index}/3`);
      const { faces } = await readManifest(join(folder, 'shards/crops.parquet'));
      clips.push([...new Set([...faces.rows()].map(({ clip = '' }) => clip))]);
    }
    expect(clips).toEqual([
      ['c0', 'c3', 'v'],
      ['c1', 'c4'],
      ['c2', 'c5'],
    ]);
    expect(run('shards')).toContain(`made 0 crops, found ${PICTURES + FRAMES} finished`);
    expect(contentsOf(join(folder, 'shards/crops'))).toEqual(contentsOf(join(folder, 'whole/crops')));
    const rows = async (name: string) => [
      ...(await readManifest(join(folder, name, 'crops.parquet'))).faces.rows(),
    ];
    expect(await rows('shards')).toEqual(await rows('whole'));
  });

  it('takes no crops for finished that were made otherwise', async () => {
    const other = spawnSync(process.execPath, words('whole', '--align', 'five-point'), {
      encoding: 'utf8',
    });
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(
      /crops\.json: found crops made with align bilinear, size 64, .*; expected align five-point/,
    );
    expect(JSON.parse(readFileSync(join(folder, 'whole/crops/crops.json'), 'utf8'))).toEqual({
      align: 'bilinear',
      size: 64,
      margin: 0,
      format: 'jpg',
    });
  });

  it.each([
    ['an unknown alignment', ['--align', 'nicely']],
    ['natural size of a similarity', ['--align', 'similarity', '--size', 'natural']],
  ])('is called wrongly with %s', (_, more) => {
    const { status, stdout } = spawnSync(process.execPath, words('x', ...more), {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
  });
});
