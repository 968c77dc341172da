import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readClassFolders } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows } from '../support/importing.js';

const seen = ({ rows }: Awaited<ReturnType<typeof importRows>>) =>
  rows.map(({ image, split, expression }) => [image, split, expression]);

describe('import folders', () => {
  it('takes the class from the folder, in any spelling, and the split from one above it', async () => {
    const root = folderWith({
      'train/Happy/2.JPG': '',
      'train/Happy/1.jpg': '',
      'val/sad/person 1/ä.png': '',
      'val/sad/Thumbs.db': '',
      'test/contempt/1.jpg': '',
      'odd.jpg': '',
    });
    const imported = await importRows(readClassFolders, { root, dataset: 'd', classes: {} });
    expect(seen(imported)).toEqual([
      ['train/Happy/1.jpg', 'train', 'happiness'],
      ['train/Happy/2.JPG', 'train', 'happiness'],
      ['val/sad/person 1/ä.png', 'validation', 'sadness'],
    ]);
    expect(imported.dropped).toEqual({
      'a picture outside the folders of classes': 1,
      'class "contempt"': 1,
    });
    expect(imported.noted).toEqual({ 'files that are no pictures': 1 });
  });

  it('takes names of classes from the user', async () => {
    const root = folderWith({ '0/a.jpg': '', '1/b.jpg': '' });
    const classes = { '0': 'neutral', '1': 'angry' };
    const imported = await importRows(readClassFolders, { root, dataset: 'd', classes });
    expect(seen(imported)).toEqual([
      ['0/a.jpg', undefined, 'neutral'],
      ['1/b.jpg', undefined, 'anger'],
    ]);
  });

  it('follows links to folders, and ends at those that lead in a circle', async () => {
    const root = folderWith({ 'elsewhere/1.jpg': '', 'set/fear/x.png': '' });
    symlinkSync(join(root, 'elsewhere'), join(root, 'set/anger'));
    symlinkSync(join(root, 'set'), join(root, 'set/fear/again'));
    symlinkSync('nowhere', join(root, 'set/fear/gone.jpg'));
    mkdirSync(join(root, 'set/empty'));
    const imported = await importRows(readClassFolders, {
      root: join(root, 'set'),
      dataset: 'd',
      classes: {},
    });
    expect(seen(imported)).toEqual([
      ['anger/1.jpg', undefined, 'anger'],
      ['fear/x.png', undefined, 'fear'],
    ]);
    expect(imported.noted).toEqual({
      'a link to a folder that holds it': 1,
      'a name that cannot be opened': 1,
    });
  });

  it('reads more pictures than it hands over at once', async () => {
    const names = Array.from({ length: 1100 }, (_, i) => `neutral/${i}.jpg`);
    const root = folderWith(Object.fromEntries(names.map((name) => [name, ''])));
    const { kept, rows } = await importRows(readClassFolders, { root, dataset: 'd', classes: {} });
    expect(kept).toBe(1100);
    expect(rows.map(({ image }) => image)).toEqual([...names].sort());
  });
});
