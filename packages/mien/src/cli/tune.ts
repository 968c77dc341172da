// mien tune MODEL… --data MANIFEST: thresholds, calibration and smoothing, chosen and stored in the models.

import { type Command, Option } from 'commander';
import { integer } from './lib/options.js';
import { addReadingOptions, nameBroken, type ReadingOptions, reading } from './lib/reading-options.js';

const THRESHOLDS = ['max-f1', 'break-even', 'fixed'] as const;

interface Options extends ReadingOptions {
  thresholds: (typeof THRESHOLDS)[number];
  calibrate?: true;
  smooth?: true;
  folds: number;
  seed: number;
  dryRun?: true;
}

export function define(command: Command): void {
  addReadingOptions(command)
    .addOption(
      new Option('--thresholds <rule>', 'by which action units are found present')
        .choices(THRESHOLDS)
        .default('max-f1'),
    )
    .option('--calibrate', 'also make probabilities honest')
    .option('--smooth', 'also choose a smoothing over the frames of clips, if it helps')
    .option(
      '--folds <n>',
      'parts of the data, of which each is scored by what the others chose',
      integer(2, 255),
      5,
    )
    .option('--seed <n>', 'of the parts', integer(0, 0xffff_ffff), 0)
    .option('--dry-run', 'store nothing')
    .addHelpText('after', '\nTune on data that are not scored afterwards. What was tuned before is replaced.')
    .action(async (models: string[], options: Options) => {
      const { tuneModels } = await import('../reading/index.js');
      const { describeTuning } = await import('../reports/index.js');
      const { thresholds, calibrate = false, smooth = false, folds, seed, dryRun = false } = options;
      const { tuned, broken, stored } = await reading(models, options, (common) =>
        tuneModels({ ...common, thresholds, calibrate, smooth, folds, seed, dryRun }),
      );
      nameBroken(broken);
      console.log(describeTuning(tuned));
      for (const file of stored) console.log(`stored in ${file}`);
    });
}
