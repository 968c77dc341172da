// mien start [SOURCE]: a first reading, with a table, an annotated video and a page to look at.

import { readdir } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { predictFrom } from './predict.js';

const SAMPLE = fileURLToPath(new URL('../../assets/samples/talking-face.mp4', import.meta.url));
const FOLDER = 'mien-out';

/** Relative to the working folder where it lies in it. */
function shortened(file: string): string {
  const path = relative('', file);
  return path.startsWith('..') ? file : path;
}

/** `mien-out`, or the first of `mien-out-2`, … that holds nothing. */
async function freeFolder(): Promise<string> {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? FOLDER : `${FOLDER}-${n}`;
    const content = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) =>
      code === 'ENOENT' ? [] : [code],
    );
    if (content.length === 0) return folder;
  }
}

/** Where everything goes. A folder's outputs are called by its files; a video is written where there is one. */
async function outputsOf(source: string, folder: string) {
  const { isPicture, isVideo } = await import('../datasets/index.js');
  const { statIfThere, walkFiles } = await import('../files/index.js');
  if ((await statIfThere(source))?.isDirectory()) {
    let moves = false;
    for await (const path of walkFiles(source)) moves ||= isVideo(path);
    return { out: folder, report: folder, ...(moves && { videoOut: folder }) };
  }
  const name = join(folder, basename(source, extname(source)));
  return {
    out: `${name}.csv`,
    report: `${name}.html`,
    ...(!isPicture(source) && { videoOut: `${name}.mp4` }),
  };
}

/** What the models that are named are said to be, where they ship. */
async function describeModel(name: string | undefined): Promise<string> {
  const { defaultModel, shippedModels } = await import('../models/runners/index.js');
  const named = name ?? defaultModel();
  const shipped = shippedModels().find((one) => one.name === named || one.name === `mien-${named}`);
  return shipped === undefined ? named : `${shipped.name} (${shipped.summary})`;
}

export function define(command: Command): void {
  command
    .argument('[source]', 'a video, a picture or a folder of them; default: a talking face')
    .option('--model <model>', "a model that ships, a model's file, or a run; default: the best that ships")
    .action(async (source: string = shortened(SAMPLE), { model }: { model?: string }) => {
      const folder = await freeFolder();
      const outputs = await outputsOf(source, folder);
      console.log(`reading ${source} with ${await describeModel(model)}`);
      await predictFrom(command, [source], {
        ...outputs,
        ...(model !== undefined && { model: [model] }),
        cache: true,
      });
    });
}
