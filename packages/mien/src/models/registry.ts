// The backbones that can be asked for by name.

import { nearestWord } from '../files/index.js';
import type { Backbone } from './backbone.js';
import { COMPACT } from './compact.js';

export const BACKBONES: ReadonlyMap<string, Backbone> = new Map([COMPACT].map((one) => [one.name, one]));

/** @throws RangeError that names those there are */
export function backboneOf(name: string): Backbone {
  const known = BACKBONES.get(name);
  if (known !== undefined) return known;
  const names = [...BACKBONES.keys()];
  const nearest = nearestWord(name, names);
  const hint = nearest === undefined ? '' : `. Did you mean "${nearest}"?`;
  throw new RangeError(`no backbone "${name}"; there are ${names.join(', ')}${hint}`);
}
