// The backbones that can be asked for by name.

import { nearestWord } from '../files/index.js';
import type { Backbone } from './backbone.js';
import { CAFFE_RESNETS } from './caffe-resnet.js';
import { COMPACTS } from './compact.js';
import { EFFICIENTNET_B0 } from './efficientnet.js';
import { MOBILENET_V3_LARGE } from './mobilenet.js';
import { RESNETS } from './resnet.js';

export const BACKBONES: ReadonlyMap<string, Backbone> = new Map(
  [...CAFFE_RESNETS, ...COMPACTS, ...RESNETS, MOBILENET_V3_LARGE, EFFICIENTNET_B0].map((one) => [
    one.name,
    one,
  ]),
);

/** @throws RangeError that names those there are */
export function backboneOf(name: string): Backbone {
  const known = BACKBONES.get(name);
  if (known !== undefined) return known;
  const names = [...BACKBONES.keys()];
  const nearest = nearestWord(name, names);
  const hint = nearest === undefined ? '' : `. Did you mean "${nearest}"?`;
  throw new RangeError(`no backbone "${name}"; there are ${names.join(', ')}${hint}`);
}
