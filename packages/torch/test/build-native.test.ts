import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { folderWith, programs, ROOT } from '../../../test/folders.js';
import { buildNative, isNativeBuilt } from '../scripts/build-native.mjs';

// A compiler that notes its calls and copies its source: what matters here is when it is called and with what.
const COMPILER = `
[ "$1" = --version ] && { echo "fake 1.0"; exit 0; }
echo "$@" >> "$CALLS"
while [ $# -gt 0 ]; do
  case "$1" in -o) out=$2; shift;; *.cc) source=$1;; esac
  shift
done
if [ -n "$source" ] && grep -q error "$source"; then echo "$source: a mistake"; exit 1; fi
echo made > "$out"`;

const libtorch = (major: number, minor: number) =>
  folderWith({
    'include/torch/csrc/api/include/torch/version.h': `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH 0\n`,
    'lib/libtorch.so': '',
  });

let packageDir: string;
let calls: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  packageDir = folderWith({
    'package.json': '{}',
    'native/a.cc': 'a',
    'native/b.cc': 'b',
    'native/h.h': 'h',
  });
  symlinkSync(join(ROOT, 'node_modules'), join(packageDir, 'node_modules'));
  calls = join(packageDir, 'calls');
  env = {
    ...process.env,
    LIBTORCH: libtorch(2, 5),
    CXX: join(programs({ 'fake-g++': COMPILER }), 'fake-g++'),
    CALLS: calls,
  };
});

const build = () => buildNative({ quiet: true, env, packageDir });

/** The files compiled since the last look, and whether there was a link. */
function done(): string[] {
  if (!existsSync(calls)) return [];
  const lines = readFileSync(calls, 'utf8').trim().split('\n').filter(Boolean);
  writeFileSync(calls, '');
  return lines.map((line) => line.match(/native\/(\w+\.cc)/)?.[1] ?? 'link').sort();
}

describe('a build', () => {
  it('compiles everything once, then nothing', async () => {
    expect(isNativeBuilt({ env, packageDir })).toBe(false);
    expect((await build()).built).toBe(true);
    expect(done()).toEqual(['a.cc', 'b.cc', 'link']);
    expect(isNativeBuilt({ env, packageDir })).toBe(true);
    expect((await build()).built).toBe(false);
    expect(done()).toEqual([]);
  });

  it('compiles again only the source that changed, and all when a header did', async () => {
    await build();
    done();
    writeFileSync(join(packageDir, 'native/a.cc'), 'another a');
    await build();
    expect(done()).toEqual(['a.cc', 'link']);
    writeFileSync(join(packageDir, 'native/h.h'), 'another h');
    await build();
    expect(done()).toEqual(['a.cc', 'b.cc', 'link']);
  });

  it('compiles nothing for a touched file', async () => {
    await build();
    done();
    utimesSync(join(packageDir, 'native/a.cc'), 1, 1);
    expect(isNativeBuilt({ env, packageDir })).toBe(false);
    expect((await build()).built).toBe(false);
    expect(done()).toEqual([]);
    expect(isNativeBuilt({ env, packageDir })).toBe(true);
  });

  it('compiles all for another libtorch', async () => {
    await build();
    expect(readFileSync(calls, 'utf8')).toContain('-std=c++17');
    done();
    env.LIBTORCH = libtorch(2, 13);
    await build();
    expect(readFileSync(calls, 'utf8')).toContain('-std=c++20'); // its headers need that
    expect(done()).toEqual(['a.cc', 'b.cc', 'link']);
  });

  it('links again when the addon was deleted, and forgets the objects of deleted sources', async () => {
    await build();
    done();
    const { file } = await build();
    rmSync(file);
    rmSync(join(packageDir, 'native/b.cc'));
    await build();
    expect(done()).toEqual(['link']);
    expect(readdirSync(join(packageDir, 'build/obj')).sort()).toEqual(['a.o', 'a.o.hash']);
  });

  it('writes down what it was built against', async () => {
    await build();
    const info = JSON.parse(readFileSync(join(packageDir, 'build/build-info.json'), 'utf8'));
    expect(info).toMatchObject({
      source: 'LIBTORCH',
      root: env.LIBTORCH,
      version: '2.5.0',
      compiler: 'fake 1.0',
    });
  });
});

describe('a build that fails', () => {
  it('shows the command and what the compiler said, and leaves no addon', async () => {
    writeFileSync(join(packageDir, 'native/b.cc'), 'an error');
    await expect(build()).rejects.toThrow(/exited with 1\n.*fake-g\+\+ .*b\.cc.*\n.*b\.cc: a mistake/);
    expect(isNativeBuilt({ env, packageDir })).toBe(false);
    expect(existsSync(join(packageDir, 'build/mien_torch.node'))).toBe(false);
  });

  it('says so when there is no compiler', async () => {
    env.CXX = '/no/such/compiler';
    await expect(build()).rejects.toThrow('no C++ compiler: "/no/such/compiler" does not run');
  });
});
