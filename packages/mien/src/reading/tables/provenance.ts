// What is kept with readings about how they were made, so that a table can be understood, and repeated, without its maker.

import type { LabelSchema, Task } from '../../labels/index.js';
import { version } from '../../version.js';

export interface Provenance {
  /** Version of this program. */
  mien: string;
  /** As it was typed, where it was. */
  command?: string;
  schema: LabelSchema;
  tasks: readonly Task[];
  /** With the SHA-256 of their weights. */
  models: readonly { name: string; file: string; hash: string }[];
  /** Settings that change numbers. */
  settings: Readonly<Record<string, unknown>>;
}

/** Fills in the version. */
export const provenanceOf = (made: Omit<Provenance, 'mien'>): Provenance => ({ mien: version, ...made });

/** What must be the same for readings to belong together: where a model lies, and how it was typed, does not matter. */
export function sameProvenance(one: Provenance, other: Provenance): boolean {
  const key = ({ mien, schema, tasks, models, settings }: Provenance) =>
    JSON.stringify([mien, schema, tasks, models.map(({ hash }) => hash), settings]);
  return key(one) === key(other);
}
