// mien report RUN: a page about a training run, finished or not.

import { join } from 'node:path';
import type { Command } from 'commander';

export function define(command: Command): void {
  command
    .argument('<run>', "a run's folder")
    .option('--out <file>', 'where the page goes; by default report.html in the folder')
    .action(async (run: string, { out = join(run, 'report.html') }: { out?: string }) => {
      const { writeWhole } = await import('../files/index.js');
      const { runReport } = await import('../reports/index.js');
      writeWhole(out, await runReport(run));
      console.log(`wrote ${out}`);
    });
}
