#!/usr/bin/env node
// Compiles native/*.cc into build/mien_torch.node against the libtorch that find-libtorch.mjs finds.
// Not node-gyp: that wants Node's own headers on disk or downloads them, while the npm package node-api-headers
// suffices, and a plain list of paths cannot mix two installs of libtorch.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, freemem } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, writeWhole } from './files.mjs';
import { findLibtorch, versionHeaders } from './find-libtorch.mjs';

const PACKAGE_DIR = dirname(dirname(fileURLToPath(import.meta.url)));
/** What g++ takes for one source that includes libtorch's headers; more jobs than that fit would swap. */
const BYTES_PER_JOB = 1.5e9;
/** The compiler's own search path. Naming it by -isystem moves it ahead of libstdc++ and breaks #include_next. */
const COMPILERS_OWN_DIRS = ['/usr/include', '/usr/local/include'];
/** Settings that change which libtorch or compiler is chosen, or how. */
const SETTINGS = ['LIBTORCH', 'CXX', 'VIRTUAL_ENV', 'CUDA_HOME'];

/** @typedef {import('./find-libtorch.mjs').Libtorch} Libtorch */
/** @typedef {{ env: NodeJS.ProcessEnv, packageDir: string }} Place */

/** @param {string} packageDir @param {string[]} endings */
function nativeFiles(packageDir, endings) {
  const folder = join(packageDir, 'native');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .sort()
    .map((name) => join(folder, name));
}

/** @param {string} packageDir @param {string} name */
function npmPackage(packageDir, name) {
  return dirname(createRequire(join(packageDir, 'package.json')).resolve(`${name}/package.json`));
}

/** @param {...(string | Buffer)} parts */
function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

// The stamp answers "is there anything to do" by stat calls alone: no compiler, no python3, no hashing.

/** @param {Place} place @param {{ root: string, libDir: string }} libtorch */
function stampText({ env, packageDir }, libtorch) {
  const files = [
    ...nativeFiles(packageDir, ['.cc', '.h']),
    fileURLToPath(import.meta.url),
    fileURLToPath(new URL('./find-libtorch.mjs', import.meta.url)),
    join(npmPackage(packageDir, 'node-api-headers'), 'package.json'),
    ...versionHeaders('/usr'), // a system libtorch that appears later would be chosen before python3's
    ...versionHeaders(libtorch.root),
    join(libtorch.libDir, 'libtorch.so'),
    join(packageDir, 'build/build-info.json'),
    join(packageDir, 'build/mien_torch.node'),
  ];
  return JSON.stringify({
    root: libtorch.root,
    libDir: libtorch.libDir,
    settings: SETTINGS.map((name) => env[name] ?? null),
    files: files.map((file) => [file, fingerprint(file)]),
  });
}

/**
 * Whether the last build still stands, by stat calls only.
 * @param {Partial<Place>} [place]
 */
export function isNativeBuilt({ env = process.env, packageDir = PACKAGE_DIR } = {}) {
  try {
    const kept = readFileSync(join(packageDir, 'build/stamp.json'), 'utf8');
    if (!existsSync(join(packageDir, 'build/mien_torch.node'))) return false;
    return kept === stampText({ env, packageDir }, JSON.parse(kept));
  } catch {
    return false;
  }
}

/** @param {string} compiler @param {NodeJS.ProcessEnv} env */
function compilerVersion(compiler, env) {
  const run = spawnSync(compiler, ['--version'], { env, encoding: 'utf8' });
  if (run.status !== 0)
    throw new Error(`no C++ compiler: "${compiler}" does not run; install g++, or set CXX`);
  return run.stdout.split('\n', 1)[0] ?? '';
}

/** @param {Libtorch} libtorch @param {string} packageDir */
function compileFlags(libtorch, packageDir) {
  const [major = 0, minor = 0] = libtorch.version.split('.').map(Number);
  const cxx20 = major > 2 || (major === 2 && minor >= 13); // its headers use C++20 from there on
  const includes = [
    join(npmPackage(packageDir, 'node-api-headers'), 'include'),
    ...libtorch.includeDirs.filter((folder) => !COMPILERS_OWN_DIRS.includes(folder)),
  ];
  return [
    '-O2',
    cxx20 ? '-std=c++20' : '-std=c++17',
    '-Wall',
    '-fPIC',
    '-fvisibility=hidden',
    '-fopenmp',
    '-DNAPI_VERSION=9',
    '-DNODE_GYP_MODULE_NAME=mien_torch',
    '-DBUILDING_NODE_EXTENSION',
    `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.cxx11Abi ? 1 : 0}`,
    ...(libtorch.gloo || libtorch.nccl ? ['-DUSE_DISTRIBUTED', '-DUSE_C10D'] : []),
    ...(libtorch.gloo ? ['-DUSE_C10D_GLOO', '-DMIEN_GLOO=1'] : []),
    ...(libtorch.cuda ? ['-DMIEN_CUDA=1'] : []),
    ...(libtorch.cudaHeaders ? ['-DMIEN_CUDA_HEADERS=1'] : []),
    ...(libtorch.nccl ? ['-DUSE_C10D_NCCL', '-DMIEN_NCCL=1'] : []),
    ...includes.flatMap((folder) => ['-isystem', folder]),
  ];
}

/** @param {Libtorch} libtorch */
function linkFlags({ root, libDir, cuda, gloo }) {
  const hasGloo = [libDir, join(root, 'lib')].some((folder) => existsSync(join(folder, 'libgloo.so')));
  // A wheel brings its own OpenMP runtime. A second one beside it would run a second team of threads.
  const openmp = readdirSync(libDir).find((name) => name.startsWith('libgomp'));
  return [
    `-L${libDir}`,
    `-Wl,-rpath,${libDir}`,
    // A worker that ends unloads its addons; libtorch's threads would be left running code that is gone.
    '-Wl,-z,nodelete',
    '-ltorch',
    '-ltorch_cpu',
    '-lc10',
    ...(gloo && hasGloo ? ['-lgloo'] : []),
    ...(cuda ? ['-Wl,--no-as-needed', '-ltorch_cuda', '-lc10_cuda'] : []), // nothing names them: they register kernels
    openmp ? join(libDir, openmp) : '-fopenmp',
    '-lpthread',
  ];
}

/**
 * @param {string} command @param {string[]} args @param {{ env: NodeJS.ProcessEnv, quiet: boolean }} options
 * @returns {Promise<void>}
 */
function runCompiler(command, args, { env, quiet }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) {
        if (output && !quiet) process.stderr.write(output);
        return resolve();
      }
      const line = [command, ...args]
        .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`))
        .join(' ');
      const reason = signal ? `was ended by ${signal} (out of memory?)` : `exited with ${code}`;
      reject(new Error(`the compiler ${reason}\n${line}\n${output}`));
    });
  });
}

/**
 * @template T
 * @param {T[]} items @param {number} limit @param {(item: T) => Promise<void>} task
 */
async function inParallel(items, limit, task) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await task(item);
      } catch (error) {
        queue.length = 0; // the first failure ends the build; what already runs is let finish
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

const readIfThere = (/** @type {string} */ file) =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

/**
 * Builds what is out of date. Throws when no libtorch or compiler is found, or with the failed command and what
 * the compiler said.
 * @param {{ quiet?: boolean } & Partial<Place>} [options]
 * @returns {Promise<{ built: boolean, file: string }>}
 */
export async function buildNative({ quiet = false, env = process.env, packageDir = PACKAGE_DIR } = {}) {
  const buildDir = join(packageDir, 'build');
  const file = join(buildDir, 'mien_torch.node');
  if (isNativeBuilt({ env, packageDir })) return { built: false, file };

  const sources = nativeFiles(packageDir, ['.cc']);
  if (sources.length === 0) throw new Error(`nothing to build: no .cc file in ${join(packageDir, 'native')}`);
  const result = findLibtorch({ env });
  if (!result.ok) throw new Error(result.message);
  const { libtorch } = result;
  const compiler = env.CXX || 'g++';
  const version = compilerVersion(compiler, env);
  const flags = compileFlags(libtorch, packageDir);
  const linking = linkFlags(libtorch);

  const nodeApi = readFileSync(join(npmPackage(packageDir, 'node-api-headers'), 'package.json'));
  const headers = nativeFiles(packageDir, ['.h']).flatMap((header) => [
    basename(header),
    readFileSync(header),
  ]);
  const common = sha256(version, ...flags, libtorch.root, libtorch.version, nodeApi, ...headers);
  const units = sources.map((source) => {
    const object = join(buildDir, 'obj', `${basename(source, '.cc')}.o`);
    return { source, object, hashFile: `${object}.hash`, hash: sha256(common, readFileSync(source)) };
  });
  const hash = sha256(...units.map((unit) => unit.hash), ...linking);

  mkdirSync(join(buildDir, 'obj'), { recursive: true });
  const outdated = units.filter(
    (unit) => !existsSync(unit.object) || readIfThere(unit.hashFile) !== unit.hash,
  );
  const infoFile = join(buildDir, 'build-info.json');
  const linked = existsSync(file) && JSON.parse(readIfThere(infoFile) ?? '{}').hash === hash;
  if (!linked && !quiet) {
    const count = `${outdated.length} of ${units.length} sources`;
    console.error(`building the training engine: ${count}, libtorch ${libtorch.version} in ${libtorch.root}`);
  }

  const memory = process.availableMemory?.() ?? freemem();
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(memory / BYTES_PER_JOB)));
  await inParallel(outdated, jobs, async ({ source, object, hashFile, hash }) => {
    rmSync(hashFile, { force: true });
    const beside = `${object}.${process.pid}`;
    await runCompiler(compiler, [...flags, '-c', source, '-o', beside], { env, quiet });
    renameSync(beside, object);
    writeWhole(hashFile, hash);
  });

  if (!linked) {
    const beside = `${file}.${process.pid}`;
    const objects = units.map((unit) => unit.object);
    await runCompiler(compiler, ['-shared', ...objects, '-o', beside, ...linking], { env, quiet });
    renameSync(beside, file);
    const { includeDirs: _, ...found } = libtorch;
    writeWhole(infoFile, `${JSON.stringify({ ...found, compiler: version, hash }, null, 2)}\n`);
    const kept = new Set(units.flatMap((unit) => [basename(unit.object), basename(unit.hashFile)]));
    for (const name of readdirSync(join(buildDir, 'obj'))) {
      if (!kept.has(name)) rmSync(join(buildDir, 'obj', name));
    }
  }
  writeWhole(join(buildDir, 'stamp.json'), stampText({ env, packageDir }, libtorch));
  return { built: !linked, file };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { built, file } = await buildNative();
    if (built) console.error(`built ${relative(process.cwd(), file)}`);
  } catch (error) {
    console.error(`build-native: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
