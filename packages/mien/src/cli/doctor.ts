// mien doctor: what was found on this machine, as a table or as JSON.

import type { Command } from 'commander';

export function define(command: Command): void {
  command
    .option('--json', 'print the same as JSON')
    .addHelpText('after', '\nExit code 1 when something that reading faces needs is missing.')
    .action(async (options: { json?: true }) => {
      const { examine, report } = await import('../system/index.js');
      const findings = await examine();
      console.log(options.json ? JSON.stringify(findings, null, 2) : report(findings));
      if (findings.missing.length > 0) process.exitCode = 1;
    });
}
