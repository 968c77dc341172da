// mien data import afew-va

import { type Command, Option } from 'commander';
import { AFEW_ALIGNMENTS, type AfewVaOptions, readAfewVa } from '../../../datasets/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--root <folder>', 'holds folders 01 to 12')
    .option('--crops <folder>', 'where the aligned faces go; finished ones are kept')
    .addOption(
      new Option(
        '--align <way>',
        'bilinear; reference: to the pixel as the reference system; none: whole frames with their landmarks',
      )
        .choices(AFEW_ALIGNMENTS)
        .default('bilinear'),
    )
    .action(async ({ root, crops, align, ...common }: AfewVaOptions & CommonOptions) => {
      if ((crops === undefined) !== (align === 'none'))
        command.error(`error: --crops is ${crops ? 'of no use with' : 'needed unless'} --align none`);
      await runImport(common, 'clips', {
        command: 'import afew-va',
        read: readAfewVa,
        options: { root, ...(crops === undefined ? {} : { crops }), align },
        roots: { 'afew-va': crops ?? root },
      });
    });
}
