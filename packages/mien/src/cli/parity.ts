// mien parity FOLDER: a line per case with its largest error.

import type { Command } from 'commander';

const figure = (value: number) => (value === 0 ? '0' : Number.isNaN(value) ? '-' : value.toExponential(1));

export function define(command: Command): void {
  command
    .argument('<folder>', 'golden data, laid out as docs/parity.md says')
    .option(
      '--checkpoints <folder>',
      "where the reference's weights lie; by default checkpoints in the folder",
    )
    .option('--json', 'print JSON lines')
    .addHelpText('after', '\nExit code 1 when a case fails or none could be checked.')
    .action(async (folder: string, options: { checkpoints?: string; json?: true }) => {
      const { checkParity, PARTS } = await import('../parity/index.js');
      const { listFolder } = await import('../files/index.js');
      await listFolder(folder);
      const count = { passed: 0, failed: 0, skipped: 0 };
      const print = (line: object, words: string) => console.log(options.json ? JSON.stringify(line) : words);
      const onSkip = (part: string, missing: readonly string[], reason: string) => {
        count.skipped++;
        print({ part, skipped: missing, reason }, `skip  ${part}: ${reason}`);
      };
      for await (const outcome of checkParity(folder, onSkip, PARTS, options.checkpoints)) {
        count[outcome.passed ? 'passed' : 'failed']++;
        const { part, name, error, tolerance, note, passed } = outcome;
        const figures = `largest error ${figure(error)}, allowed ${figure(tolerance)}`;
        print(
          outcome,
          `${passed ? 'ok  ' : 'FAIL'}  ${part}: ${name}: ${figures}${note ? ` (${note})` : ''}`,
        );
      }
      if (!options.json)
        console.log(
          `${count.passed} cases agree, ${count.failed} do not, ${count.skipped} parts could not be checked`,
        );
      if (count.failed > 0 || count.passed === 0) process.exitCode = 1;
    });
}
