// mien data demo: the data set that ships.

import { type Command, Option } from 'commander';
import {
  type DemoManifest,
  type DemoOptions,
  drawSheet,
  SCALES,
  writeDemo,
} from '../../datasets/demo/index.js';
import { writeWhole } from '../../files/index.js';
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

async function writeSet(out: string, options: DemoOptions): Promise<void> {
  const progress = showProgress('drawing', 'pictures');
  try {
    const manifests = await writeDemo(out, options, progress.update);
    progress.stop();
    for (const manifest of manifests) console.log(describe(manifest));
  } finally {
    progress.stop();
  }
}

/** Pixels of a face's side on the contact sheet. */
const SHEET_CELL = 104;

export function define(command: Command): void {
  command
    .option('--out <folder>', 'a new folder, or that of an earlier demo set, which is replaced')
    .addOption(
      new Option('--scale <name>', 'how many pictures').choices(Object.keys(SCALES)).default('medium'),
    )
    .option('--size <pixels>', 'side of the pictures', integer(32, 1024), 112)
    .option('--seed <n>', 'the same seed draws the same set', integer(0, 2 ** 32 - 1), 1)
    .option('--sheet <file>', 'a contact sheet to look at (.png), with the set or without it')
    .action(async ({ out, sheet, ...options }: DemoOptions & { out?: string; sheet?: string }) => {
      if (out === undefined && sheet === undefined)
        command.error('error: give --out <folder>, --sheet <file>, or both');
      if (out !== undefined) await writeSet(out, options);
      if (sheet === undefined) return;
      writeWhole(sheet, await drawSheet({ seed: options.seed, cell: SHEET_CELL }));
      console.log(`wrote ${sheet}`);
    });
}
