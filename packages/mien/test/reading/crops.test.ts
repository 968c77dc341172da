import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceTable, type Manifest } from 'mien/datasets';
import { decodeRgb } from 'mien/images';
import { ABAW1, TASKS } from 'mien/labels';
import { createTransform, TRANSFORM } from 'mien/loading';
import { type ModelRunner, openRunner, valenceArousalOf } from 'mien/models/runners';
import { Random } from 'mien/random';
import { type ReadFacesOptions, readFaces as read } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { writePictures } from '../support/pictures.js';
import { writeModel } from './models.js';

/** By one thread: a team takes longer to start than to read. */
const readFaces = (options: ReadFacesOptions) => read({ threads: 1, ...options });

const all = (count: number) => Int32Array.from({ length: count }, (_, row) => row);

/** Faces of two clips by turns, 0 1 0 1 …, and pictures of them in a new folder. */
async function twoClips(count: number): Promise<Manifest> {
  const folder = folderWith({});
  const names = await writePictures(folder, Array(count).fill('png'));
  const faces = new FaceTable(ABAW1);
  names.forEach((image, i) => void faces.push({ dataset: 'set', image, clip: `clip ${i % 2}`, frame: i }));
  return { file: join(folder, 'faces.parquet'), faces, roots: new Map([['set', folder]]), history: [] };
}

async function runnerOf(over: Parameters<typeof writeModel>[1] = {}, name = 'model'): Promise<ModelRunner> {
  const file = await writeModel(join(folderWith({}), 'model.safetensors'), over);
  return openRunner(file, { threads: 1, name });
}

/** A runner that notes what it is asked. */
function watched(runner: ModelRunner): { runner: ModelRunner; asked: number[][] } {
  const asked: number[][] = [];
  const run: ModelRunner['run'] = (images, dims) => {
    asked.push([...dims]);
    return runner.run(images, dims);
  };
  return { runner: { ...runner, run }, asked };
}

const CLIPS = { sequence: { length: 4, hidden: 6 } };

describe('reading faces', () => {
  it('gives each row what its picture alone gives, in the order asked', async () => {
    const manifest = await twoClips(7);
    const runner = await runnerOf();
    const rows = Int32Array.of(5, 0, 6, 2);
    const { rows: found, outputs, broken } = await readFaces({ manifest, rows, runners: [runner], batch: 3 });
    expect(found).toEqual(rows);
    expect(broken).toEqual([]);
    const { network, input, decoding } = runner.info;
    const transform = createTransform(
      TRANSFORM.parse({ kind: 'evaluation', size: network.inputSize, ...input }),
    );
    for (const [i, row] of rows.entries()) {
      const pixels = new Float32Array(3 * network.inputSize ** 2);
      const file = join(manifest.roots.get('set') as string, `${row}.png`);
      transform(await decodeRgb(file), Random.keyed(0), pixels, 0);
      const logits = await runner.run(pixels, [1, 3, network.inputSize, network.inputSize]);
      const expected = { ...logits, VA: valenceArousalOf(logits.VA as Float32Array, decoding) };
      const [output] = outputs;
      expect(output).toMatchObject({ name: 'model', schema: ABAW1, length: 4 });
      for (const task of TASKS) {
        const values = output?.[task] as Float32Array;
        const width = values.length / rows.length;
        values
          .subarray(i * width, (i + 1) * width)
          .forEach((value, k) => void expect(value).toBeCloseTo(expected[task]?.[k] as number, 4));
      }
    }
    await runner.close();
  });

  it('decodes pictures once for models with the same input', async () => {
    const manifest = await twoClips(6);
    const [one, two] = [await runnerOf({ seed: 1 }, 'one'), await runnerOf({ seed: 2 }, 'two')];
    const other = await runnerOf({ inputSize: 48 }, 'other');
    const totals: number[] = [];
    const rows = all(6);
    const { outputs } = await readFaces({
      manifest,
      rows,
      runners: [one, two, other],
      onProgress: (done, total) => void totals.push(done, total),
    });
    expect(totals).toEqual([6, 12, 12, 12]); // two kinds of input
    for (const [i, runner] of [one, two, other].entries()) {
      const alone = await readFaces({ manifest, rows, runners: [runner] });
      expect(outputs[i]).toEqual(alone.outputs[0]);
      await runner.close();
    }
    expect(outputs[0]?.EXPR).not.toEqual(outputs[1]?.EXPR);
  });

  it('reads clips in windows that count every face once', async () => {
    const manifest = await twoClips(13);
    const { runner, asked } = watched(await runnerOf(CLIPS));
    const { rows, outputs } = await readFaces({ manifest, rows: all(13), runners: [runner], batch: 8 });
    expect(rows).toEqual(all(13));
    // Clip 0 has 7 faces, clip 1 has 6: two windows of 4 each, of which two go into a pass.
    expect(asked).toEqual([
      [2, 4, 3, 32, 32],
      [2, 4, 3, 32, 32],
    ]);
    const clip = Int32Array.of(1, 3, 5, 7); // the first window of clip 1
    const alone = await readFaces({ manifest, rows: clip, runners: [runner] });
    for (const [i, row] of clip.entries())
      for (let k = 0; k < 7; k++)
        expect(outputs[0]?.EXPR?.[row * 7 + k]).toBeCloseTo(alone.outputs[0]?.EXPR?.[i * 7 + k] as number, 4);
    await runner.close();
  });

  it('leaves a picture that does not open out for all models, and names it once', async () => {
    const manifest = await twoClips(9);
    const folder = manifest.roots.get('set') as string;
    const runners = [await runnerOf({}, 'pictures'), await runnerOf(CLIPS, 'clips')];
    const whole = await readFaces({ manifest, rows: all(9), runners: runners.slice(0, 1) });
    writeFileSync(join(folder, '4.png'), 'no picture');
    const named: number[] = [];
    const { rows, outputs, broken } = await readFaces({
      manifest,
      rows: all(9),
      runners,
      onBroken: ({ row }) => void named.push(row),
    });
    expect([...rows]).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
    expect(named).toEqual([4]);
    expect(broken).toMatchObject([{ row: 4, path: join(folder, '4.png') }]);
    for (const output of outputs) {
      expect(output.length).toBe(8);
      expect(output.AU).toHaveLength(8 * 8);
      expect(output.VA).toHaveLength(8 * 2);
    }
    rows.forEach((row, i) => {
      const [kept, before] = [outputs[0]?.AU, whole.outputs[0]?.AU];
      for (let k = 0; k < 8; k++) expect(kept?.[i * 8 + k]).toBeCloseTo(before?.[row * 8 + k] as number, 4);
    });
    await expect(readFaces({ manifest, rows: all(9), runners, strict: true })).rejects.toThrow(
      /faces\.parquet:5: found .*4\.png: .*; expected a picture/,
    );
    for (const runner of runners) await runner.close();
  });

  it('stops when all pictures are gone, or when it is told to', async () => {
    const manifest = await twoClips(3);
    const runner = await runnerOf();
    const options = { manifest, rows: all(3), runners: [runner] };
    await expect(readFaces({ ...options, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    for (const name of ['0.png', '1.png', '2.png']) rmSync(join(manifest.roots.get('set') as string, name));
    await expect(readFaces(options)).rejects.toThrow(/3 broken pictures/);
    await runner.close();
  });

  it('of clips needs faces with clips', async () => {
    const manifest = await twoClips(2);
    manifest.faces.push({ dataset: 'set', image: '0.png' });
    const runner = await runnerOf(CLIPS);
    await expect(readFaces({ manifest, rows: all(3), runners: [runner] })).rejects.toThrow(
      /faces\.parquet:3: found a face without a clip/,
    );
    await runner.close();
  });
});
