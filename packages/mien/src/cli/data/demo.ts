// mien data demo: the data set that ships.

import { type Command, Option } from 'commander';
import { type DemoManifest, type DemoOptions, SCALES, writeDemo } from '../../datasets/demo/index.js';
import { integer } from '../lib/options.js';
import { showProgress } from '../lib/progress.js';

/** One line per manifest: faces and people, sides, and what they are labelled with. */
function describe({ name, faces }: DemoManifest): string {
  const count = (value: number) => value.toLocaleString('en');
  const counts = (words: Iterable<string | undefined>) => {
    const sums = new Map<string, number>();
    for (const word of words) if (word !== undefined) sums.set(word, (sums.get(word) ?? 0) + 1);
    return [...sums].map(([word, sum]) => `${word} ${count(sum)}`).join(', ');
  };
  const rows = [...faces.rows()];
  const people = new Set(rows.map(({ subject }) => subject)).size;
  const lines = [
    `${name}: ${count(rows.length)} faces of ${people} people (${counts(rows.map(({ split }) => split))})`,
  ];
  const expressions = faces.schema.expressions.map(
    (word) => [word, rows.filter(({ expression }) => expression === word).length] as const,
  );
  if (expressions.some(([, sum]) => sum > 0))
    lines.push(`  ${expressions.map(([word, sum]) => `${word} ${count(sum)}`).join(', ')}`);
  if (rows.some(({ actionUnits }) => actionUnits !== undefined))
    lines.push(
      `  ${faces.schema.actionUnits.map((unit, k) => `${unit} ${count(rows.filter(({ actionUnits }) => actionUnits?.[k] === 1).length)}`).join(', ')}`,
    );
  const affect = rows.filter(({ valence }) => valence !== undefined);
  if (affect.length > 0) {
    const span = (values: number[]) =>
      `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
    const [valence, arousal] = [affect.map((row) => row.valence ?? 0), affect.map((row) => row.arousal ?? 0)];
    lines.push(`  valence ${span(valence)}, arousal ${span(arousal)}`);
  }
  return lines.join('\n');
}

export function define(command: Command): void {
  command
    .requiredOption('--out <folder>', 'a new folder, or that of an earlier demo set, which is replaced')
    .addOption(
      new Option('--scale <name>', 'how many pictures').choices(Object.keys(SCALES)).default('medium'),
    )
    .option('--size <pixels>', 'side of the pictures', integer(32, 1024), 112)
    .option('--seed <n>', 'the same seed draws the same set', integer(0, 2 ** 32 - 1), 1)
    .action(async ({ out, ...options }: DemoOptions & { out: string }) => {
      const progress = showProgress('drawing', 'pictures');
      try {
        const manifests = await writeDemo(out, options, progress.update);
        progress.stop();
        for (const manifest of manifests) console.log(describe(manifest));
      } finally {
        progress.stop();
      }
    });
}
