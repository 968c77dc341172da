// mien data mix: several manifests become one.

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  describeMixture,
  describeTally,
  MIX_PRESETS,
  MIX_RECIPE,
  type MixPreset,
  type MixRecipe,
  presetRecipe,
  readMixRecipe,
  SPLITS,
  writeMixture,
} from '../../datasets/index.js';
import { parseSettings } from '../../files/index.js';
import { SCHEMAS, type Task } from '../../labels/index.js';
import { integer, roots, tasks } from '../lib/options.js';
import { showProgress } from '../lib/progress.js';

interface Options {
  out: string;
  recipe?: string;
  preset?: MixPreset;
  affWild2?: string;
  external?: string;
  schema?: string;
  roots?: Record<string, string>;
  splits?: string[];
  tasks?: Task[];
  complete?: boolean;
  every?: number[];
  map?: Record<string, string | null>;
  units?: string[];
  cap?: Record<string, number>;
  assign?: string;
  splitBy?: string;
  shares?: Record<string, number>;
  seed?: number;
  permutation?: string;
  leaks?: string;
}

const words = (text: string) => text.split(',').map((word) => word.trim());

const positive = integer(1);

/** Words that must be some of `choices`. */
const someOf =
  (choices: readonly string[]) =>
  (text: string): string[] => {
    const odd = words(text).find((word) => !choices.includes(word));
    if (odd !== undefined) throw new InvalidArgumentError(`expected some of ${choices.join()}`);
    return words(text);
  };

/** `NAME=NUMBER,…` */
function numbers(text: string): Record<string, number> {
  const pairs = words(text).map((pair) => pair.match(/^(.+)=(\d*\.?\d+)$/));
  if (pairs.includes(null)) throw new InvalidArgumentError('expected NAME=NUMBER,…');
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', Number(pair?.[2])]));
}

/** `OLD=NEW`, collected; nothing after `=` takes the label away. */
function mapping(text: string, before: Record<string, string | null> = {}): Record<string, string | null> {
  const [, old, name] = text.match(/^([^=]+)=(.*)$/) ?? [];
  if (old === undefined) throw new InvalidArgumentError('expected OLD=NEW, or OLD= to take the label away');
  return { ...before, [old]: name || null };
}

/** The same settings for every manifest, as a recipe. */
function recipeOf(manifests: readonly string[], options: Options, command: Command): MixRecipe {
  const { every = [1], splitBy, shares, seed, permutation, cap, schema, leaks } = options;
  if (every.length !== 1 && every.length !== manifests.length)
    command.error(`error: '--every' has ${every.length} numbers for ${manifests.length} manifests`);
  if (splitBy === undefined && (shares ?? seed ?? permutation) !== undefined)
    command.error("error: '--shares', '--seed' and '--permutation' need '--split-by'");
  const inputs = manifests.map((manifest, i) => ({
    manifest,
    roots: options.roots,
    splits: options.splits,
    tasks: options.tasks,
    complete: options.complete,
    every: every[i] ?? every[0],
    expressions: options.map,
    actionUnits: options.units,
    assign: options.assign,
    split: splitBy === undefined ? undefined : { by: splitBy, ...shares, seed, permutation },
  }));
  return parseSettings({ schema, inputs, caps: cap, leaks }, MIX_RECIPE, 'mien data mix');
}

async function chooseRecipe(
  manifests: readonly string[],
  options: Options,
  command: Command,
): Promise<MixRecipe> {
  const { recipe, preset, affWild2, external } = options;
  const ways = [manifests.length > 0, recipe !== undefined, preset !== undefined];
  if (ways.filter(Boolean).length !== 1)
    command.error("error: expected manifests, or '--recipe <file>', or '--preset <name>'");
  if (recipe !== undefined) return readMixRecipe(recipe);
  if (preset === undefined) return recipeOf(manifests, options, command);
  if (affWild2 === undefined || external === undefined)
    command.error(`error: '--preset ${preset}' needs '--aff-wild2 <file>' and '--external <file>'`);
  return presetRecipe(preset, affWild2, external);
}

export function define(command: Command): void {
  command
    .argument('[manifests...]', 'manifests that all get the same settings; a recipe gives each its own')
    .requiredOption('--out <file>', 'the manifest to write (.parquet)')
    .option('--recipe <file>', 'a mixing recipe (YAML; docs/data-mix.md)')
    .addOption(new Option('--preset <name>', "one of the reference's merged sets").choices(MIX_PRESETS))
    .option('--aff-wild2 <file>', 'manifest of Aff-Wild2, for a preset')
    .option('--external <file>', 'manifest of DISFA, ExpW or AFEW-VA, for a preset')
    .optionsGroup('Settings for all manifests:')
    .addOption(
      new Option('--schema <name>', 'label schema of the mixture (default: that of the manifests)').choices([
        ...SCHEMAS.keys(),
      ]),
    )
    .option('--roots <name=folder>', 'where a data set lies; can be repeated', roots)
    .option('--splits <list>', `only rows of these: ${SPLITS.join()}`, someOf(SPLITS))
    .option('--tasks <list>', 'only labels of these: EXPR, AU, VA', tasks)
    .option('--complete', 'drop rows with some labels of a task missing')
    .option('--every <list>', 'keep one row in n: a number, or one per manifest', (text) =>
      words(text).map(positive),
    )
    .option('--map <old=new>', 'turn an expression into another, or OLD= into none; can be repeated', mapping)
    .option('--units <list>', 'only labels of these action units', words)
    .option('--cap <list>', 'at most so many training rows of an expression: neutral=5000,…', numbers)
    .addOption(new Option('--assign <split>', 'put all rows into one split').choices(SPLITS))
    .addOption(new Option('--split-by <what>', 'make a new split').choices(['subject', 'clip']))
    .option('--shares <list>', 'of the groups: train=0.8,validation=0.2', numbers)
    .option('--seed <n>', 'of the new split', integer(0, 0xffff_ffff))
    .addOption(
      new Option('--permutation <name>', "numpy-legacy: the reference's").choices(['mien', 'numpy-legacy']),
    )
    .addOption(
      new Option('--leaks <what>', 'what is on two sides of the split: error or report').choices([
        'error',
        'report',
      ]),
    )
    .action(async (manifests: string[], options: Options) => {
      const recipe = await chooseRecipe(manifests, options, command);
      const progress = showProgress('mixing', 'rows');
      const mixture = await writeMixture(options.out, recipe, progress.update).finally(progress.stop);
      for (const { tally } of mixture.history.slice(-1)) console.log(describeTally(tally));
      console.log(describeMixture(mixture));
      const { faces } = mixture;
      console.log(
        `wrote ${options.out} (${faces.length.toLocaleString('en')} faces, schema ${faces.schema.name})`,
      );
    });
}
