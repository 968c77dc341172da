// mien eval MODEL… --data MANIFEST: how good models are on labelled faces.

import { type Command, Option } from 'commander';
import { integer } from './lib/options.js';
import { addReadingOptions, nameBroken, type ReadingOptions, reading } from './lib/reading-options.js';

const RULES = ['probabilities', 'logits', 'votes'] as const;
const THRESHOLDS = ['stored', 'fixed', 'max-f1', 'break-even', 'break-even-reference'] as const;

interface Options extends ReadingOptions {
  how: (typeof RULES)[number];
  thresholds: (typeof THRESHOLDS)[number];
  draws: number;
  seed: number;
  json?: string;
  html?: string;
}

export function define(command: Command): void {
  addReadingOptions(command)
    .addOption(
      new Option('--how <rule>', 'what of several models is averaged')
        .choices(RULES)
        .default('probabilities'),
    )
    .addOption(
      new Option('--thresholds <rule>', 'of action units: those in the models, or found on the data')
        .choices(THRESHOLDS)
        .default('stored'),
    )
    .option('--draws <n>', 'of the bootstrap for intervals; 0: none', integer(0, 1_000_000), 1000)
    .option('--seed <n>', 'of what is drawn', integer(0, 0xffff_ffff), 1)
    .option('--json <file>', 'write the evaluation as JSON too')
    .option('--html <file>', 'write a page with figures too')
    .action(async (models: string[], options: Options) => {
      const { judgeModels } = await import('../reading/index.js');
      const { describeEvaluation, evaluationPage } = await import('../reports/index.js');
      const { writeWhole } = await import('../files/index.js');
      const { how, thresholds, draws, seed, json, html } = options;
      const {
        evaluation,
        members,
        models: described,
        broken,
        imageOf,
      } = await reading(models, options, (common) =>
        judgeModels({ ...common, how, thresholds, draws, seed }),
      );
      nameBroken(broken);
      console.log(describeEvaluation(evaluation));
      if (json !== undefined) {
        writeWhole(json, `${JSON.stringify(evaluation, null, 2)}\n`);
        console.log(`wrote ${json}`);
      }
      if (html !== undefined) {
        const title = `Evaluation of ${members.map(({ name }) => name).join(', ')}`;
        const commands = [['mien', ...process.argv.slice(2)].join(' ')];
        writeWhole(html, await evaluationPage(evaluation, { title, models: described, imageOf, commands }));
        console.log(`wrote ${html}`);
      }
    });
}
