// Where the rows of a face's timeline stand. Pure: also in the page's own script.

import type { PageData, PageKey } from './page-data.js';

/** Pixels. */
export const KEY_SIDE = 60;
const KEY_GAP = 6;
const KEY_WORDS = 30;
const LEADER = 16;
const AXIS = 22;
const AFFECT = 104;
const WINNERS = 20;
const STACK = 56;
const UNIT = 18;
const UNIT_GAP = 4;
const GAP = 12;
/** Narrower than this, names of units have no room. */
const NARROW = 640;

export interface Row {
  kind: 'affect' | 'winners' | 'stack' | 'unit';
  /** Which unit. */
  unit: number;
  y: number;
  height: number;
}

export interface TimelineLayout {
  width: number;
  height: number;
  /** Of the part with the axis of time. */
  left: number;
  right: number;
  /** Top of the key frames' words; undefined where there are none. */
  keys: number | undefined;
  /** Base of the axis' numbers. */
  axis: number;
  /** Top and bottom of the rows. */
  top: number;
  bottom: number;
  rows: readonly Row[];
  /** Whether units are named in words. */
  named: boolean;
}

export function timelineLayout(data: PageData, keys: readonly PageKey[], width: number): TimelineLayout {
  const named = width >= NARROW;
  const axis = (keys.length === 0 ? 0 : KEY_WORDS + KEY_SIDE + LEADER) + AXIS - 6;
  const top = axis + 6;
  const rows: Row[] = [];
  let y = top;
  const add = (kind: Row['kind'], height: number, gap: number, unit = -1) => {
    rows.push({ kind, unit, y, height });
    y += height + gap;
  };
  if (data.affect !== undefined) add('affect', AFFECT, GAP);
  if (data.expressions.length > 0) {
    add('winners', WINNERS, 2);
    add('stack', STACK, GAP);
  }
  for (const unit of data.units.keys()) add('unit', UNIT, UNIT_GAP, unit);
  const last = rows.at(-1);
  const bottom = last === undefined ? top : last.y + last.height;
  return {
    width,
    height: bottom + 4,
    left: named && data.units.length > 0 ? 172 : 88,
    right: width - 82,
    keys: keys.length === 0 ? undefined : 0,
    axis,
    top,
    bottom,
    rows,
    named,
  };
}

export interface PlacedKey {
  key: PageKey;
  /** Middle of the picture, and where its time lies. */
  middle: number;
  at: number;
}

/**
 * Pictures side by side, each as near to its time as the others allow; those beyond the ends are left out, and of too many
 * every other one.
 * @param x of a time
 */
export function placeKeys(
  keys: readonly PageKey[],
  x: (time: number) => number,
  left: number,
  right: number,
): PlacedKey[] {
  const room = KEY_SIDE + KEY_GAP;
  let shown = keys.map((key) => ({ key, middle: x(key.time), at: x(key.time) }));
  shown = shown.filter(({ at }) => at >= left && at <= right).sort((one, other) => one.at - other.at);
  while (shown.length > 1 && shown.length * room > right - left + room)
    shown = shown.filter((_, k) => k % 2 === 0);
  let low = left;
  for (const one of shown) {
    one.middle = Math.max(one.middle, low);
    low = one.middle + room;
  }
  let high = right;
  for (const one of shown.toReversed()) {
    one.middle = Math.min(one.middle, high);
    high = one.middle - room;
  }
  return shown;
}
