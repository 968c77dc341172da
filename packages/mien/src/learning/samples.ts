// A few faces of the validation sides with what was read off them, to look at.

import { pathOf } from '../datasets/index.js';
import type { Task } from '../labels/index.js';
import { Random } from '../random/index.js';
import type { Readings } from './evaluate.js';
import type { PhaseData } from './phase-data.js';

export interface ReadSample {
  /** Absolute path. */
  image: string;
  truth: FaceReading;
  prediction: FaceReading & { expressionProbabilities?: Record<string, number> };
}

/** Of one task; probabilities of action units in predictions, 0 or 1 in truths. */
interface FaceReading {
  expression?: string;
  actionUnits?: Record<string, number>;
  valence?: number;
  arousal?: number;
}

/** Of each task. */
const FACES = 8;

/** Faces drawn by a fixed seed, so that the same ones are seen after every run on the same data. */
export function sampleReadings(readings: readonly Readings[], { schema, tasks }: PhaseData): ReadSample[] {
  return readings.flatMap(({ task, rows, values, width }) => {
    const data = tasks.find((one) => one.task === task);
    if (data === undefined) return [];
    const places = Random.seeded(1).permutation(rows.length).slice(0, FACES);
    return Array.from(places, (place): ReadSample => {
      const row = rows[place] as number;
      const read = [...values.subarray(place * width, (place + 1) * width)];
      const face = data.manifest.faces.row(row);
      const named = (names: readonly string[]) =>
        Object.fromEntries(names.map((name, k) => [name, read[k] as number]));
      const prediction: Record<Task, () => ReadSample['prediction']> = {
        EXPR: () => ({
          expression: schema.expressions[read.indexOf(Math.max(...read))] as string,
          expressionProbabilities: named(schema.expressions),
        }),
        AU: () => ({ actionUnits: named(schema.actionUnits) }),
        VA: () => ({ valence: read[0] as number, arousal: read[1] as number }),
      };
      const units = face.actionUnits?.flatMap((one, k) =>
        one === undefined ? [] : [[data.manifest.faces.schema.actionUnits[k], one]],
      );
      return {
        image: pathOf(data.manifest, row),
        truth: {
          ...(face.expression && { expression: face.expression }),
          ...(units && { actionUnits: Object.fromEntries(units) }),
          ...(face.valence !== undefined && { valence: face.valence }),
          ...(face.arousal !== undefined && { arousal: face.arousal }),
        },
        prediction: prediction[task](),
      };
    });
  });
}
