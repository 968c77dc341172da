// What bench/train-epoch.mjs trains on: manifests of single-task sets, and the same faces as a list for the peer.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, readManifest, samplesOf } from 'mien/datasets';
import { writeDemo } from 'mien/datasets/demo';
import { balanceTask } from 'mien/sampling';

const LABELS_OF_TASK = {
  EXPR: ({ classes }) => [...classes],
  AU({ rows, positive }) {
    const units = positive.length / rows.length;
    return Array.from(rows, (_, i) => [...positive.subarray(i * units, (i + 1) * units)]);
  },
  VA: ({ rows, valence, arousal }) => Array.from(rows, (_, i) => [valence[i], arousal[i]]),
};

/** Manifest files by task of the demo set in a folder; draws the set (a minute) where it is not there yet. */
export async function demoManifests(folder) {
  const manifests = Object.fromEntries(
    ['EXPR', 'AU', 'VA'].map((task) => [task, join(folder, `${task.toLowerCase()}.parquet`)]),
  );
  if (!Object.values(manifests).every(existsSync)) {
    console.error(`drawing the demo set into ${folder}`);
    await writeDemo(folder, { seed: 1, size: 112, scale: 'medium' });
  }
  return manifests;
}

/**
 * Writes JSON: task -> paths of pictures, their labels, and how often each is to be drawn (null: a plain shuffle).
 * @param manifests manifest file by task
 * @returns faces by task
 */
export async function writeList(file, { manifests, balance, seed }) {
  const list = {};
  for (const [task, path] of Object.entries(manifests)) {
    const manifest = await readManifest(path);
    const samples = samplesOf([manifest.faces], task);
    const { weights } = balanceTask(task, samples, balance, { schema: manifest.faces.schema, seed });
    list[task] = {
      paths: Array.from(samples.rows, (row) => pathOf(manifest, row)),
      labels: LABELS_OF_TASK[task](samples),
      weights: weights === undefined ? null : [...weights],
    };
  }
  writeFileSync(file, JSON.stringify(list));
  return Object.fromEntries(Object.entries(list).map(([task, { paths }]) => [task, paths.length]));
}
