import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { version } from 'mien';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

function mien(args: string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
}

describe('mien', () => {
  it('tells its version', () => {
    expect(mien(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it('lists its commands', () => {
    const { status, stdout } = mien(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}doctor .*missing$/m);
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['diagnose']],
    ['an unknown option', ['doctor', '--colour']],
    ['too many arguments', ['doctor', 'now']],
  ])('ends with 2 for %s, and explains on stderr', (_, args) => {
    const { status, stdout, stderr } = mien(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  });
});

describe('mien doctor', () => {
  const FOUND_OR_REASON = expect.toSatisfy(
    (finding) => finding.found === true || (finding.found === false && typeof finding.reason === 'string'),
  );

  it('prints everything as JSON', () => {
    const { status, stdout } = mien(['doctor', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      mien: version,
      machine: {
        node: process.versions.node,
        platform: process.platform,
        arch: process.arch,
        kernel: expect.any(String),
        cpuModel: expect.any(String),
        cores: expect.any(Number),
        memoryTotal: expect.any(Number),
        memoryAvailable: expect.any(Number),
        memoryLimit: expect.toSatisfy((limit) => limit === null || limit > 0),
        diskFolder: process.cwd(),
        diskFree: expect.any(Number),
      },
      libtorch: FOUND_OR_REASON,
      engine: FOUND_OR_REASON,
      onnxruntime: {
        found: true,
        version: expect.stringMatching(/^\d/),
        providers: expect.arrayContaining(['cpu']),
      },
      ffmpeg: { found: true, version: expect.any(String), path: expect.stringMatching(/ffmpeg$/) },
      missing: [],
    });
  });

  it('prints a table with its values in one column', () => {
    const { status, stdout } = mien(['doctor']);
    expect(status).toBe(0);
    const rows = stdout.split('\n').filter((line) => /^(Node|ffmpeg|libtorch|ONNX Runtime) /.test(line));
    expect(rows).toHaveLength(4);
    const starts = rows.map((row) => (row.match(/^\S.*? {2,}/)?.[0] ?? '').length);
    expect(new Set(starts).size).toBe(1);
  });

  it('ends with 1 and names ffmpeg when that is missing', () => {
    const PATH = folderWith({});
    symlinkSync(process.execPath, join(PATH, 'node'));
    const { status, stdout } = mien(['doctor', '--json'], { PATH });
    expect(status).toBe(1);
    const findings = JSON.parse(stdout);
    expect(findings.missing).toEqual(['ffmpeg']);
    expect(findings.ffmpeg).toMatchObject({ found: false, reason: expect.stringContaining('PATH') });
  });

  it('does not fail for want of a libtorch', () => {
    const { status, stdout } = mien(['doctor', '--json'], { LIBTORCH: '/no/such/libtorch' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).libtorch).toEqual({
      found: false,
      reason: expect.stringContaining('LIBTORCH=/no/such/libtorch: no such folder'),
    });
  });
});
