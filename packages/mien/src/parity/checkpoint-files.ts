// The checkpoints of a golden folder: which there are, and how they are unpacked.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { listFolder } from '../files/index.js';

export interface GoldenCheckpoint {
  /** Without `.gz`. */
  name: string;
  /** As it lies there. */
  file: string;
  /** `cnn`, `cnn_rnn_seq8`, …; undefined for what is no network. */
  network: string | undefined;
  member: 'teacher' | 'student' | undefined;
}

/** In the order of their names. */
export async function listCheckpoints(folder: string): Promise<GoldenCheckpoint[]> {
  const { files } = await listFolder(folder);
  return files
    .filter((name) => /\.pth(\.gz)?$/.test(name))
    .map((file) => {
      const [, network, member] = file.match(/^(cnn(?:_rnn_seq\d+)?)_net_epoch_(teacher|student)/) ?? [];
      return {
        name: file.replace(/\.gz$/, ''),
        file: join(folder, file),
        network,
        member: member as GoldenCheckpoint['member'],
      };
    });
}

/** @param folder where it is unpacked to, if it is packed @returns the path of the `.pth` */
export async function unpackCheckpoint({ name, file }: GoldenCheckpoint, folder: string): Promise<string> {
  if (!file.endsWith('.gz')) return file;
  const unpacked = join(folder, name);
  await writeFile(unpacked, gunzipSync(await readFile(file)));
  return unpacked;
}
