#!/usr/bin/env node
// Finds the libtorch to build against: LIBTORCH, then the system's, then the one inside a Python `torch`.
// Plain Node without dependencies, because it runs before `npm ci` and inside `mien doctor` where nothing is built.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOW_TO_GET_ONE =
  'install libtorch-dev and libgloo-dev (Debian, Ubuntu), or set LIBTORCH to a folder with include/ and lib/ ' +
  'from pytorch.org, or to the word python for the torch of python3';

/** @param {string} root */
export function versionHeaders(root) {
  return [
    join(root, 'include/torch/headeronly/version.h'), // since 2.10 the other one only includes this
    join(root, 'include/torch/csrc/api/include/torch/version.h'),
  ];
}

/** @param {string} root */
function readVersion(root) {
  for (const header of versionHeaders(root)) {
    if (!existsSync(header)) continue;
    const text = readFileSync(header, 'utf8');
    const part = (/** @type {string} */ name) =>
      text.match(new RegExp(`^\\s*#define\\s+TORCH_VERSION_${name}\\s+(\\d+)`, 'm'))?.[1];
    const version = [part('MAJOR'), part('MINOR'), part('PATCH')];
    if (version.every((number) => number !== undefined)) return version.join('.');
  }
  return undefined;
}

/**
 * The folder that holds libtorch.so: lib, lib64, or Debian's lib/<multiarch>, whichever it is called on this machine.
 * @param {string} root
 */
function findLibDir(root) {
  const lib = join(root, 'lib');
  const nested = existsSync(lib)
    ? readdirSync(lib, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && /-linux-/.test(entry.name))
        .map((entry) => join(lib, entry.name))
    : [];
  return [lib, join(root, 'lib64'), ...nested].find((folder) => existsSync(join(folder, 'libtorch.so')));
}

/**
 * Headers of CUDA and NCCL: a CUDA toolkit, or the nvidia-* wheels that lie beside a Python torch.
 * @param {string} root @param {NodeJS.ProcessEnv} env
 */
function cudaIncludeDirs(root, env) {
  const wheels = join(root, '../nvidia');
  const fromWheels = existsSync(wheels)
    ? readdirSync(wheels).map((name) => join(wheels, name, 'include'))
    : [];
  const toolkit = join(env.CUDA_HOME || '/usr/local/cuda', 'include');
  return [...fromWheels, toolkit].filter(existsSync);
}

/**
 * Wheels before 2.7 may have been built with the std::string of before C++11. The exported names tell: with the
 * new one, a c10 function that takes a string has `__cxx11` in its mangled name.
 * @param {string} libDir
 */
function usesCxx11Abi(libDir) {
  const library = join(libDir, 'libc10.so');
  if (!existsSync(library)) return true;
  return /_ZNK?3c10\w*St7__cxx1112basic_string/.test(readFileSync(library, 'latin1'));
}

/**
 * What lies at `root`, or in words what is missing there.
 * @param {import('./find-libtorch.mjs').Libtorch['source']} source
 * @param {string} root @param {NodeJS.ProcessEnv} env
 * @returns {import('./find-libtorch.mjs').Libtorch | string}
 */
function inspect(source, root, env) {
  if (!existsSync(root)) return 'no such folder';
  const version = readVersion(root);
  if (!version) return 'no include/torch/csrc/api/include/torch/version.h in it';
  const libDir = findLibDir(root);
  if (!libDir) return 'no lib/libtorch.so in it';

  const include = join(root, 'include');
  const cuda = ['libtorch_cuda.so', 'libc10_cuda.so'].every((name) => existsSync(join(libDir, name)));
  const includeDirs = [
    include,
    join(include, 'torch/csrc/api/include'),
    ...(cuda ? cudaIncludeDirs(root, env) : []),
  ];
  const has = (/** @type {string} */ header) =>
    includeDirs.some((folder) => existsSync(join(folder, header)));
  const cudaHeaders = cuda && has('cuda_runtime_api.h');
  return {
    source,
    root,
    includeDirs,
    libDir,
    version,
    cuda,
    cudaHeaders,
    gloo: has('gloo/algorithm.h') && has('torch/csrc/distributed/c10d/ProcessGroupGloo.hpp'),
    nccl: cudaHeaders && has('nccl.h') && has('torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp'),
    cxx11Abi: usesCxx11Abi(libDir),
  };
}

/**
 * The folder of python3's torch package. It is located, not imported: importing torch takes seconds.
 * @param {NodeJS.ProcessEnv} env
 */
function pythonTorchFolder(env) {
  const program =
    'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")';
  const python = spawnSync('python3', ['-c', program], { env, encoding: 'utf8' });
  return python.status === 0 ? python.stdout.trim() : '';
}

/**
 * A wheel keeps include/ and lib/ inside the package. Debian's package is a layer over libtorch-dev: links in
 * include/ lead to the system's headers, beside which gloo's lie too.
 * @param {string} folder
 */
function pythonTorchRoot(folder) {
  const headers = join(folder, 'include/torch');
  return existsSync(headers) ? dirname(dirname(realpathSync(headers))) : folder;
}

/** @param {NodeJS.ProcessEnv} env @returns {import('./find-libtorch.mjs').Libtorch | string} */
function inspectPython(env) {
  const folder = pythonTorchFolder(env);
  if (!folder) return 'python3 has no torch';
  const found = inspect('python', pythonTorchRoot(folder), env);
  return typeof found === 'string' ? `the torch of python3, ${folder}, is not usable: ${found}` : found;
}

/**
 * @param {import('./find-libtorch.mjs').FindOptions} [options]
 * @returns {import('./find-libtorch.mjs').FindResult}
 */
export function findLibtorch({ env = process.env, systemRoot = '/usr' } = {}) {
  const setting = env.LIBTORCH?.trim();
  if (setting) {
    const found = setting === 'python' ? inspectPython(env) : inspect('LIBTORCH', resolve(setting), env);
    if (typeof found !== 'string') return { ok: true, libtorch: { ...found, source: 'LIBTORCH' } };
    const message =
      setting === 'python'
        ? `LIBTORCH=python: ${found}`
        : `LIBTORCH=${setting}: ${found}; expected libtorch's folder, with include/ and lib/ inside`;
    return { ok: false, message };
  }
  const system = inspect('system', systemRoot, env);
  if (typeof system !== 'string') return { ok: true, libtorch: system };
  const python = inspectPython(env);
  if (typeof python !== 'string') return { ok: true, libtorch: python };
  return { ok: false, message: `libtorch was not found (${python}): ${HOW_TO_GET_ONE}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = findLibtorch();
  if (result.ok) console.log(JSON.stringify(result.libtorch, null, 2));
  else console.error(`find-libtorch: ${result.message}`);
  process.exitCode = result.ok ? 0 : 1;
}
