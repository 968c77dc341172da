import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

function importing(cwd: string, ...args: string[]) {
  return spawnSync(process.execPath, [MAIN, 'data', 'import', ...args], { encoding: 'utf8', cwd });
}

describe('mien data import', () => {
  it('makes a manifest of a table, and says what was kept and dropped', async () => {
    const cwd = folderWith({
      'mine.csv': 'file,label,who\n1.jpg,0,ann\n2.jpg,1,bob\n3.jpg,,bob\n9.jpg,1,bob\n',
      '1.jpg': '',
      '2.jpg': '',
      '3.jpg': '',
    });
    const { status, stdout, stderr } = importing(
      cwd,
      ...['table', 'mine.csv', '--image', 'file', '--expression', 'label', '--subject', 'who'],
      ...[
        '--class',
        '0=neutral',
        '--class',
        '1=joy',
        '--split',
        'train',
        '--missing',
        '-1',
        '--out',
        'm.parquet',
      ],
    );
    expect(stderr).toBe('');
    expect(stdout).toBe(
      [
        'kept 2',
        'dropped 1: no label (mine.csv:4)',
        'dropped 1: no such file (9.jpg)',
        'wrote m.parquet (2 faces, schema abaw1)',
        '',
      ].join('\n'),
    );
    expect(status).toBe(0);
    const { faces, history, roots } = await readManifest(join(cwd, 'm.parquet'));
    expect([...faces.rows()]).toEqual([
      { dataset: 'mine', image: '1.jpg', split: 'train', subject: 'ann', expression: 'neutral' },
      { dataset: 'mine', image: '2.jpg', split: 'train', subject: 'bob', expression: 'happiness' },
    ]);
    expect(roots.get('mine')).toBe(cwd);
    expect(history[0]).toMatchObject({
      command: 'import table',
      options: { table: 'mine.csv', classes: { 0: 'neutral', 1: 'joy' }, missing: ['-1'] },
      tally: { kept: 2, dropped: { 'no label': { count: 1 } } },
    });
  });

  it('ends with 1 and leaves no manifest where a cell is malformed', () => {
    const cwd = folderWith({ 't.csv': 'image,valence,arousal\n1.jpg,0.1,7\n', '1.jpg': '' });
    const { status, stdout, stderr } = importing(cwd, 'table', 't.csv', '--out', 'm.parquet');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe('mien: t.csv:2, column arousal: found "7"; expected a number from -1 to 1\n');
    expect(existsSync(join(cwd, 'm.parquet'))).toBe(false);
  });

  it.each([
    ['no manifest to write', ['folders', '.'], /--out <file>/],
    [
      'an action unit that is none',
      ['table', 't.csv', '--au', 'smile=x', '--out', 'm'],
      /expected AU1=COLUMN/,
    ],
    [
      'frames that are none',
      ['ck-plus', '--root', '.', '--frames', 'all', '--out', 'm'],
      /expected last, last-N/,
    ],
  ])('ends with 2 for %s', (_, args, message) => {
    const { status, stderr } = importing(folderWith({}), ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
