// Exact figures of a face over time, or over pictures. A frame counts for the time until the next one; a picture counts one.

import type { ActionUnit, LabelSchema } from '../../labels/index.js';
import type { FaceReading } from '../../reading/index.js';

export interface UnitFigures {
  /** Seconds, or pictures, in which it is present. */
  active: number;
  /** Unbroken runs of frames in which it is present. */
  events: number;
}

/** Mean and spread of a value, and its extremes. */
export interface ValueFigures {
  mean: number;
  /** Standard deviation. */
  spread: number;
  lowest: number;
  highest: number;
}

export interface FaceFigures {
  face: number;
  /** Seconds at which the face is first seen, and at which it was last seen; of pictures without meaning. */
  from: number;
  to: number;
  /** Seconds, or pictures, in which the face was seen. */
  seen: number;
  frames: number;
  /** Seconds, or pictures, for which a task was read. */
  read: { EXPR: number; AU: number; VA: number };
  /** By expression: seconds, or pictures, in which it is the most probable. */
  expressions: ReadonlyMap<string, number>;
  units: ReadonlyMap<ActionUnit, UnitFigures>;
  valence: ValueFigures | undefined;
  arousal: ValueFigures | undefined;
}

export interface Tally {
  /** @param frame ordinal: 0, 1, … of all frames that were read @param length seconds that it lasts, or 1 for a picture */
  add(face: FaceReading, frame: { ordinal: number; time: number; length: number }): void;
  figures(): FaceFigures;
}

/** Weighted mean and variance as they come (West 1979). */
function valueTally() {
  let [weight, mean, squares, lowest, highest] = [
    0,
    0,
    0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  return {
    add(value: number, length: number) {
      [lowest, highest] = [Math.min(lowest, value), Math.max(highest, value)];
      if (length === 0) return;
      weight += length;
      const distance = value - mean;
      mean += (length / weight) * distance;
      squares += length * distance * (value - mean);
    },
    figures: (): ValueFigures | undefined =>
      weight === 0 ? undefined : { mean, spread: Math.sqrt(squares / weight), lowest, highest },
  };
}

export function createTally(face: number, schema: LabelSchema): Tally {
  const expressions = new Map(schema.expressions.map((name) => [name, 0]));
  const units = new Map(schema.actionUnits.map((unit) => [unit, { active: 0, events: 0, last: -2 }]));
  const [valence, arousal] = [valueTally(), valueTally()];
  const read = { EXPR: 0, AU: 0, VA: 0 };
  let [from, to, seen, frames] = [Number.NaN, Number.NaN, 0, 0];
  return {
    add(reading, { ordinal, time, length }) {
      if (frames === 0) from = time;
      to = time + length;
      seen += length;
      frames++;
      const { expression, actionUnits } = reading;
      if (expression !== undefined) {
        read.EXPR += length;
        expressions.set(expression.label, (expressions.get(expression.label) ?? 0) + length);
      }
      if (actionUnits !== undefined) {
        read.AU += length;
        for (const [unit, figures] of units) {
          if (actionUnits[unit]?.present !== true) continue;
          figures.active += length;
          if (figures.last !== ordinal - 1) figures.events++;
          figures.last = ordinal;
        }
      }
      if (reading.valence !== undefined && reading.arousal !== undefined) {
        read.VA += length;
        valence.add(reading.valence, length);
        arousal.add(reading.arousal, length);
      }
    },
    figures: () => ({
      face,
      from,
      to,
      seen,
      frames,
      read: { ...read },
      expressions: new Map(expressions),
      units: new Map([...units].map(([unit, { active, events }]) => [unit, { active, events }])),
      valence: valence.figures(),
      arousal: arousal.figures(),
    }),
  };
}
