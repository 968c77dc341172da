import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type FaceRow, pathOf, readManifest } from 'mien/datasets';
import {
  AFFECT_WEIGHTS,
  affectOf,
  drawShot,
  EXPRESSION_RULES,
  expressionOf,
  manifestsOf,
  occurrencesOf,
  planDemo,
  renderShot,
  type Shot,
  writeDemo,
} from 'mien/datasets/demo';
import { DRAWN_UNITS, type DrawnUnit, type Intensities, intensitiesOf } from 'mien/drawing';
import { walkFiles } from 'mien/files';
import { decodeRgb } from 'mien/images';
import { ABAW1, ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
const SMALL = { seed: 3, size: 48, scale: 'small' } as const;

const anyUnits: fc.Arbitrary<Intensities> = fc
  .array(fc.constantFrom(0, 0.1, 0.149, 0.15, 0.299, 0.3, 0.6, 1), {
    minLength: DRAWN_UNITS.length,
    maxLength: DRAWN_UNITS.length,
  })
  .map((values) => intensitiesOf(Object.fromEntries(DRAWN_UNITS.map((unit, i) => [unit, values[i]]))));

describe('the labels of a drawn face', () => {
  it('call a unit present from an intensity of 0.3, and unknown where it is not drawn', () => {
    const units = intensitiesOf({ AU1: 0.3, AU2: 0.299, AU12: 1 });
    expect(occurrencesOf(units, ABAW1)).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
    expect(occurrencesOf(units, { ...ABAW3, actionUnits: ['AU28', 'AU1'] })).toEqual([undefined, 1]);
  });

  it('name one expression at most, by rules of which no two hold at once', () => {
    fc.assert(
      fc.property(anyUnits, (units) => {
        const on = (unit: DrawnUnit) => units[unit] >= 0.3;
        const holding = Object.entries(EXPRESSION_RULES).filter(
          ([, { all, any = [], none }]) =>
            all.every(on) && any.every((list) => list.some(on)) && !none.some(on),
        );
        expect(holding.length).toBeLessThanOrEqual(1);
        const atRest = DRAWN_UNITS.every((unit) => /^AU4[35]$/.test(unit) || units[unit] < 0.15);
        expect(expressionOf(units)).toBe(holding[0]?.[0] ?? (atRest ? 'neutral' : undefined));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['happiness', { AU6: 0.5, AU12: 0.6 }],
    ['sadness', { AU1: 0.5, AU4: 0.4, AU15: 0.6 }],
    ['surprise', { AU1: 0.6, AU2: 0.6, AU5: 0.5, AU25: 0.7, AU26: 0.6 }],
    ['fear', { AU1: 0.6, AU2: 0.5, AU4: 0.5, AU5: 0.8, AU20: 0.7, AU25: 0.5 }],
    ['anger', { AU4: 0.8, AU5: 0.5, AU7: 0.6, AU24: 0.5 }],
    ['disgust', { AU9: 0.8, AU10: 0.6 }],
    ['neutral', { AU43: 0.5, AU12: 0.1 }],
    [undefined, { AU12: 0.5 }],
  ])('are %s for %j', (name, units) => {
    expect(expressionOf(intensitiesOf(units))).toBe(name);
  });

  it('hold valence and arousal that are 0 at rest, within -1 to 1, and follow the documented table', () => {
    const documented = new Map(
      [
        ...readFileSync(join(ROOT, 'docs/data-demo.md'), 'utf8').matchAll(
          /^\| (AU\d+) \|[^|]*\| *([−\d.]+) \| *([−\d.]+) \|$/gm,
        ),
      ].map(([, unit, v, a]) => [unit, [v, a].map((text) => Number(text?.replace('−', '-')))]),
    );
    expect(Object.fromEntries(documented)).toEqual(AFFECT_WEIGHTS);
    expect(affectOf(intensitiesOf())).toEqual({ valence: 0, arousal: 0 });
    fc.assert(
      fc.property(anyUnits, fc.double({ min: 0, max: 1, noNaN: true }), (units, flush) => {
        const { valence, arousal } = affectOf(units, flush);
        const sum = (k: 0 | 1) =>
          [...documented].reduce(
            (total, [unit, weights]) => total + (weights[k] ?? 0) * units[unit as DrawnUnit],
            0,
          );
        expect(Math.atanh(valence)).toBeCloseTo(sum(0), 9);
        expect(Math.atanh(arousal)).toBeCloseTo(sum(1) + 0.6 * flush, 9);
      }),
    );
  });
});

describe('the plan of the demo set', () => {
  const shots = planDemo({ seed: 1, scale: 'medium' });
  const manifests = new Map(manifestsOf(shots).map(({ name, faces }) => [name, [...faces.rows()]]));
  const rows = (name: string) => manifests.get(name) as FaceRow[];
  const share = (list: FaceRow[], test: (row: FaceRow) => boolean) => list.filter(test).length / list.length;

  it('shares no picture and no person between its manifests', () => {
    for (const key of ['image', 'subject'] as const) {
      const sets = [...manifests.values()].map((list) => new Set(list.map((row) => row[key])));
      const together = new Set(sets.flatMap((set) => [...set]));
      expect(sets.reduce((sum, set) => sum + set.size, 0)).toBe(together.size);
    }
    expect(new Set(shots.map(({ image }) => image)).size).toBe(shots.length);
  });

  it('keeps each person on one side, with about a fifth for validation', () => {
    for (const [name, list] of manifests) {
      const sides = new Map<string, Set<string | undefined>>();
      for (const { subject = '', split } of list)
        sides.set(subject, (sides.get(subject) ?? new Set()).add(split));
      for (const side of sides.values()) expect(side.size).toBe(1);
      const validation = share(list, ({ split }) => split === 'validation');
      expect(validation).toBeGreaterThan(0.1);
      expect(validation).toBeLessThan(0.3);
      expect(list.some(({ split }) => split === 'test')).toBe(name.endsWith('full.parquet'));
    }
  });

  it('labels each set with its own task, and the full one with all three', () => {
    for (const row of rows('expr.parquet'))
      expect([row.expression !== undefined, row.actionUnits, row.valence]).toEqual([
        true,
        undefined,
        undefined,
      ]);
    for (const row of rows('au.parquet')) {
      expect([row.expression, row.valence]).toEqual([undefined, undefined]);
      expect(row.actionUnits).toEqual(row.intensities?.map((value) => ((value ?? 0) >= 0.3 ? 1 : 0)));
    }
    for (const row of rows('va.parquet'))
      expect([row.expression, row.actionUnits, typeof row.arousal]).toEqual([undefined, undefined, 'number']);
    for (const row of rows('full.parquet')) {
      expect(row.expression).toBeDefined();
      expect(row.actionUnits).not.toContain(undefined);
      expect(row.valence).toBeDefined();
    }
  });

  it('is unbalanced like data from the wild, and has some of everything', () => {
    const expression = (name: string) => share(rows('expr.parquet'), (row) => row.expression === name);
    expect(expression('neutral') + expression('happiness')).toBeGreaterThan(0.5);
    expect(expression('fear') + expression('disgust')).toBeLessThan(0.18);
    for (const name of ABAW1.expressions) expect(expression(name)).toBeGreaterThan(0.03);
    const unit = (k: number) => share(rows('au.parquet'), ({ actionUnits }) => actionUnits?.[k] === 1);
    const [common, rare] = [unit(ABAW1.actionUnits.indexOf('AU25')), unit(ABAW1.actionUnits.indexOf('AU20'))];
    expect(common).toBeGreaterThan(3 * rare);
    expect(rare).toBeGreaterThan(0.03);
    for (const [v, a] of [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ] as const)
      expect(
        share(rows('va.parquet'), (row) => (row.valence ?? 0) * v > 0.15 && (row.arousal ?? 0) * a > 0.15),
      ).toBeGreaterThan(0.03);
  });

  it('has no jaw that drops unseen, behind closed lips', () => {
    for (const { behaviour } of shots) expect(behaviour.units.AU26).toBeLessThanOrEqual(behaviour.units.AU25);
  });

  it('depends on its seed', () => {
    const images = (seed: number) =>
      planDemo({ seed, scale: 'small' }).map((shot) => JSON.stringify(shot.behaviour));
    expect(images(1)).toEqual(images(1));
    expect(images(1)).not.toEqual(images(2));
  });

  it('has clips in which nothing jumps', () => {
    const clips = new Map<string, Shot[]>();
    for (const shot of shots)
      if (shot.clip !== undefined) clips.set(shot.clip, [...(clips.get(shot.clip) ?? []), shot]);
    expect(clips.size).toBe(160);
    for (const frames of clips.values()) {
      expect(frames.length).toBeGreaterThanOrEqual(24);
      expect(frames.length).toBeLessThanOrEqual(64);
      expect(frames.map(({ frame }) => frame)).toEqual(frames.map((_, i) => i));
      for (const [i, { behaviour, scene }] of frames.slice(1).entries()) {
        const before = frames[i] as Shot;
        for (const unit of DRAWN_UNITS)
          expect(Math.abs(behaviour.units[unit] - before.behaviour.units[unit])).toBeLessThan(
            unit === 'AU45' ? 0.65 : 0.45,
          );
        for (const angle of ['yaw', 'pitch', 'roll'] as const)
          expect(Math.abs(scene.pose[angle] - before.scene.pose[angle])).toBeLessThan(1.5);
      }
      const most = Math.max(...frames.flatMap(({ behaviour }) => Object.values(behaviour.units)));
      expect(most).toBeGreaterThan(0.2);
    }
  });

  it('has pictures of a clip that differ little from one frame to the next', async () => {
    const frames = shots.filter(({ clip }) => clip === '0001').slice(0, 16);
    const pictures = await Promise.all(frames.map((shot) => decodeRgb(Buffer.from(drawShot(shot, 48)))));
    const differ = (a: number, b: number) => {
      const [one, other] = [pictures[a]?.data, pictures[b]?.data] as [Uint8Array, Uint8Array];
      return (
        one.reduce(
          (sum: number, value: number, i: number) => sum + Math.abs(value - (other[i] as number)),
          0,
        ) / one.length
      );
    };
    for (let i = 1; i < frames.length; i++) {
      expect(differ(i - 1, i)).toBeGreaterThan(0);
      expect(differ(i - 1, i)).toBeLessThan(8);
    }
  });
});

describe('mien data demo', () => {
  it('leaves no manifest when it is killed, starts anew over what is left, and draws the same bytes anywhere', async () => {
    const out = join(folderWith({}), 'set');
    const args = [MAIN, 'data', 'demo', '--out', out, '--scale', 'small', '--size', '48', '--seed', '3'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const images = join(out, 'images');
    while (!existsSync(images) || readdirSync(images).length < 10) await sleep(10);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readdirSync(out).filter((name) => name.includes('parquet'))).toEqual([]);
    writeFileSync(join(images, 'left-over.jpg'), '');

    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^expr\.parquet: 24 faces of 5 people \(train \d+, validation \d+\)$/m);
    const moved = `${out}-moved`;
    renameSync(out, moved);

    const shots = planDemo(SMALL);
    const pictures: string[] = [];
    for await (const path of walkFiles(moved)) if (path.endsWith('.jpg')) pictures.push(path);
    expect(pictures.sort()).toEqual(shots.map(({ image }) => image).sort());
    for (const shot of shots.filter((_, i) => i % 5 === 0))
      expect(readFileSync(join(moved, shot.image)).equals(await renderShot(shot, SMALL.size))).toBe(true);
    for (const { name, faces } of manifestsOf(shots)) {
      const manifest = await readManifest(join(moved, name));
      expect([...manifest.faces.rows()]).toEqual([...faces.rows()]);
      expect(manifest.history.at(-1)?.options).toEqual(SMALL);
      for (let row = 0; row < faces.length; row++) expect(existsSync(pathOf(manifest, row))).toBe(true);
      const { width, height } = await decodeRgb(pathOf(manifest, 0));
      expect([width, height]).toEqual([48, 48]);
    }
  });

  it('refuses a folder with other things in it', async () => {
    const folder = folderWith({ 'thesis.tex': '' });
    await expect(writeDemo(folder, SMALL)).rejects.toThrow(
      /found a folder with other things in it \(thesis\.tex\); expected a new or empty folder/,
    );
    await expect(writeDemo(join(folder, 'thesis.tex'), SMALL)).rejects.toThrow(
      /found a file; expected a folder/,
    );
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  it('ends with 2 when it is told neither where nor which sheet', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'data', 'demo'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('--out <folder>, --sheet <file>, or both');
  });

  it('draws a contact sheet with words on a machine without fonts', async () => {
    const file = join(folderWith({}), 'sheet.png');
    const env = { ...process.env, FONTCONFIG_FILE: '/dev/null' };
    const { status, stdout } = spawnSync(process.execPath, [MAIN, 'data', 'demo', '--sheet', file], {
      encoding: 'utf8',
      env,
    });
    expect([status, stdout]).toEqual([0, `wrote ${file}\n`]);
    const { width, height, data } = await decodeRgb(file);
    expect(height).toBeGreaterThan(width);
    const title = data.subarray(0, 40 * width * 3); // above the first face there is nothing but words
    expect(title.filter((value) => value < 100).length).toBeGreaterThan(500);
  });
});
