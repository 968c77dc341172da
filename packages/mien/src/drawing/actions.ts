// What a drawn face does: action units of the Facial Action Coding System (Ekman, Friesen and Hager 2002) that the
// drawing knows, from 0 (absent) to 1 (as strong as it gets), and a few things that FACS does not count.

export const DRAWN_UNITS = [
  'AU1', // inner brow raiser
  'AU2', // outer brow raiser
  'AU4', // brow lowerer
  'AU5', // upper lid raiser
  'AU6', // cheek raiser
  'AU7', // lid tightener
  'AU9', // nose wrinkler
  'AU10', // upper lip raiser
  'AU12', // lip corner puller
  'AU15', // lip corner depressor
  'AU17', // chin raiser
  'AU20', // lip stretcher
  'AU23', // lip tightener
  'AU24', // lip pressor
  'AU25', // lips part
  'AU26', // jaw drop: seen only with AU25, as far as lips that touch hide it
  'AU43', // lids droop, up to closed eyes
  'AU45', // blink
] as const;

export type DrawnUnit = (typeof DRAWN_UNITS)[number];

/** Intensities of the units, 0 … 1. */
export type Intensities = Readonly<Record<DrawnUnit, number>>;

export interface FaceActions {
  /** Intensities, 0 … 1; a unit that is not named is absent. */
  units?: Partial<Intensities>;
  /** Flushed cheeks, 0 … 1. */
  flush?: number;
  /** Wider pupils, 0 … 1. */
  pupil?: number;
  /** Where the eyes look: right and down of straight ahead, −1 … 1. */
  gaze?: readonly [x: number, y: number];
  /** −1 … 1: units are stronger on the image's left (−) or right (+), by up to this share. */
  lopsided?: number;
}

/** Every unit of a face, absent ones as 0. */
export const intensitiesOf = (units: Partial<Intensities> = {}): Intensities =>
  Object.fromEntries(DRAWN_UNITS.map((unit) => [unit, units[unit] ?? 0])) as Record<DrawnUnit, number>;
