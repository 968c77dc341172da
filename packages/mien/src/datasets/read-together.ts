// Several manifests read as one.

import { resolve } from 'node:path';
import { DataError, show } from '../files/index.js';
import { FaceTable } from './face-table.js';
import { type Manifest, readManifest } from './manifest.js';

/**
 * Manifests as one, rows in the order given.
 * @param files at least one
 * @param options.roots data set → folder, where the data lie elsewhere than the manifests say
 * @throws DataError when one cannot be read, or they don't go together
 */
export async function readTogether(
  files: readonly string[],
  { roots: moved = {} }: { roots?: Readonly<Record<string, string>> } = {},
): Promise<Manifest> {
  const manifests = await Promise.all(files.map((file) => readManifest(file)));
  const [first, ...others] = manifests as [Manifest, ...Manifest[]];
  const names = new Set(manifests.flatMap((one) => [...one.roots.keys()]));
  const unknown = Object.keys(moved).find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new DataError(
      { file: files.join(' + ') },
      { found: `no data set ${show(unknown)}`, expected: `one of ${[...names].join(', ')}` },
    );
  const placeOf = (name: string, root: string) => resolve(moved[name] ?? root);
  if (others.length === 0)
    return { ...first, roots: new Map([...first.roots].map(([name, root]) => [name, placeOf(name, root)])) };
  const faces = new FaceTable(first.faces.schema);
  const roots = new Map<string, string>();
  for (const manifest of manifests) {
    const { schema } = manifest.faces;
    if (JSON.stringify(schema) !== JSON.stringify(faces.schema))
      throw new DataError(
        { file: manifest.file },
        {
          found: `label schema ${schema.name}`,
          expected: `${faces.schema.name}, as in ${first.file}`,
          hint: 'Bring both to one schema first: mien data mix',
        },
      );
    for (const [name, stated] of manifest.roots) {
      const root = placeOf(name, stated);
      const known = roots.get(name);
      if (known !== undefined && known !== root)
        throw new DataError(
          { file: manifest.file },
          {
            found: `data set ${show(name)} in ${root}`,
            expected: `${known}, where another manifest has it`,
            hint: 'Join them first: mien data mix',
          },
        );
      roots.set(name, root);
    }
    for (const row of manifest.faces.rows()) faces.push(row);
  }
  return { file: files.join(' + '), faces, roots, history: [] };
}
