// mien data pack MANIFEST --out DIR: pictures in a few large files, which training reads several times faster.

import { type Command, InvalidArgumentError } from 'commander';
import { describeTally, readManifest } from '../../datasets/index.js';
import { PACK_FORMATS, type PackFormat, packManifest } from '../../loading/index.js';
import { integer, roots } from '../lib/options.js';
import { showProgress } from '../lib/progress.js';

function packFormat(text: string): PackFormat {
  const format = PACK_FORMATS.find((one) => one === text);
  if (format === undefined) throw new InvalidArgumentError(`expected ${PACK_FORMATS.join(' or ')}`);
  return format;
}

interface Options {
  out: string;
  size: number;
  enlarge: boolean;
  format: PackFormat;
  shardMb: number;
  quality: number;
  root?: Record<string, string>;
  strict?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<manifest>', 'a manifest whose rows name picture files')
    .requiredOption('--out <folder>', 'the folder to make; training takes its manifest.parquet')
    .option('--size <pixels>', "the pictures' shorter side", integer(8, 2048), 134)
    .option('--no-enlarge', 'keep pictures that are smaller as they are')
    .option('--format <name>', 'uint8 (raw bytes) or jpeg (about a quarter of the size)', packFormat, 'uint8')
    .option('--shard-mb <n>', 'about how large a file is, in MB', integer(1, 4000), 256)
    .option('--quality <n>', 'of jpeg', integer(1, 100), 95)
    .option('--root <name=folder>', 'where a data set lies, if not where the manifest says', roots)
    .option('--strict', 'stop at the first picture that does not open instead of leaving it out')
    .action(async (file: string, { root, shardMb, ...options }: Options) => {
      const manifest = await readManifest(file, root === undefined ? {} : { roots: root });
      const progress = showProgress('packing', 'pictures');
      try {
        const packed = await packManifest(manifest, {
          ...options,
          shardMegabytes: shardMb,
          onProgress: progress.update,
        });
        progress.stop();
        console.log(describeTally(packed.tally));
        const count = (n: number, word: string) => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;
        const size = `${(packed.bytes / 1e6).toFixed(1)} MB`;
        console.log(
          `wrote ${options.out} (${count(packed.images, 'picture')}, ${count(packed.shards, 'shard')}, ${size})`,
        );
      } finally {
        progress.stop();
      }
    });
}
