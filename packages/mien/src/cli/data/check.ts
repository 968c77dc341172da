// mien data check FILE: opens everything that a manifest names.

import type { Command } from 'commander';
import { roots } from '../lib/options.js';
import { showProgress } from '../lib/progress.js';

export function define(command: Command): void {
  command
    .argument('<manifest>')
    .option('--root <name=folder>', 'where a data set lies now; may be given several times', roots)
    .option('--json', 'print JSON, with all examples instead of five of each kind')
    .addHelpText(
      'after',
      '\nExit code 1 when a picture cannot be decoded or a file is missing. Nothing is changed.',
    )
    .action(async (file: string, options: { root?: Record<string, string>; json?: true }) => {
      const { checkManifest, readManifest } = await import('../../datasets/index.js');
      const { openPacked } = await import('../../loading/index.js');
      const { describeCheck } = await import('../../reports/index.js');
      const manifest = await readManifest(file, { roots: options.root ?? {} });
      const progress = showProgress('checking', 'pictures');
      try {
        const examples = options.json ? Number.POSITIVE_INFINITY : 5;
        const check = await checkManifest(manifest, { examples, openPacked, onProgress: progress.update });
        progress.stop();
        console.log(options.json ? JSON.stringify(check, null, 2) : describeCheck(check));
        if (check.unusable.length > 0) process.exitCode = 1;
      } finally {
        progress.stop();
      }
    });
}
