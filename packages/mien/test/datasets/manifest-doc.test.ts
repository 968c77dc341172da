import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceTable } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { expect, it } from 'vitest';
import { ROOT } from '../../../../test/folders.js';

it('docs/manifest.md describes the columns of a manifest, in their order', () => {
  const family = (name: string) => name.replace(/^vote_.*/, 'vote_EXPRESSION').replace(/^AU\d+/, 'AU1');
  const columns = new Set(new FaceTable(ABAW1).columns({ all: true }).map(({ name }) => family(name)));
  const table = readFileSync(join(ROOT, 'docs/manifest.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name as string))
    .filter((name) => name !== 'AU2');
  expect(table.slice(0, columns.size)).toEqual([...columns]);
});
