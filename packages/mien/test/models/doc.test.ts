import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferenceMode, tidy } from '@mien/torch';
import {
  FER_PLUS_NORMALIZATION,
  IMAGENET_NORMALIZATION,
  type Normalization,
  SFEW_NORMALIZATION,
} from 'mien/loading';
import { BACKBONES, PRETRAINED } from 'mien/models';
import { expect, it } from 'vitest';
import { ROOT } from '../../../../test/folders.js';
import { countMacs, parameterCount, pictures } from './networks.js';

/** Cells of the tables' rows that begin with a name in code. */
const rows = readFileSync(join(ROOT, 'docs/models.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const NAMES = new Map<Normalization, string>([
  [FER_PLUS_NORMALIZATION, 'FER+'],
  [SFEW_NORMALIZATION, 'SFEW'],
  [IMAGENET_NORMALIZATION, 'ImageNet'],
]);

it('docs/models.md lists the backbones as they are', () => {
  const listed = rows.filter((cells) => cells.length === 7).map((cells) => cells.slice(0, 6));
  const actual = [...BACKBONES.values()].map((backbone) => {
    const network = backbone.build(backbone.inputSize).eval();
    const input = pictures([1, 3, backbone.inputSize, backbone.inputSize]);
    const macs = countMacs(() => tidy(() => inferenceMode(() => network.forward(input))));
    const parameters = parameterCount(network).toLocaleString('en-GB');
    for (const one of [network, input]) one.dispose();
    const { name, features, smallestInput, normalization } = backbone;
    const million = `${Math.round(macs / 1e6)} M`;
    return [
      `\`${name}\``,
      String(features),
      parameters,
      million,
      String(smallestInput),
      NAMES.get(normalization),
    ];
  });
  expect(listed).toEqual(actual);
});

it('docs/models.md lists the published weights that are known', () => {
  const listed = rows.filter((cells) => cells.length === 5).map((cells) => cells.slice(0, 3));
  const actual = [...PRETRAINED.values()].map((one) => [one.name, one.backbone, one.file]);
  expect(listed).toEqual(actual.map((cells) => cells.map((cell) => `\`${cell}\``)));
});
