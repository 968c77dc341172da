// What needs a process of its own: memory over many steps, repeatability from run to run, kernels that crash.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { torchInfo } from '@mien/torch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(`support/${name}`, import.meta.url));

async function node(name: string, args: string[] = [], flags: string[] = []): Promise<unknown> {
  const { stdout } = await run(process.execPath, [...flags, script(name), ...args], { maxBuffer: 1 << 26 });
  // Some operators print, and some libraries print their complaints when the process ends.
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  return JSON.parse(line ?? '');
}

describe('training', () => {
  it('leaves memory flat over 2,000 steps', async () => {
    const { before, after } = (await node('measure-memory.mjs', [], ['--expose-gc'])) as Record<
      'before' | 'after',
      { rss: number; live: number }
    >;
    expect(after.live).toBe(before.live);
    // A step makes about 3 MB of tensors; freeing none of one kind would show as hundreds of megabytes.
    expect(after.rss - before.rss).toBeLessThan(24e6);
  });

  it('gives the same weights, bit for bit, in two runs from one seed', async () => {
    const [first, second, other] = await Promise.all(
      ['7', '7', '8'].map((seed) => node('print-weights.mjs', [seed])),
    );
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe('tensors that nobody frees', () => {
  it('are freed once the garbage collector has found them', async () => {
    const { made, left } = (await node('forget-tensors.mjs', [], ['--expose-gc'])) as Record<
      'made' | 'left',
      number
    >;
    expect(made).toBeGreaterThan(1000);
    expect(left).toBeLessThan(10);
  });

  it('make the garbage collector run, since it is told how large they are', async () => {
    const { peakBytes } = (await node('forget-tensors.mjs', ['large'])) as { peakBytes: number };
    // 400 tensors of 16 MB: 6.4 GB if none were freed before the end.
    expect(peakBytes).toBeLessThan(3e9);
  });
});

describe('the generated signatures', () => {
  it.skipIf(!torchInfo().version.startsWith('1.13'))('are those of libtorch 1.13', async () => {
    const generator = fileURLToPath(new URL('../../scripts/generate-operators.mjs', import.meta.url));
    await run(process.execPath, [generator, '--check']);
  });
});

describe('operators called with wrong arguments', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mien-fuzz-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // Each seed in a process of its own, so that what one call damages does not blur the next seed's verdict.
  it.each([1, 2, 3, 4])('2,500 calls end in results or errors, never in a crash (seed %i)', async (seed) => {
    const log = join(folder, `${seed}.log`);
    const job = JSON.stringify({ seed, from: 0, to: 2500, log });
    let outcome: { errors: number; results: number };
    try {
      outcome = (await node('fuzz-operators.mjs', [job])) as typeof outcome;
    } catch (error) {
      throw new Error(`the process died in: ${readFileSync(log, 'utf8').trim()}`, { cause: error });
    }
    expect(outcome.errors + outcome.results).toBe(2500);
    expect(outcome.errors).toBeGreaterThan(1500);
  });
});
