import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDataError } from 'mien/files';
import { ABAW3 } from 'mien/labels';
import { openReader, type Reader, type ReadingProblem } from 'mien/reading';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, difference, faceIn, ffmpeg, folderForAll, valuesOf, writeClip, writeOnnx } from './support.js';

const folder = folderForAll();
const FRAMES = 20;
let model: string;
let clip: string;
let reader: Reader;

beforeAll(async () => {
  model = await writeOnnx(join(folder, 'model.onnx'));
  clip = writeClip(join(folder, 'clip.mkv'), { frames: FRAMES });
  reader = await openReader({ models: [model], threads: 1 });
});
afterAll(() => reader.close());

/** What ffprobe counts. */
const framesByProbe = (file: string) =>
  Number(
    execFileSync('ffprobe', [
      ...['-v', 'error', '-count_frames', '-select_streams', 'v:0'],
      ...['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', file],
    ]).toString(),
  );

/** Programs that this process has started and that still run. */
const children = () =>
  spawnSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)])
    .stdout.toString()
    .split('\n')
    .filter((name) => name.includes('ffmpeg'));

describe('a video that is read', () => {
  it('gives every frame once, in order, with the one face that is there', async () => {
    const frames = await all(reader.read(clip));
    expect(frames).toHaveLength(framesByProbe(clip));
    expect(frames.map(({ frame }) => frame)).toEqual(frames.map((_, i) => i));
    expect(frames.map(({ time }) => time)).toEqual(frames.map((_, i) => expect.closeTo(i / 25, 3)));
    for (const frame of frames) {
      expect([frame.width, frame.height, frame.source]).toEqual([400, 300, clip]);
      const face = faceIn(frame);
      expect(face.face).toBe(0);
      expect(face.landmarks).toHaveLength(136);
      const shares = Object.values(face.expression?.probabilities ?? {});
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(face.expression?.probabilities[face.expression.label]).toBe(Math.max(...shares));
      for (const { probability, present } of Object.values(face.actionUnits ?? {}))
        expect(present).toBe(probability > 0.5);
      expect(face.disagreement).toBeUndefined();
    }
    expect(new Set(frames.map((frame) => valuesOf(faceIn(frame)).join())).size).toBe(FRAMES);
  });

  it('is read as its frames alone are, where nothing is followed and smoothed', async () => {
    const alone = await openReader({
      models: [model],
      detectEvery: 1,
      smoothLandmarks: 'none',
      smooth: 'none',
    });
    const frames = await all(alone.read(clip, { pictures: true }));
    const pictures = await Promise.all(
      frames.map(({ picture }) => alone.readPicture(picture as NonNullable<typeof picture>)),
    );
    await alone.close();
    // Followed landmarks settle a little differently.
    const others = difference(frames.slice(10), pictures.slice(0, -10));
    expect(difference(frames, pictures)).toBeLessThan(others / 2);
  });

  it('has the same numbers in batches of one and sixteen, and with one and two threads', async () => {
    const expected = await all(reader.read(clip));
    for (const [batch, threads] of [
      [1, 1],
      [16, 2],
    ] as const) {
      const other = await openReader({ models: [model], batch, threads });
      expect(difference(await all(other.read(clip)), expected)).toBeLessThan(1e-6);
      await other.close();
    }
  });

  it('has the same numbers when several are read at once, by one reader and by two', async () => {
    const other = await openReader({ models: [model], threads: 1 });
    const alone = await all(reader.read(clip));
    const together = await Promise.all([reader, reader, other].map((one) => all(one.read(clip))));
    await other.close();
    for (const frames of together) expect(frames).toEqual(alone);
  });

  it('gives pictures out that stay as they are', async () => {
    const frames = await all(reader.read(clip, { pictures: true }));
    const raw = execFileSync(
      'ffmpeg',
      ['-v', 'error', '-i', clip, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
      {
        maxBuffer: 2 ** 28,
      },
    );
    expect(Buffer.compare(Buffer.concat(frames.flatMap(({ picture }) => picture?.data ?? [])), raw)).toBe(0);
  });

  it('has frames without faces too', async () => {
    const grey = join(folder, 'grey.mkv');
    const source = 'color=gray:size=64x48:rate=10:duration=1.2';
    ffmpeg('-f', 'lavfi', '-i', source, '-c:v', 'ffv1', grey);
    const frames = await all(reader.read(grey));
    expect(frames.map(({ frame, faces }) => [frame, faces])).toEqual(frames.map((_, i) => [i, []]));
    expect(frames).toHaveLength(12);
  });

  it('of which only a part, some frames and some tasks are wanted has these', async () => {
    const some = await openReader({ models: [model], tasks: ['VA'] });
    const frames = await all(some.read(clip, { from: 0.2, to: 0.6, every: 2 }));
    expect(some.tasks).toEqual(['VA']);
    await some.close();
    expect(frames.map(({ frame }) => frame)).toEqual([6, 8, 10, 12, 14]);
    for (const frame of frames) {
      const { valence, arousal, expression, actionUnits } = faceIn(frame);
      expect([typeof valence, typeof arousal, expression, actionUnits]).toEqual([
        'number',
        'number',
        undefined,
        undefined,
      ]);
    }
  });

  it('is left in the middle without anything that goes on', async () => {
    for await (const { frame } of reader.read(clip)) if (frame === 3) break;
    expect(children()).toEqual([]);
    const controller = new AbortController();
    const reading = async () => {
      for await (const { frame } of reader.read(clip, { signal: controller.signal }))
        if (frame === 3) controller.abort(new Error('enough'));
    };
    await expect(reading()).rejects.toThrow('enough');
    expect(children()).toEqual([]);
    expect(await all(reader.read(clip))).toHaveLength(FRAMES);
  });

  it('lets a program end that leaves it in the middle and closes nothing', () => {
    const program = `
      const { openReader } = await import('mien');
      const reader = await openReader({ models: [${JSON.stringify(model)}] });
      for await (const { frame } of reader.read(${JSON.stringify(clip)})) if (frame === 2) break;
      console.log('left');`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      timeout: 50_000,
    });
    expect([status, stdout.toString()]).toEqual([0, 'left\n']);
  });

  it.each([1, 2, 3, 5, 8])('lets a program exit at frame %d, with the exit code that it wants', (last) => {
    const program = `
      const { openReader } = await import('mien');
      const reader = await openReader({ models: [${JSON.stringify(model)}] });
      for await (const { frame } of reader.read(${JSON.stringify(clip)})) if (frame === ${last}) process.exit(3);`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      timeout: 50_000,
    });
    expect([status, stderr.toString()]).toEqual([3, '']);
  });

  it('that breaks off is read so far, and it is said', async () => {
    const broken = join(folder, 'broken.mkv');
    const bytes = readFileSync(clip);
    writeFileSync(broken, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const problems: ReadingProblem[] = [];
    const frames = await all(reader.read(broken, { onProblem: (problem) => problems.push(problem) }));
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThan(FRAMES);
    expect(problems.map(({ source }) => source)).toEqual([broken]);
    const intact = await all(reader.read(clip));
    expect(difference(frames.slice(0, 5), intact.slice(0, 5))).toBe(0);
    await expect(all(reader.read(broken))).rejects.toSatisfy(isDataError);
  });

  it('that is none is an error that names it', async () => {
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'no video at all\n');
    for (const file of [text, join(folder, 'nothing.mp4'), folder])
      await expect(all(reader.read(file))).rejects.toThrow(file);
  });
});

describe('several models', () => {
  it('that are the same one twice read as it does, and agree', async () => {
    const copy = join(folder, 'copy.onnx');
    copyFileSync(model, copy);
    const twice = await openReader({ models: [model, copy] });
    const frames = await all(twice.read(clip));
    await twice.close();
    expect(difference(frames, await all(reader.read(clip)))).toBeLessThan(1e-6);
    for (const frame of frames) expect(faceIn(frame).disagreement).toEqual({ EXPR: 0, AU: 0, VA: 0 });
  });

  it('of different labels are refused', async () => {
    const other = await writeOnnx(join(folder, 'other.onnx'), { schema: ABAW3 });
    await expect(openReader({ models: [model, other] })).rejects.toThrow(/other\.onnx: found labels/);
  });

  it('do not read a task that they lack', async () => {
    const units = await writeOnnx(join(folder, 'units.onnx'), { tasks: ['AU'] });
    await expect(openReader({ models: [units], tasks: ['VA'] })).rejects.toThrow(
      /units\.onnx: found a model of AU; expected VA/,
    );
  });
});
