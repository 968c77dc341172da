// mien score PREDICTIONS LABELS: how good anybody's predictions are, as the challenges score them.

import { type Command, Option } from 'commander';
import { SPLITS, type Split } from '../datasets/index.js';
import { writeWhole } from '../files/index.js';
import type { LabelSchema, Task } from '../labels/index.js';
import { collect, integer, labelSchema, number, pairs, tasks } from './lib/options.js';

interface Options {
  schema?: LabelSchema;
  tasks?: Task[];
  split: Split;
  threshold: number;
  against?: string[];
  map?: Record<string, string>;
  ignore?: string[];
  surplus: 'refuse' | 'ignore';
  edition?: string;
  draws: number;
  seed: number;
  json?: string;
  html?: string;
}

export async function define(command: Command): Promise<void> {
  const { EDITIONS } = await import('../judging/index.js');
  command
    .argument('<predictions>', 'a table, a text file of the challenge, or a folder of them')
    .argument('<labels>', 'the same, or a manifest')
    .option('--schema <name|file>', "of both; by default the manifest's, else abaw1", labelSchema)
    .option('--tasks <list>', 'what is scored, such as AU,VA; by default all that there is', tasks)
    .addOption(
      new Option('--split <name>', 'which labels, where they tell splits')
        .choices(SPLITS)
        .default('validation'),
    )
    .option('--threshold <p>', 'an action unit of a greater probability counts as present', number(0, 1), 0.5)
    .option('--against <predictions>', 'others of the same frames, to compare with; repeatable', collect)
    .option('--map <name=column>', 'what a column of another name means; repeatable', pairs('NAME=COLUMN'))
    .option('--ignore <column>', 'a column of no use; repeatable', collect)
    .addOption(
      new Option('--surplus <what>', 'predictions for videos or images without labels')
        .choices(['refuse', 'ignore'])
        .default('refuse'),
    )
    .addOption(
      new Option('--edition <name>', 'also tell the scores of this edition of the challenge').choices(
        Object.keys(EDITIONS),
      ),
    )
    .option(
      '--draws <n>',
      'draws of the bootstrap for intervals; 0: no intervals',
      integer(0, 1_000_000),
      1000,
    )
    .option('--seed <n>', 'of the draws', integer(0, 2 ** 32 - 1), 1)
    .option('--json <file>', 'write everything as JSON')
    .option('--html <file>', 'write a page with figures')
    .action(async (predictions: string, labels: string, options: Options) => {
      const { evaluate, readPaired } = await import('../judging/index.js');
      const { describeEvaluation, evaluationPage } = await import('../reports/index.js');
      const { against = [], draws, seed, edition, json, html, ...reading } = options;
      const files = [predictions, ...against];
      const { estimates, truth, notes } = await readPaired(files, labels, reading);
      const [first = '', ...others] = estimates.map(({ name }) => name);
      const evaluation = evaluate(estimates, truth, {
        bootstrap: draws === 0 ? false : { draws, seed },
        compare: others.map((other) => [first, other]),
      });
      console.log(describeEvaluation(evaluation, { member: first }));
      if (edition !== undefined)
        for (const { name, editions } of evaluation.members) {
          const scores = Object.entries(editions[edition] ?? {}).map(
            ([task, value]) => `${task} ${value.toFixed(4)}`,
          );
          console.log(`\n${edition}, ${name}: ${scores.join(', ') || 'nothing that it ranks'}`);
        }
      for (const note of notes) console.log(`\n${note}`);
      if (json !== undefined) writeWhole(json, `${JSON.stringify(evaluation)}\n`);
      if (html === undefined) return;
      const page = await evaluationPage(evaluation, {
        title: `Scores of ${first}`,
        models: estimates.map(({ name }, i) => ({
          name,
          file: files[i] as string,
          description: `predictions, scored against ${labels}`,
        })),
        commands: [`mien ${process.argv.slice(2).join(' ')}`],
        member: first,
      });
      writeWhole(html, page);
      console.log(`\nwrote ${html}`);
    });
}
