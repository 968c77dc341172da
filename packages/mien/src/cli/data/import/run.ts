// What all imports share: their common options, progress, and the closing lines.

import { type Command, Option } from 'commander';
import { describeTally, type ImportOptions, importManifest } from '../../../datasets/index.js';
import { ABAW1, type LabelSchema } from '../../../labels/index.js';
import { labelSchema } from '../../lib/options.js';
import { showProgress } from '../../lib/progress.js';

export interface CommonOptions {
  out: string;
  schema: LabelSchema;
  strict?: boolean;
}

export function commonOptions(command: Command, schema: LabelSchema = ABAW1): Command {
  return command
    .requiredOption('--out <file>', 'the manifest to write (.parquet)')
    .addOption(
      new Option('--schema <name>', 'label schema: abaw1, abaw3, or a JSON file')
        .argParser(labelSchema)
        .default(schema, schema.name),
    )
    .option('--strict', 'stop at the first unusable picture or entry instead of dropping it');
}

/** @param unit what the reader counts as progress */
export async function runImport<Options extends object>(
  { out, schema, strict = false }: CommonOptions,
  unit: string,
  request: Pick<ImportOptions<Options>, 'command' | 'read' | 'options' | 'roots'>,
): Promise<void> {
  const progress = showProgress(request.command, unit);
  try {
    const manifest = await importManifest(out, { ...request, schema, strict, onProgress: progress.update });
    progress.stop();
    for (const { tally } of manifest.history.slice(-1)) console.log(describeTally(tally));
    console.log(`wrote ${out} (${manifest.faces.length.toLocaleString('en')} faces, schema ${schema.name})`);
  } finally {
    progress.stop();
  }
}
