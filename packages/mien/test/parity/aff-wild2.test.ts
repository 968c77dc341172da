import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenTree } from '../support/aff-wild2.js';
import { outcomes } from '../support/parity.js';

describe('parity', () => {
  it('holds for annotations, frame matching, test videos, merged sets and permutations', async () => {
    const all = await outcomes(goldenTree(), /^(aff-wild2|mixed sets|legacy permutations)/);
    expect(all.filter(({ passed }) => !passed)).toEqual([]);
    expect(new Set(all.map(({ part }) => part)).size).toBe(8);
  });

  it('sees a single changed label, and says where', async () => {
    const folder = goldenTree();
    const file = join(folder, 'datasets/raw/aff_wild2/annotations/AU_Set/Training_Set/video12_left.txt');
    const lines = readFileSync(file, 'utf8').split('\r\n');
    const expected = join(folder, 'datasets/expected/aff_wild2_annotations.json');
    const rows: { video: string; frame_id: number }[] = JSON.parse(readFileSync(expected, 'utf8')).rows;
    const row = rows.findIndex(({ video }) => video === 'video12_left');
    const line = (rows[row]?.frame_id ?? 0) + 1;
    lines[line] = (lines[line] as string).replace(/^[01]/, (digit) => (digit === '0' ? '1' : '0'));
    writeFileSync(file, lines.join('\r\n'));
    const all = await outcomes(folder, /^(aff-wild2 annotations|mixed sets: mixed-au)$/);
    const failed = all.filter(({ passed }) => !passed);
    expect(failed.map(({ part, name, error }) => [part, name, error])).toEqual([
      ['aff-wild2 annotations', 'rows', 1],
      ['mixed sets: mixed-au', 'mixed_au training', 1],
    ]);
    expect(failed[0]?.note).toMatch(new RegExp(`^first difference at ${row}: .*video12_left.* instead of`));
  });
});
