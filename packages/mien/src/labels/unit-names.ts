// What the action units are called in the Facial Action Coding System (Ekman, Friesen and Hager 2002).

import type { ActionUnit } from './schema.js';

const UNIT_NAMES: Readonly<Record<ActionUnit, string>> = {
  AU1: 'inner brow raiser',
  AU2: 'outer brow raiser',
  AU4: 'brow lowerer',
  AU5: 'upper lid raiser',
  AU6: 'cheek raiser',
  AU7: 'lid tightener',
  AU9: 'nose wrinkler',
  AU10: 'upper lip raiser',
  AU11: 'nasolabial deepener',
  AU12: 'lip corner puller',
  AU13: 'sharp lip puller',
  AU14: 'dimpler',
  AU15: 'lip corner depressor',
  AU16: 'lower lip depressor',
  AU17: 'chin raiser',
  AU18: 'lip pucker',
  AU20: 'lip stretcher',
  AU22: 'lip funneler',
  AU23: 'lip tightener',
  AU24: 'lip presser',
  AU25: 'lips part',
  AU26: 'jaw drop',
  AU27: 'mouth stretch',
  AU28: 'lips suck',
  AU43: 'eyes closed',
  AU45: 'blink',
  AU46: 'wink',
};

/** `AU12` → `lip corner puller`; undefined of units that are no movement of the face itself, such as the head's. */
export const unitName = (unit: string): string | undefined =>
  (UNIT_NAMES as Readonly<Record<string, string>>)[unit];
