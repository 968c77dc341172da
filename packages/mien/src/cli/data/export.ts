// mien data export: a manifest in the forms that others read.

import { type Command, Option } from 'commander';
import {
  describeTally,
  exportAbawTxt,
  exportCsv,
  exportJsonLines,
  readManifest,
} from '../../datasets/index.js';
import { roots } from '../lib/options.js';

interface Options {
  format: 'abaw-txt' | 'csv' | 'jsonl';
  out: string;
  roots?: Record<string, string>;
}

export function define(command: Command): void {
  command
    .argument('<manifest>', 'a manifest (.parquet)')
    .addOption(
      new Option('--format <name>', "abaw-txt: the challenge's label files; csv and jsonl: the rows")
        .choices(['abaw-txt', 'csv', 'jsonl'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'a new folder (abaw-txt), or the file to write')
    .option('--roots <name=folder>', 'where a data set lies; can be repeated', roots)
    .action(async (file: string, { format, out, roots = {} }: Options) => {
      const manifest = await readManifest(file, { roots });
      if (format === 'abaw-txt') console.log(describeTally(await exportAbawTxt(manifest, out)));
      else (format === 'csv' ? exportCsv : exportJsonLines)(manifest.faces, out);
      console.log(`wrote ${out} (${manifest.faces.length.toLocaleString('en')} faces)`);
    });
}
