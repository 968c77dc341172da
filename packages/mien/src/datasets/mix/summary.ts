// What a mixture holds, in a few lines for people.

import { TASKS, tasksOf } from '../../labels/index.js';
import type { Mixture } from './mix.js';

const figure = (count: number) => count.toLocaleString('en');

/** Rows of each input; rows of each side of the split, and for which tasks they have labels. */
export function describeMixture({ faces, given }: Pick<Mixture, 'faces' | 'given'>): string {
  const sides = new Map<string, Map<string, number>>();
  for (let row = 0; row < faces.length; row++) {
    const split = faces.split.get(row) ?? 'no split';
    const counts = sides.get(split) ?? new Map<string, number>();
    sides.set(split, counts);
    const labels = {
      expression: faces.expression.get(row),
      valence: faces.valence.get(row),
      arousal: faces.arousal.get(row),
      actionUnits: faces.actionUnits.map((column) => column.get(row) as 0 | 1 | undefined),
    };
    for (const name of ['rows', ...tasksOf(labels, faces.schema)])
      counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const lines = given.map(
    ({ manifest, rows, of }, i) => `input ${i + 1}: ${figure(rows)} of ${figure(of)} rows of ${manifest}`,
  );
  for (const [split, counts] of sides) {
    const tasks = TASKS.filter((task) => counts.has(task)).map(
      (task) => `${task} ${figure(counts.get(task) ?? 0)}`,
    );
    lines.push(
      `${split}: ${figure(counts.get('rows') ?? 0)}${tasks.length === 0 ? '' : ` (${tasks.join(', ')})`}`,
    );
  }
  return lines.join('\n');
}
