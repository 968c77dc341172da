// mien data import ck-plus

import { type Command, InvalidArgumentError, Option } from 'commander';
import { CK_PLUS, type CkPlusOptions, readCkPlus } from '../../../datasets/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

interface Frames {
  last: number;
  first: boolean;
}

/** `last`, `last-3`, `first-and-last`, `first-and-last-3`. */
function frames(text: string): Frames {
  const [, first, count = '1'] = text.match(/^(first-and-)?last(?:-([1-9]\d*))?$/) ?? [];
  if (!/^(first-and-)?last(-[1-9]\d*)?$/.test(text))
    throw new InvalidArgumentError('expected last, last-N, first-and-last or first-and-last-N');
  return { last: Number(count), first: first !== undefined };
}

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--root <dir>', 'holds cohn-kanade-images, Emotion, FACS, Landmarks')
    .addOption(
      new Option(
        '--frames <which>',
        'last, last-N (the last N have its labels), first-and-last, first-and-last-N (the first is neutral)',
      )
        .argParser(frames)
        .default({ last: 1, first: false }, 'last'),
    )
    .action(async ({ root, frames, ...common }: { root: string; frames: Frames } & CommonOptions) => {
      await runImport<CkPlusOptions>(common, 'sequences', {
        command: 'import ck-plus',
        read: readCkPlus,
        options: { root, ...frames },
        roots: { [CK_PLUS]: root },
      });
    });
}
