// mien data import raf-db

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  RAF_DB,
  RAF_DB_ATTRIBUTES,
  type RafDbAttribute,
  type RafDbOptions,
  readRafDb,
} from '../../../datasets/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

function attributes(text: string): RafDbAttribute[] {
  const known: readonly string[] = RAF_DB_ATTRIBUTES;
  const names = text === 'none' ? [] : text.split(',');
  if (!names.every((name) => known.includes(name)))
    throw new InvalidArgumentError(`expected none, or some of ${known.join(', ')} with commas`);
  return names as RafDbAttribute[];
}

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--root <dir>', 'holds the folder basic')
    .addOption(
      new Option('--images <kind>', 'aligned 100 x 100 pictures, or the original ones with box and landmarks')
        .choices(['aligned', 'original'])
        .default('aligned'),
    )
    .option('--group <list>', 'what makes up the group of a face', attributes, [...RAF_DB_ATTRIBUTES])
    .action(async ({ root, images, group, ...common }: RafDbOptions & CommonOptions) => {
      await runImport<RafDbOptions>(common, 'pictures', {
        command: 'import raf-db',
        read: readRafDb,
        options: { root, images, group },
        roots: { [RAF_DB]: root },
      });
    });
}
