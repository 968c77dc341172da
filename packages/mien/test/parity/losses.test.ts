import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkParity } from 'mien/parity';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN, SHARED } from '../support/golden.js';
import { outcomes } from '../support/parity.js';

describe('losses and their gradients', () => {
  it("are the reference's, in a batch of two rows", async () => {
    const all = await outcomes(GOLDEN, /^losses$/);
    expect(all).toHaveLength(5);
    expect(all.filter(({ passed }) => !passed)).toEqual([]);
  });

  it.skipIf(!SHARED)(
    "are the reference's in the whole file of golden data (skipped where it does not stand beside the checkout)",
    async () => {
      const all = await outcomes(`${SHARED}/golden`, /^losses$/);
      expect(all.length).toBeGreaterThanOrEqual(20);
      expect(all.filter(({ passed }) => !passed)).toEqual([]);
    },
  );

  it('differ where a gradient or a loss does, and the case says where', async () => {
    const folder = folderWith({});
    const golden = JSON.parse(readFileSync(join(GOLDEN, 'losses.json'), 'utf8'));
    golden[0].student_objective.grad.AU.VA[3] += 1e-4;
    golden[0].focal.EXPR *= 1.0001;
    writeFileSync(join(folder, 'losses.json'), JSON.stringify(golden));
    const failed = (await outcomes(folder, /^losses$/)).filter(({ passed }) => !passed);
    expect(failed.map(({ name, note }) => [name, note])).toEqual([
      ['case 0 (2 rows): student, gradients', 'VA of the AU batch'],
      ['case 0 (2 rows): focal', 'EXPR'],
    ]);
  });
});

it('a part that this machine cannot check is skipped, with the reason', async () => {
  const skipped: unknown[] = [];
  const part = {
    name: 'a part',
    needs: ['losses.json'],
    lacking: async () => 'the engine is not built',
    check: () => expect.fail('it was checked'),
  };
  for await (const one of checkParity(GOLDEN, (...why) => skipped.push(why), [part])) expect.fail(one.name);
  expect(skipped).toEqual([['a part', [], 'the engine is not built']]);
});
