// What bench/train-epoch.mjs trains on: manifests of single-task sets, and the same faces as a list for the peer.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceTable, pathOf, readManifest, samplesOf, writeManifest } from 'mien/datasets';
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
 * The faces that training draws from, in a folder: as manifests without the others, so that nothing is evaluated between
 * epochs, and as JSON: task -> paths of pictures, their labels, and how often each is to be drawn (null: a plain shuffle).
 * @param manifests manifest file by task
 * @returns the files, and faces by task
 */
export async function writeTrainingFaces(folder, { manifests, balance, seed }) {
  const files = { list: join(folder, 'list.json'), manifests: {} };
  const [list, counts] = [{}, {}];
  for (const [task, path] of Object.entries(manifests)) {
    const manifest = await readManifest(path);
    const { schema } = manifest.faces;
    const samples = samplesOf([manifest.faces], task);
    const { weights } = balanceTask(task, samples, balance, { schema, seed });
    list[task] = {
      paths: Array.from(samples.rows, (row) => pathOf(manifest, row)),
      labels: LABELS_OF_TASK[task](samples),
      weights: weights === undefined ? null : [...weights],
    };
    counts[task] = samples.rows.length;
    const faces = new FaceTable(schema);
    const wanted = new Set(samples.rows);
    let row = 0;
    for (const face of manifest.faces.rows()) if (wanted.has(row++)) faces.push(face);
    files.manifests[task] = join(folder, `${task}.parquet`);
    writeManifest(files.manifests[task], { ...manifest, faces });
  }
  writeFileSync(files.list, JSON.stringify(list));
  return { files, faces: counts };
}
