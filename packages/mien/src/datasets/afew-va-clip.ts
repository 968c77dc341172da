// One clip of AFEW-VA: its JSON file, checked against its frames.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DataError, listFolder, show } from '../files/index.js';

export interface AfewFrame {
  /** The PNG's name without `.png`. */
  name: string;
  /** Its number, as the name has it. */
  number: number;
  /** 68 points, flat. */
  landmarks: number[];
  /** −1 … 1. */
  valence: number;
  arousal: number;
}

export interface AfewClip {
  /** By name. */
  frames: AfewFrame[];
}

/** The set rates in steps of a tenth, written as integers. */
const LEVELS = 10;
const LEVEL = z.number().int().min(-LEVELS).max(LEVELS);
const CLIP = z.object({
  frames: z.record(
    z.string(),
    z.object({
      landmarks: z.array(z.tuple([z.number(), z.number()])).length(68),
      valence: LEVEL,
      arousal: LEVEL,
    }),
  ),
});

async function readJson(file: string): Promise<z.infer<typeof CLIP>> {
  const expected = 'a clip of AFEW-VA: frames with 68 landmarks, valence and arousal';
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)));
  } catch (cause) {
    throw new DataError({ file }, { found: `no JSON (${(cause as Error).message})`, expected, cause });
  }
  const clip = CLIP.safeParse(content);
  if (clip.success) return clip.data;
  const [issue] = clip.error.issues;
  const column = issue?.path.join('.') || undefined;
  throw new DataError({ file, column }, { found: issue?.message ?? 'something else', expected });
}

function checkNames(file: string, keys: readonly string[], pictures: readonly string[]): void {
  const { length } = keys;
  if (length !== pictures.length)
    throw new DataError(
      { file },
      { found: `${length} frames`, expected: `${pictures.length}, as there are pictures` },
    );
  const other = keys.findIndex((key, i) => key !== pictures[i]);
  if (other >= 0)
    throw new DataError(
      { file },
      { found: `frame ${show(keys[other])}`, expected: `${pictures[other]}, as a picture is named` },
    );
  const unnumbered = keys.find((key) => !/^\d{1,9}$/.test(key));
  if (unnumbered !== undefined)
    throw new DataError({ file }, { found: `frame ${show(unnumbered)}`, expected: 'a number' });
}

/**
 * @param folder of one clip
 * @throws DataError when it holds no or several JSON files, or labels and pictures do not go together
 */
export async function readClip(folder: string): Promise<AfewClip> {
  const { files } = await listFolder(folder);
  const [json, ...more] = files.filter((name) => name.endsWith('.json'));
  if (json === undefined || more.length > 0)
    throw new DataError(
      { file: folder },
      { found: `${json === undefined ? 0 : more.length + 1} JSON files`, expected: 'one' },
    );
  const file = join(folder, json);
  const { frames } = await readJson(file);
  const keys = Object.keys(frames).sort();
  checkNames(
    file,
    keys,
    files.filter((name) => name.endsWith('.png')).map((name) => name.slice(0, -4)),
  );
  return {
    frames: keys.map((name) => {
      const { landmarks, valence, arousal } = frames[name] as (typeof frames)[string];
      return {
        name,
        number: Number(name),
        landmarks: landmarks.flat(),
        valence: valence / LEVELS,
        arousal: arousal / LEVELS,
      };
    }),
  };
}
