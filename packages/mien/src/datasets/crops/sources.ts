// Pictures and videos that faces are cut out of.

import { extname } from 'node:path';
import { walkFiles } from '../../files/index.js';

const PICTURES = new Set(['.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff']);
const VIDEOS = new Set(['.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg', '.wmv', '.flv']);

const kindOf = (path: string) => extname(path).toLowerCase();
export const isPicture = (path: string) => PICTURES.has(kindOf(path));
export const isVideo = (path: string) => VIDEOS.has(kindOf(path));

/** `a/b.mp4` → `a/b`. */
export const withoutExtension = (path: string) => path.slice(0, path.length - extname(path).length);

export interface SourceFiles {
  /** Absolute or as given; paths start from it. */
  root: string;
  /** Relative to the root, sorted. */
  pictures: string[];
  videos: string[];
}

/** Pictures and videos below a folder; other files are passed over. */
export async function listSources(root: string): Promise<SourceFiles> {
  const paths: string[] = [];
  for await (const path of walkFiles(root)) paths.push(path);
  paths.sort();
  return { root, pictures: paths.filter(isPicture), videos: paths.filter(isVideo) };
}
