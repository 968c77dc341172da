// The frames that show a face at its most telling, chosen while the video is read: for each expression, each action unit, both
// ends of valence and arousal and the largest change the one where it is strongest.

import type { RgbImage } from '../../images/index.js';
import type { LabelSchema } from '../../labels/index.js';
import type { FaceReading } from '../../reading/index.js';

interface Moment {
  time: number;
  picture: RgbImage;
}

/** Why a frame is telling, and how much. */
interface Reason {
  name: string;
  /** 0 … 1, to be compared with other reasons. */
  strength: number;
  words: string;
}

export interface KeyFrame extends Moment {
  /** The strongest reason. */
  short: string;
  long: string;
  strength: number;
}

export interface KeyFrameChooser {
  /** @param picture makes the face's own; called only where the frame is wanted */
  add(face: FaceReading, time: number, picture: () => RgbImage | undefined): void;
  /** In the order of time. @param apart seconds between them, at least */
  chosen(most: number, apart: number): KeyFrame[];
  /** Pictures that are held. */
  readonly held: number;
  /** Forgets everything and takes nothing more. */
  drop(): void;
}

/** A record that is beaten by less is kept: each one costs a crop. */
const MARGIN = 0.01;
/** Valence and arousal nearer to zero tell nothing. */
const WEAK = 0.25;
/** Seconds over which expressions are compared. */
const CHANGE_SECONDS = 0.4;
/** Least share of probability that moves from some expressions to others. */
const WEAK_CHANGE = 0.5;

const hundredths = (value: number): string => value.toFixed(2).replace('-', '−');

function reasonsOf({ expression, actionUnits, valence, arousal }: FaceReading): Reason[] {
  const reasons: Reason[] = [];
  if (expression !== undefined) {
    const strength = expression.probabilities[expression.label] ?? 0;
    const { label } = expression;
    // A neutral face is what others are seen against: it comes last.
    reasons.push({
      name: label,
      strength: label === 'neutral' ? strength / 4 : strength,
      words: `${label} ${hundredths(strength)}`,
    });
  }
  for (const [name, value] of [
    ['valence', valence],
    ['arousal', arousal],
  ] as const)
    if (value !== undefined && Math.abs(value) >= WEAK)
      reasons.push({
        name: `${name} ${value > 0 ? '+' : '−'}`,
        strength: Math.abs(value),
        words: `${name} ${hundredths(value)}`,
      });
  for (const [name, { present, probability }] of Object.entries(actionUnits ?? {}))
    if (present)
      reasons.push({ name, strength: 0.9 * probability, words: `${name} ${hundredths(probability)}` });
  return reasons;
}

/** The share of probability that moved. */
const distance = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, k) => sum + Math.abs(value - (other[k] ?? 0)), 0) / 2;

export function createKeyFrameChooser({ expressions }: LabelSchema): KeyFrameChooser {
  const best = new Map<string, { reason: Reason; moment: Moment }>();
  let recent: { time: number; values: number[] }[] = [];
  let dropped = false;

  /** How much expressions changed since a moment ago. */
  function change({ expression }: FaceReading, time: number): Reason[] {
    if (expression === undefined) return [];
    const values = expressions.map((name) => expression.probabilities[name] ?? 0);
    recent = [...recent.filter((one) => time - one.time <= CHANGE_SECONDS), { time, values }];
    const strength = distance(values, recent[0]?.values ?? values);
    if (strength < WEAK_CHANGE) return [];
    return [{ name: 'change', strength: 0.8 * strength, words: `change to ${expression.label}` }];
  }

  return {
    get held() {
      return new Set([...best.values()].map(({ moment }) => moment)).size;
    },
    add(face, time, picture) {
      if (dropped) return;
      const records = [...reasonsOf(face), ...change(face, time)].filter(
        ({ name, strength }) => strength > (best.get(name)?.reason.strength ?? 0) + MARGIN,
      );
      if (records.length === 0) return;
      const image = picture();
      if (image === undefined) return;
      const moment = { time, picture: image };
      for (const reason of records) best.set(reason.name, { reason, moment });
    },
    chosen(most, apart) {
      const ranked = [...best.values()].sort((one, other) => other.reason.strength - one.reason.strength);
      const chosen: { moment: Moment; reasons: Reason[] }[] = [];
      for (const { moment, reason } of ranked) {
        const near = chosen.find((one) => Math.abs(one.moment.time - moment.time) < apart);
        if (near?.moment === moment) near.reasons.push(reason);
        else if (near === undefined && chosen.length < most) chosen.push({ moment, reasons: [reason] });
      }
      return chosen
        .map(({ moment, reasons: [first, ...others] }) => ({
          ...moment,
          short: first?.name ?? '',
          long: [first, ...others].map((reason) => reason?.words).join(', '),
          strength: first?.strength ?? 0,
        }))
        .sort((one, other) => one.time - other.time);
    },
    drop() {
      dropped = true;
      best.clear();
      recent = [];
    },
  };
}
