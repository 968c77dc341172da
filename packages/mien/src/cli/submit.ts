// mien submit MODEL... : the files that a challenge takes; mien submit --check FOLDER: whether a folder is what it takes.

import { type Command, Option } from 'commander';
import type { EnsembleRule, SubmissionEditionName } from '../judging/index.js';
import type { Task } from '../labels/index.js';
import { integer, roots, tasks } from './lib/options.js';
import { showProgress } from './lib/progress.js';

interface Options {
  test: string;
  edition: SubmissionEditionName;
  out?: string;
  check?: string;
  how?: EnsembleRule;
  phase?: string;
  tasks?: Task[];
  root?: Record<string, string>;
  threads?: number;
}

export async function define(command: Command): Promise<void> {
  const { checkSubmission, describeProblem, ENSEMBLES, SUBMISSION_EDITIONS, writeSubmission } = await import(
    '../judging/index.js'
  );
  const { readManifest } = await import('../datasets/index.js');

  /** Prints every problem. @throws Error when there is any */
  async function check(folder: string, { test, edition, tasks, root = {} }: Options): Promise<void> {
    const manifest = await readManifest(test, { roots: root });
    const { problems, tasks: found } = await checkSubmission(folder, edition, manifest, { tasks });
    for (const problem of problems) console.log(describeProblem(problem));
    const seen = found.map(({ task, files, lines }) => `${task} ${files} files, ${lines} lines`);
    const { title } = SUBMISSION_EDITIONS[edition];
    const what = `looked at ${seen.join('; ') || 'nothing'}`;
    if (problems.length > 0)
      throw new Error(
        `${folder}: found ${problems.length === 1 ? 'a problem' : `${problems.length} problems`} for ${title}; ${what}`,
      );
    console.log(`${folder} is fine for ${title}; ${what}`);
  }

  command
    .argument('[models...]', 'models, or runs; several are one ensemble')
    .requiredOption('--test <manifest>', 'the test videos: mien data import aff-wild2-test')
    .addOption(
      new Option('--edition <name>', 'of the challenge')
        .choices(Object.keys(SUBMISSION_EDITIONS))
        .makeOptionMandatory(),
    )
    .option('--out <folder>', 'a new folder for the files')
    .option('--check <folder>', 'compares a folder with the test set, and writes nothing')
    .option('--tasks <list>', 'which challenges, such as AU,VA; by default all that there are', tasks)
    .addOption(
      new Option('--how <rule>', 'what of several models is averaged; default probabilities').choices(
        ENSEMBLES,
      ),
    )
    .option('--phase <name>', 'of a run: its members of this phase; by default of the last')
    .option('--root <name=folder>', 'where a data set of the manifest lies now; repeatable', roots)
    .option('--threads <n>', 'that decode pictures', integer(1, 1024))
    .action(async (models: string[], options: Options) => {
      const { test, edition, out, check: folder, how, phase, threads, root = {} } = options;
      if ((folder === undefined) === (out === undefined))
        command.error("error: expected one of '--out <folder>' and '--check <folder>'");
      if ((folder === undefined) === (models.length === 0))
        command.error(
          folder === undefined ? 'error: no models' : 'error: --check looks at files, and takes no models',
        );
      if (folder !== undefined) return check(folder, options);
      const { estimateTestSet } = await import('../reading/index.js');
      const manifest = await readManifest(test, { roots: root });
      const progress = showProgress('reading faces', 'pictures');
      const onProgress = (done: number, total: number) => progress.update(done, total);
      const { estimates, rows } = await estimateTestSet(models, manifest, {
        how,
        phase,
        threads,
        onProgress,
      }).finally(() => progress.stop());
      await writeSubmission(out as string, edition, { estimates, manifest, rows, tasks: options.tasks });
      console.log(`wrote ${out}`);
      await check(out as string, options);
    });
}
