// What was seen in all that was read, in a few numbers: they fit on a terminal.

import type { ActionUnit, LabelSchema, Task } from '../../labels/index.js';
import type { FaceReading, FrameReading } from '../frames.js';

/** Mean, and the smallest and largest value. */
export interface Range {
  mean: number;
  least: number;
  most: number;
}

export interface ReadingTally {
  pictures: number;
  /** With at least one frame. */
  videos: number;
  /** Of videos, and pictures, each of which is one. */
  frames: number;
  /** Frames with at least one face. */
  framesWithFace: number;
  /** Readings of faces: a face counts in each of its frames. */
  faces: number;
  /** Different faces: tracks of videos, faces of pictures. */
  people: number;
  /** Seconds of video that the frames stand for; 0 where there were pictures alone. */
  seconds: number;
  /** Share of the faces' frames, 0 … 1, the most frequent first. */
  expressions: { name: string; share: number }[];
  /** Share of the faces' frames in which each unit is active, 0 … 1. */
  actionUnits: { unit: ActionUnit; share: number }[];
  /** undefined: no face, or not read. */
  valence?: Range;
  arousal?: Range;
}

class RangeSum {
  #sum = 0;
  #count = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  get range(): Range | undefined {
    return this.#count === 0
      ? undefined
      : { mean: this.#sum / this.#count, least: this.#least, most: this.#most };
  }
}

/** Counts readings, in memory that does not grow with their number. */
export class ReadingCounter {
  readonly #expressions: Map<string, number>;
  readonly #units: Map<ActionUnit, number>;
  readonly #valence = new RangeSum();
  readonly #arousal = new RangeSum();
  #counts = { pictures: 0, videos: 0, frames: 0, framesWithFace: 0, faces: 0, people: 0, seconds: 0 };
  #source: string | undefined;
  #known = new Set<number>();
  #first = 0;
  #last = 0;
  #own = 0;

  constructor({ schema, tasks }: { schema: LabelSchema; tasks: readonly Task[] }) {
    const names = tasks.includes('EXPR') ? schema.expressions : [];
    const units = tasks.includes('AU') ? schema.actionUnits : [];
    this.#expressions = new Map(names.map((name) => [name, 0]));
    this.#units = new Map(units.map((unit) => [unit, 0]));
  }

  /** @param frame those of a source follow each other */
  add({ source, time, faces }: FrameReading): void {
    const counts = this.#counts;
    if (source !== this.#source) this.#begin(source, time);
    counts.frames++;
    this.#own++;
    if (time !== undefined) this.#last = time;
    if (faces.length > 0) counts.framesWithFace++;
    for (const face of faces) this.#addFace(face);
  }

  #begin(source: string, time: number | undefined): void {
    this.#end();
    this.#source = source;
    this.#known = new Set();
    this.#first = time ?? 0;
    this.#last = this.#first;
    this.#own = 0;
    if (time === undefined) this.#counts.pictures++;
    else this.#counts.videos++;
  }

  /** The last frame lasts as long as the others do on average. */
  #secondsOfSource(): number {
    const between = this.#last - this.#first;
    return this.#own > 1 ? (between * this.#own) / (this.#own - 1) : 0;
  }

  #end(): void {
    this.#counts.seconds += this.#secondsOfSource();
    this.#own = 0;
  }

  #addFace({ face, expression, actionUnits = {}, valence, arousal }: FaceReading): void {
    this.#counts.faces++;
    if (!this.#known.has(face)) this.#counts.people++;
    this.#known.add(face);
    if (expression)
      this.#expressions.set(expression.label, (this.#expressions.get(expression.label) ?? 0) + 1);
    for (const [unit, count] of this.#units) if (actionUnits[unit]?.present) this.#units.set(unit, count + 1);
    if (valence !== undefined) this.#valence.add(valence);
    if (arousal !== undefined) this.#arousal.add(arousal);
  }

  /** What was added so far. */
  tally(): ReadingTally {
    const { faces, seconds, ...counts } = this.#counts;
    const share = (count: number) => (faces === 0 ? 0 : count / faces);
    const [valence, arousal] = [this.#valence.range, this.#arousal.range];
    return {
      ...counts,
      faces,
      seconds: seconds + this.#secondsOfSource(),
      expressions: [...this.#expressions]
        .map(([name, count]) => ({ name, share: share(count) }))
        .sort((one, other) => other.share - one.share),
      actionUnits: [...this.#units].map(([unit, count]) => ({ unit, share: share(count) })),
      ...(valence && { valence }),
      ...(arousal && { arousal }),
    };
  }
}
