// mien data stats FILE…: what manifests hold, before and after balancing.

import { type Command, Option } from 'commander';
import { BALANCES, type Balance } from '../../sampling/index.js';
import { integer } from '../lib/options.js';

interface Options {
  html?: string;
  json?: true;
  balance: Balance;
  seed: number;
}

export function define(command: Command): void {
  command
    .argument('<manifest...>', 'one or more; several are counted as if they were one')
    .addOption(new Option('--balance <preset>', 'how an epoch is balanced').choices(BALANCES).default('mien'))
    .option('--seed <n>', 'of the balancing of action units', integer(0), 0)
    .option('--html <file>', 'also write a page with figures')
    .option('--json', 'print the same as JSON')
    .action(async (files: string[], { html, json, balance, seed }: Options) => {
      const { readManifest } = await import('../../datasets/index.js');
      const { writeWhole } = await import('../../files/index.js');
      const { dataStats, describeStats, statsPage } = await import('../../reports/index.js');
      const manifests = [];
      for (const file of files) manifests.push(await readManifest(file));
      const stats = dataStats(manifests, { balance, seed });
      if (html !== undefined) writeWhole(html, await statsPage(stats));
      console.log(json ? JSON.stringify(stats, null, 2) : describeStats(stats));
      if (html !== undefined && !json) console.log(`\nwrote ${html}`);
    });
}
