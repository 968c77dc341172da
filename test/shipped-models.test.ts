import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOnnxInfo } from 'mien/models/onnx';
import { shippedModels } from 'mien/models/runners';
import { describe, expect, it } from 'vitest';
import { ROOT } from './folders.js';

const FOLDER = join(ROOT, 'models');

describe.each(shippedModels())('$name, which ships,', ({ name, files, ...said }) => {
  it('has the files that the list says, which say the same of themselves', () => {
    for (const { file, bytes, sha256 } of files) {
      const content = readFileSync(join(FOLDER, file));
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
      const { info, metadata } = readOnnxInfo(join(FOLDER, file), { verify: true });
      const { backbone, inputSize, tasks, schema } = info.network;
      expect({ backbone, inputSize, tasks, schema: schema.name }).toEqual({
        backbone: said.backbone,
        inputSize: said.inputSize,
        tasks: said.tasks,
        schema: said.schema,
      });
      expect(metadata.get('mien.precision')).toBe(said.precision);
      expect(info.licence).toBe(said.licence);
      expect(info.origin).toBeTruthy();
      expect(info.crop).toBeDefined();
    }
  });

  it('has a card, and a line among the others', () => {
    expect(readFileSync(join(FOLDER, `${name}.md`), 'utf8')).toMatch(new RegExp(`^# ${name}\n`));
    expect(readFileSync(join(FOLDER, 'README.md'), 'utf8')).toContain(`| [\`${name}\`](${name}.md) |`);
  });
});

describe('the package of models', () => {
  it('holds no file that is not listed, and no card of what does not ship', () => {
    const listed = new Set(shippedModels().flatMap(({ files }) => files.map(({ file }) => file)));
    const there = readdirSync(FOLDER);
    expect(there.filter((name) => name.endsWith('.onnx') && !listed.has(name))).toEqual([]);
    const cards = there.filter((name) => name.startsWith('mien-') && name.endsWith('.md'));
    expect(cards.map((card) => card.replace(/\.md$/, '')).sort()).toEqual(
      shippedModels()
        .map(({ name }) => name)
        .sort(),
    );
    expect(existsSync(join(FOLDER, 'models.json'))).toBe(true);
  });
});
