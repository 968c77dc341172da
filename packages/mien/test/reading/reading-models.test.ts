// Models for reading: named as they ship, or weights that are exported once.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ABAW1 } from 'mien/labels';
import { cacheFolder, defaultModel, openRunner, shippedFiles, shippedModels } from 'mien/models/runners';
import { findMembers, openReadingModels } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { goldenCheckpoints } from '../models/networks.js';
import { SHARED } from '../support/golden.js';
import { writeMember, writeModel } from './models.js';

const HIDE_ENGINE = pathToFileURL(fileURLToPath(new URL('../support/hide-engine.mjs', import.meta.url))).href;

/** Runs a program where there is no libtorch, with `open(file, options)` in it. @returns what it prints, or its error */
function withoutEngine(program: string, args: readonly string[]): string {
  const source = `
    import { openReadingModels } from 'mien/reading';
    const [file, cache] = process.argv.slice(1);
    try {
      ${program}
    } catch (error) {
      console.log(error.message);
    }`;
  const run = spawnSync(
    process.execPath,
    ['--import', HIDE_ENGINE, '--input-type=module', '--eval', source, ...args],
    { cwd: join(ROOT, 'packages/mien'), encoding: 'utf8' },
  );
  expect(run.stderr).toBe('');
  return run.stdout.trim();
}

const READ = `
  const { runners, close } = await openReadingModels([file], { cache, threads: 1 });
  const { inputSize } = runners[0].info.network;
  const images = new Float32Array(3 * inputSize ** 2).fill(0.5);
  const { VA } = await runners[0].run(images, [1, 3, inputSize, inputSize]);
  console.log(JSON.stringify([...VA]));
  await close();`;

describe('a model that ships', () => {
  it('is named whole or without what all names begin with', async () => {
    for (const { name, files } of shippedModels()) {
      const members = await findMembers([name]);
      expect(members).toHaveLength(files.length);
      expect(await findMembers([name.replace('mien-', '')])).toEqual(members);
      expect(shippedFiles(name)).toEqual(members.map(({ file }) => file));
    }
  });

  it('is taken where none is named', async () => {
    const { members, runners, close } = await openReadingModels();
    expect(members.map(({ file }) => file)).toEqual(shippedFiles(defaultModel()));
    expect(runners.map(({ file }) => file)).toEqual(shippedFiles(defaultModel()));
    await close();
  });

  it('comes after a file of its name', async () => {
    const folder = folderWith({ s: 'mine' });
    const name = join(folder, 's');
    const [member] = await findMembers([name]);
    expect(member?.file).toBe(name);
  });

  it('of an unknown name is refused, with those that there are', async () => {
    await expect(findMembers(['mien-xxl'])).rejects.toThrow(/mien-xxl: found no such file.*ships: .*mien-s/);
  });

  it('reads without libtorch', () => {
    expect(JSON.parse(withoutEngine(READ, ['mien-s', '']))).toHaveLength(40);
  });
});

describe('weights', () => {
  it('are exported once, and say in ONNX Runtime what they say in libtorch', async () => {
    const folder = folderWith({});
    const cache = join(folder, 'cache');
    const file = await writeModel(join(folder, 'some.safetensors'));
    const notices: string[] = [];
    const options = { cache, threads: 1, onNotice: (message: string) => void notices.push(message) };
    const images = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i));
    const dims = [1, 3, 32, 32];
    const torch = await openRunner(file, { threads: 1 });
    const expected = await torch.run(images, dims);
    for (const _ of ['exported', 'kept']) {
      const { runners, close } = await openReadingModels([file], options);
      const [runner] = runners;
      expect(runner).toMatchObject({ name: 'some', file, hash: torch.hash, info: torch.info });
      const found = await runner?.run(images, dims);
      expected.VA?.forEach((value, i) => void expect(found?.VA?.[i]).toBeCloseTo(value, 4));
      await close();
      expect(notices).toHaveLength(1);
      expect(readdirSync(cache)).toHaveLength(1);
    }
    await torch.close();
  });

  it('are exported again when the file or what is said of it changed', async () => {
    const folder = folderWith({});
    const cache = join(folder, 'cache');
    const file = join(folder, 'some.safetensors');
    const open = async (checkpoint = {}) => (await openReadingModels([file], { cache, checkpoint })).close();
    await writeModel(file);
    await open();
    await writeModel(file, { seed: 2 });
    await open();
    expect(readdirSync(cache)).toHaveLength(2);
    await open({ schema: ABAW1 });
    expect(readdirSync(cache)).toHaveLength(3);
  });

  it('need no libtorch once they were exported, and without both say what to do', async () => {
    const folder = folderWith({});
    const run = join(folder, 'run');
    const file = await writeMember(run, 'cnn/teacher');
    const cache = join(folder, 'cache');
    const refusal = withoutEngine(READ, [file, cache]);
    expect(refusal).toMatch(/best\.safetensors: found a file of weights, which needs libtorch/);
    expect(refusal).toMatch(/npm run setup -- train.*mien export/);
    expect(existsSync(cache)).toBe(false);
    await (await openReadingModels([file], { cache })).close();
    expect(JSON.parse(withoutEngine(READ, [file, cache]))).toHaveLength(40);
  });

  it('are not kept where that is not wanted, and read where they cannot be kept', async () => {
    const folder = folderWith({ occupied: 'a file' });
    const file = await writeModel(join(folder, 'some.safetensors'));
    await (await openReadingModels([file], { cache: false })).close();
    expect(readdirSync(folder).sort()).toEqual(['occupied', 'some.safetensors']);
    const notices: string[] = [];
    const { runners, close } = await openReadingModels([file], {
      cache: join(folder, 'occupied/models'),
      onNotice: (message) => void notices.push(message),
    });
    expect(runners).toHaveLength(1);
    await close();
    expect(notices.at(-1)).toMatch(/cannot be kept in .*occupied.*MIEN_CACHE/);
  });
});

describe('the folder of exported models', () => {
  it.runIf(process.platform === 'linux')('is that of the environment', () => {
    expect(cacheFolder({ MIEN_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/mien');
    expect(cacheFolder({})).toMatch(/\/\.cache\/mien$/);
  });
});

describe.skipIf(!SHARED)('golden checkpoints (skipped where they do not stand beside the checkout)', () => {
  const checkpoint = goldenCheckpoints();

  it('are read at the size that is said, and afterwards without libtorch', async () => {
    const file = checkpoint('cnn_net_epoch_student_0_id_resnet50.pth');
    const cache = folderWith({});
    const { runners, close } = await openReadingModels([file], {
      cache,
      threads: 1,
      checkpoint: { inputSize: 64 },
    });
    expect(runners[0]?.info.network).toMatchObject({ backbone: 'resnet50-ferplus', inputSize: 64 });
    await close();
    const read = READ.replace('{ cache,', '{ cache, checkpoint: { inputSize: 64 },');
    expect(JSON.parse(withoutEngine(read, [file, cache]))).toHaveLength(40);
  });
});
