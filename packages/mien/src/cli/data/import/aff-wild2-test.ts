// mien data import aff-wild2-test: the challenge's lists of test videos.

import type { Command } from 'commander';
import {
  AFF_WILD2,
  AFF_WILD2_TEST_COMMAND,
  type AffWild2TestOptions,
  type LengthRule,
  readAffWild2Test,
  readTestList,
  type TestLists,
} from '../../../datasets/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

interface Options extends CommonOptions {
  auList?: string;
  exprList?: string;
  vaList?: string;
  crops: string;
  videos?: string;
  length: LengthRule;
}

const RULES = ['reference', 'container', 'crops'] as const;

const lengthRule = (text: string): LengthRule => RULES.find((rule) => rule === text) ?? { file: text };

export function define(command: Command): void {
  commonOptions(command)
    .option('--au-list <file>', 'names of the videos to find action units in, one per line')
    .option('--expr-list <file>', 'names of the videos to tell expressions in')
    .option('--va-list <file>', 'names of the videos to estimate valence and arousal in')
    .requiredOption('--crops <dir>', 'holds a folder of crops per video (cropped_aligned)')
    .option('--videos <dir>', 'holds the raw videos, or folders batch… with them')
    .option(
      '--length <rule>',
      "frames of a video: reference (the container's + 1), container, crops (number of the last one), or a file with lines VIDEO,FRAMES",
      lengthRule,
      'reference',
    )
    .action(async ({ auList, exprList, vaList, crops, videos, length, ...common }: Options) => {
      const files = { AU: auList, EXPR: exprList, VA: vaList };
      const lists: TestLists = {};
      for (const [task, file] of Object.entries(files))
        if (file !== undefined) lists[task as keyof TestLists] = await readTestList(file);
      if (Object.keys(lists).length === 0)
        command.error("error: expected at least one of '--au-list', '--expr-list', '--va-list'");
      if (videos === undefined && (length === 'reference' || length === 'container'))
        command.error(`error: '--length ${length}' needs '--videos <dir>'`);
      await runImport<AffWild2TestOptions>(common, 'videos', {
        command: AFF_WILD2_TEST_COMMAND,
        read: readAffWild2Test,
        options: { lists, crops, videos, length },
        roots: { [AFF_WILD2]: crops },
      });
    });
}
