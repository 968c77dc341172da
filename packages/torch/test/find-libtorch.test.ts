import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findLibtorch } from '@mien/torch/find-libtorch';
import { describe, expect, it } from 'vitest';
import { folderWith, programs } from '../../../test/folders.js';

const VERSION_H = 'include/torch/csrc/api/include/torch/version.h';
const GLOO_HPP = 'torch/csrc/distributed/c10d/ProcessGroupGloo.hpp';
const NCCL_HPP = 'torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp';
const NEW_STRING = '\0_ZN3c105ErrorC1ENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEES6_PKv\0';
const OLD_STRING = '\0_ZN3c105ErrorC1ESsSsPKv\0';

function versionHeader(major: number, minor: number, patch: number): string {
  return [
    '#pragma once',
    `#define TORCH_VERSION_MAJOR ${major}`,
    `#define TORCH_VERSION_MINOR ${minor}`,
    `#define TORCH_VERSION_PATCH ${patch}`,
  ].join('\n');
}

/** A wheel's layout: include/ and lib/ in one folder. */
const wheel = (version: [number, number, number]) => ({
  [VERSION_H]: versionHeader(...version),
  'lib/libtorch.so': '',
  'lib/libc10.so': NEW_STRING,
});

/** Debian's layout under /usr. */
const debian = (multiarch: string) => ({
  [VERSION_H]: versionHeader(1, 13, 0),
  [`include/${GLOO_HPP}`]: '',
  [`lib/${multiarch}/libtorch.so`]: '',
  [`lib/${multiarch}/libc10.so`]: NEW_STRING,
  'lib/python3/dist-packages/torch/__init__.py': '',
});

/** A python3 that finds torch in `folder`, or none. */
const python = (folder: string) => ({ PATH: programs({ python3: `echo '${folder}'` }) });

function found(options: Parameters<typeof findLibtorch>[0]) {
  const result = findLibtorch(options);
  if (!result.ok) throw new Error(result.message);
  return result.libtorch;
}

function failure(options: Parameters<typeof findLibtorch>[0]): string {
  const result = findLibtorch(options);
  if (result.ok) throw new Error(`found ${result.libtorch.root}`);
  return result.message;
}

describe('LIBTORCH', () => {
  it('names a folder and wins over the system and python3', () => {
    const root = folderWith(wheel([2, 13, 0]));
    const systemRoot = folderWith(debian('x86_64-linux-gnu'));
    const libtorch = found({ env: { ...python('/elsewhere'), LIBTORCH: root }, systemRoot });
    expect(libtorch).toMatchObject({
      source: 'LIBTORCH',
      root,
      version: '2.13.0',
      libDir: join(root, 'lib'),
    });
    expect(libtorch.includeDirs).toEqual([
      join(root, 'include'),
      join(root, 'include/torch/csrc/api/include'),
    ]);
  });

  it('may be the word python', () => {
    const root = folderWith(wheel([2, 4, 1]));
    expect(found({ env: { ...python(root), LIBTORCH: 'python' } })).toMatchObject({ root, version: '2.4.1' });
    expect(failure({ env: { ...python(''), LIBTORCH: 'python' } })).toBe(
      'LIBTORCH=python: python3 has no torch',
    );
  });

  it('that is wrong is an error with its name, even where the system has a libtorch', () => {
    const systemRoot = folderWith(debian('x86_64-linux-gnu'));
    const empty = folderWith({});
    const wrong = (LIBTORCH: string) => failure({ env: { LIBTORCH }, systemRoot });
    expect(wrong('/no/such')).toBe(
      "LIBTORCH=/no/such: no such folder; expected libtorch's folder, with include/ and lib/ inside",
    );
    expect(wrong(empty)).toContain(`LIBTORCH=${empty}: no ${VERSION_H} in it`);
    const noLibrary = folderWith({ [VERSION_H]: versionHeader(2, 0, 0) });
    expect(wrong(noLibrary)).toContain(`LIBTORCH=${noLibrary}: no lib/libtorch.so in it`);
  });
});

describe("the system's libtorch", () => {
  it.each(['x86_64-linux-gnu', 'aarch64-linux-gnu', 'riscv64-linux-gnu'])(
    'is found in lib/%s',
    (multiarch) => {
      const systemRoot = folderWith(debian(multiarch));
      const libtorch = found({ env: python('/elsewhere'), systemRoot });
      expect(libtorch).toMatchObject({ source: 'system', version: '1.13.0', cuda: false });
      expect(libtorch.libDir).toBe(join(systemRoot, 'lib', multiarch));
    },
  );

  it("has Gloo only with gloo's own headers", () => {
    const without = folderWith(debian('x86_64-linux-gnu'));
    const withGloo = folderWith({ ...debian('x86_64-linux-gnu'), 'include/gloo/algorithm.h': '' });
    expect(found({ env: {}, systemRoot: without }).gloo).toBe(false);
    expect(found({ env: {}, systemRoot: withGloo }).gloo).toBe(true);
  });
});

describe("python3's torch", () => {
  it('is taken when nothing else is there', () => {
    const root = folderWith(wheel([2, 1, 2]));
    const libtorch = found({ env: python(root), systemRoot: folderWith({}) });
    expect(libtorch).toMatchObject({ source: 'python', root, version: '2.1.2', gloo: false, nccl: false });
  });

  it("leads to the system's libtorch where it is Debian's layer over that", () => {
    const systemRoot = folderWith({
      ...debian('x86_64-linux-gnu'),
      'include/gloo/algorithm.h': '',
    });
    const layer = join(systemRoot, 'lib/python3/dist-packages/torch');
    mkdirSync(join(layer, 'include'));
    symlinkSync('../../../../../include/torch', join(layer, 'include/torch'));
    const libtorch = found({ env: { ...python(layer), LIBTORCH: 'python' } });
    expect(libtorch).toMatchObject({ root: systemRoot, gloo: true });
    expect(libtorch.libDir).toBe(join(systemRoot, 'lib/x86_64-linux-gnu'));
  });
});

it('says in one line how to get a libtorch when there is none', () => {
  const message = failure({ env: python(''), systemRoot: folderWith({}) });
  expect(message).toMatch(/not found.*libtorch-dev and libgloo-dev.*LIBTORCH/);
  expect(message).not.toContain('\n');
});

it('reads the version where libtorch 2.10 moved it', () => {
  const LIBTORCH = folderWith({
    ...wheel([2, 14, 1]),
    [VERSION_H]: '#include <torch/headeronly/version.h>',
    'include/torch/headeronly/version.h': versionHeader(2, 14, 1),
  });
  expect(found({ env: { LIBTORCH } }).version).toBe('2.14.1');
});

it('tells the old std::string ABI from the new', () => {
  const abi = (libc10: string) =>
    found({ env: { LIBTORCH: folderWith({ ...wheel([2, 1, 0]), 'lib/libc10.so': libc10 }) } }).cxx11Abi;
  expect(abi(NEW_STRING)).toBe(true);
  expect(abi(OLD_STRING)).toBe(false);
});

describe('CUDA', () => {
  const cudaWheel = {
    ...wheel([2, 11, 0]),
    'lib/libtorch_cuda.so': '',
    'lib/libc10_cuda.so': '',
    [`include/${NCCL_HPP}`]: '',
  };

  it('is there with its two libraries, and without headers NCCL is not', () => {
    const env = { LIBTORCH: folderWith(cudaWheel), CUDA_HOME: folderWith({}) };
    expect(found({ env })).toMatchObject({ cuda: true, cudaHeaders: false, nccl: false });
    expect(found({ env: { LIBTORCH: folderWith(wheel([2, 11, 0])) } }).cuda).toBe(false);
  });

  it('takes its headers from the nvidia wheels beside torch, or from CUDA_HOME', () => {
    const site = folderWith({
      ...Object.fromEntries(Object.entries(cudaWheel).map(([path, text]) => [`torch/${path}`, text])),
      'nvidia/cu13/include/cuda_runtime_api.h': '',
      'nvidia/nccl/include/nccl.h': '',
    });
    const besides = found({ env: { LIBTORCH: join(site, 'torch'), CUDA_HOME: folderWith({}) } });
    expect(besides).toMatchObject({ cuda: true, cudaHeaders: true, nccl: true });
    expect(besides.includeDirs).toContain(join(site, 'nvidia/nccl/include'));

    const toolkit = folderWith({ 'include/cuda_runtime_api.h': '', 'include/nccl.h': '' });
    const fromToolkit = found({ env: { LIBTORCH: folderWith(cudaWheel), CUDA_HOME: toolkit } });
    expect(fromToolkit).toMatchObject({ cudaHeaders: true, nccl: true });
  });
});
