import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN, SHARED } from '../support/golden.js';
import { outcomes } from '../support/parity.js';

describe('metrics and break-even thresholds', () => {
  it("are the reference's, also of an action unit that is never present", async () => {
    const all = await outcomes(GOLDEN, /^metrics$/);
    expect(all).toHaveLength(5);
    expect(all.filter(({ passed }) => !passed)).toEqual([]);
  });

  it.skipIf(!SHARED)(
    "are the reference's in the whole file of golden data (skipped where it does not stand beside the checkout)",
    async () => {
      const all = await outcomes(`${SHARED}/golden`, /^metrics$/);
      expect(all.length).toBeGreaterThanOrEqual(10);
      expect(all.filter(({ passed }) => !passed)).toEqual([]);
    },
  );

  it('differ where a score or a threshold does, and the case says which', async () => {
    const folder = folderWith({});
    const golden = JSON.parse(readFileSync(join(GOLDEN, 'metrics.json'), 'utf8'));
    golden[0].AU.per_au_f1[2] += 1e-8;
    golden[0].au_breakeven_thresholds[1] = 0.5;
    golden[0].VA.sum -= 1e-8;
    writeFileSync(join(folder, 'metrics.json'), JSON.stringify(golden));
    const failed = (await outcomes(folder, /^metrics$/)).filter(({ passed }) => !passed);
    expect(failed.map(({ name }) => name.split(': ')[1])).toEqual([
      'F1 of each action unit',
      'VA',
      'break-even thresholds',
    ]);
  });
});
