// mien data crops

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  CROP_FORMATS,
  type CropsOptions,
  describeTally,
  makeCrops,
  writeManifest,
} from '../../datasets/index.js';
import { ALIGNMENTS } from '../../faces/index.js';
import { ABAW1, type LabelSchema } from '../../labels/index.js';
import { FACE_DETECTORS, type FaceDetectorName, openFaceFinders } from '../../reading/index.js';
import { integer, labelSchema, number, shard } from '../lib/options.js';
import { showProgress } from '../lib/progress.js';

const pixels = integer(8, 4096);
const DEFAULT_SIZE = 112;

function cropSize(text: string): number | 'natural' {
  if (text === 'natural') return text;
  try {
    return pixels(text);
  } catch {
    throw new InvalidArgumentError('expected a side from 8 to 4096 pixels, or natural');
  }
}

interface CropsCommand extends Omit<CropsOptions, 'input'> {
  out: string;
  schema: LabelSchema;
  jobs?: number;
  strict?: boolean;
  detector: FaceDetectorName;
  smallestFace?: number;
}

export function define(command: Command): void {
  command
    .argument('<input>', 'a manifest with landmarks or boxes, a picture, a video, or a folder of them')
    .requiredOption('--crops <folder>', 'where the crops go; finished ones are kept')
    .requiredOption('--out <file>', 'the manifest of the crops to write (.parquet)')
    .option(
      '--landmarks <table>',
      'landmarks of pictures or videos: CSV (also of OpenFace), JSON Lines, or a folder; without it faces are looked for',
    )
    .addOption(
      new Option('--detector <name>', 'what looks for faces').choices(FACE_DETECTORS).default('rfb-320'),
    )
    .option(
      '--smallest-face <pixels>',
      'width of the smallest faces to look for; large pictures are then looked at in parts',
      integer(8, 4096),
    )
    .addOption(
      new Option('--align <way>', 'how a face is laid into its crop').choices(ALIGNMENTS).default('bilinear'),
    )
    .option('--size <n>', 'side in pixels, or natural: as in the picture', cropSize, DEFAULT_SIZE)
    .option('--margin <x>', 'share by which the field of view is wider', number(-0.5, 4), 0)
    .addOption(new Option('--format <name>', 'file format').choices(CROP_FORMATS).default('jpg'))
    .option('--shard <i/n>', 'only part i (from 0) of n; run again without it to join the parts', shard)
    .option('--dataset <name>', 'name of the data set, where the input is no manifest', 'crops')
    .addOption(
      new Option('--schema <name>', 'label schema, where the input is no manifest')
        .argParser(labelSchema)
        .default(ABAW1, ABAW1.name),
    )
    .option('--jobs <n>', 'pictures and videos that are worked on at a time', integer(1, 256))
    .option('--strict', 'stop at the first picture or face of which no crop can be made')
    .addHelpText('after', WAYS)
    .action(async (input: string, given: CropsCommand) => {
      const { out, schema, jobs, strict, detector, smallestFace, ...options } = given;
      if (options.size === 'natural' && ['similarity', 'five-point'].includes(options.align))
        command.error(`error: --size natural does not go with --align ${options.align}`);
      const progress = showProgress('cropping', 'faces');
      try {
        const marked = options.landmarks !== undefined || input.endsWith('.parquet');
        const finders = marked ? undefined : await openFaceFinders({ detector, smallestFace });
        const run = { schema, jobs, strict, finders, onProgress: progress.update };
        const { manifest, made, finished } = await makeCrops({ input, ...options }, run);
        writeManifest(out, manifest);
        progress.stop();
        for (const { tally } of manifest.history.slice(-1)) console.log(describeTally(tally));
        console.log(
          `made ${made.toLocaleString('en')} crops, found ${finished.toLocaleString('en')} finished`,
        );
        console.log(`wrote ${out} (${manifest.faces.length.toLocaleString('en')} faces)`);
      } finally {
        progress.stop();
      }
    });
}

const WAYS = `
Ways to align:
  bilinear     eyes level, a square about eyes and mouth (68, 5 or 4 points)
  reference    the same to the pixel as the reference system: nearest neighbour, half a pixel off
  similarity   68 points onto a mean shape, framed as OpenFace frames
  five-point   eyes, nose and mouth corners onto ArcFace's template (68 or 5 points)
  box          the face's box, not turned`;
