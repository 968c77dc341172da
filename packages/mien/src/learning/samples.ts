// A few faces of the validation sides with what was read off them, to look at.

import { pathOf } from '../datasets/index.js';
import type { LabelSchema } from '../labels/index.js';
import type { Network } from '../models/index.js';
import { Random } from '../random/index.js';
import { type ReadingOptions, type Readings, readSet } from './evaluate.js';
import type { PhaseData } from './phase-data.js';
import type { TaskData } from './task-data.js';

export interface ReadSample {
  /** Absolute path. */
  image: string;
  truth: FaceReading;
  prediction: FaceReading & { expressionProbabilities?: Record<string, number> };
}

/** Probabilities of action units in predictions, 0 or 1 in truths. */
interface FaceReading {
  expression?: string;
  actionUnits?: Record<string, number>;
  valence?: number;
  arousal?: number;
}

/** Of each task's data. */
const FACES = 8;

/** Faces (or windows) drawn by a fixed seed: the same ones after every run on the same data. */
function drawn({ validation }: TaskData) {
  const { units } = validation;
  const places = Random.seeded(1).permutation(units.length).slice(0, FACES);
  return { ...validation, units: places.map((place) => units[place] as number) };
}

/** What a network reads off the sample faces of each task's data, for all of its tasks. */
export async function readSamples(
  network: Network,
  { tasks }: PhaseData,
  options: ReadingOptions,
): Promise<Readings[]> {
  const all: Readings[] = [];
  for (const data of tasks)
    all.push(...(await readSet(network, network.spec.tasks, data.manifest, drawn(data), options)));
  return all;
}

function predictionOf(readings: readonly Readings[], place: number, schema: LabelSchema) {
  const prediction: ReadSample['prediction'] = {};
  for (const { task, values, width } of readings) {
    const read = [...values.subarray(place * width, (place + 1) * width)];
    const named = (names: readonly string[]) =>
      Object.fromEntries(names.map((name, k) => [name, read[k] as number]));
    if (task === 'EXPR') {
      prediction.expression = schema.expressions[read.indexOf(Math.max(...read))] as string;
      prediction.expressionProbabilities = named(schema.expressions);
    } else if (task === 'AU') prediction.actionUnits = named(schema.actionUnits);
    else [prediction.valence, prediction.arousal] = read as [number, number];
  }
  return prediction;
}

function truthOf({ manifest }: TaskData, row: number): FaceReading {
  const { schema } = manifest.faces;
  const { expression, actionUnits, valence, arousal } = manifest.faces.row(row);
  const units = actionUnits?.flatMap((one, k) => (one === undefined ? [] : [[schema.actionUnits[k], one]]));
  return {
    ...(expression !== undefined && { expression }),
    ...(units && { actionUnits: Object.fromEntries(units) }),
    ...(valence !== undefined && { valence }),
    ...(arousal !== undefined && { arousal }),
  };
}

/** @param readings what `readSamples` gave; of windows, one frame each is shown */
export function describeSamples(readings: readonly Readings[], { schema, tasks }: PhaseData): ReadSample[] {
  const each = readings.length / tasks.length;
  return tasks.flatMap((data, k) => {
    const own = readings.slice(k * each, (k + 1) * each);
    const rows = own[0]?.rows ?? new Int32Array(0);
    const apart = Math.max(1, Math.floor(rows.length / FACES));
    return [...rows.keys()]
      .filter((place) => place % apart === 0)
      .slice(0, FACES)
      .map((place) => ({
        image: pathOf(data.manifest, rows[place] as number),
        truth: truthOf(data, rows[place] as number),
        prediction: predictionOf(own, place, schema),
      }));
  });
}
