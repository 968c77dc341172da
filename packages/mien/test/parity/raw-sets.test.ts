import { checkParity, PARTS, type ParityOutcome } from 'mien/parity';
import { describe, expect, it } from 'vitest';
import { GOLDEN, SHARED } from '../support/golden.js';

const NAMES = ['DISFA', 'DISFA odd cases', 'ExpW', 'AFEW-VA', 'AFEW-VA crops'];

async function outcomes(folder: string): Promise<ParityOutcome[]> {
  const parts = PARTS.filter(({ name }) => NAMES.includes(name));
  const found: ParityOutcome[] = [];
  const skipped: string[] = [];
  for await (const outcome of checkParity(folder, (part) => skipped.push(part), parts)) found.push(outcome);
  expect(skipped).toEqual([]);
  return found;
}

describe('DISFA, ExpW and AFEW-VA', () => {
  it('agree with what the reference read, cut and aligned', async () => {
    const all = await outcomes(GOLDEN);
    expect(all.filter(({ passed }) => !passed)).toEqual([]);
    expect([...new Set(all.map(({ part }) => part))]).toEqual(NAMES);
    expect(all.length).toBeGreaterThanOrEqual(23);
  });

  it.skipIf(!SHARED)(
    'agree in the whole folder of golden data (skipped where it does not stand beside the checkout)',
    async () => {
      const all = await outcomes(`${SHARED}/golden`);
      expect(all.filter(({ passed }) => !passed)).toEqual([]);
    },
  );
});
