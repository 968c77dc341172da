// The challenges' text files of a video: a line for every frame.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPaired } from 'mien/judging';
import { ABAW1, ABAW3, TASKS } from 'mien/labels';
import { type FrameReading, openFrameTexts } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { makeReadings } from '../../support/readings.js';

function write(folder: string, frames: readonly FrameReading[], schema = ABAW1): readonly string[] {
  const texts = openFrameTexts(folder, 'v', { schema, tasks: TASKS });
  for (const frame of frames) texts.write(frame);
  texts.close();
  return texts.files;
}

const linesOf = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8').split('\n');

describe("a challenge's text files of a video", () => {
  it('have a header and a line per frame, as the edition of the labels has them', () => {
    const folder = folderWith({});
    const frames = makeReadings({ schema: ABAW1, frames: 7 });
    write(folder, frames);
    const [head, ...lines] = linesOf(folder, 'AU_Set/v.txt');
    expect(head).toBe('AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25');
    expect(lines).toEqual(
      frames.map(({ faces: [face] }) =>
        ABAW1.actionUnits.map((unit) => (face?.actionUnits?.[unit]?.present ? 1 : 0)).join(),
      ),
    );
    expect(linesOf(folder, 'EXPR_Set/v.txt').slice(1)).toEqual(
      frames.map(({ faces: [face] }) => String(ABAW1.expressions.indexOf(face?.expression?.label ?? ''))),
    );
    const [, ...affect] = linesOf(folder, 'VA_Set/v.txt');
    affect.forEach((line, i) => {
      const [valence = 9, arousal = 9] = line.split(',').map(Number);
      expect(line).toMatch(/^-?\d\.\d{4},-?\d\.\d{4}$/);
      expect(valence).toBeCloseTo(frames[i]?.faces[0]?.valence ?? 9, 3);
      expect(arousal).toBeCloseTo(frames[i]?.faces[0]?.arousal ?? 9, 3);
    });
    expect(affect).toHaveLength(7);
  });

  it('with labels of abaw3 lie where that edition has them, and end with a line end', () => {
    const folder = folderWith({});
    const files = write(folder, makeReadings({ frames: 3 }), ABAW3);
    expect(files).toEqual(['EXPR/v.txt', 'AU/v.txt', 'VA/v.txt'].map((path) => join(folder, path)));
    expect(linesOf(folder, 'VA/v.txt')).toHaveLength(5);
    expect(linesOf(folder, 'VA/v.txt').at(-1)).toBe('');
  });

  it('lend a frame without a face the line of the last one with a face, and before the first that of the first', () => {
    const without: [number, number][] = [
      [0, 3],
      [5, 8],
    ];
    const frames = makeReadings({ schema: ABAW1, frames: 10, without });
    const folder = folderWith({});
    write(folder, frames);
    const [, ...lines] = linesOf(folder, 'VA_Set/v.txt');
    expect(lines).toHaveLength(10);
    expect(new Set(lines.slice(0, 4)).size).toBe(1);
    expect(new Set(lines.slice(4, 8)).size).toBe(1);
    expect(new Set([lines[3], lines[4], lines[8], lines[9]]).size).toBe(4);
  });

  it('are what scoring takes', async () => {
    const folder = folderWith({});
    write(folder, makeReadings({ schema: ABAW1, frames: 12 }));
    const { estimates, truth } = await readPaired([folder], folder);
    expect(truth.length).toBe(12);
    expect(estimates[0]?.EXPR?.classes).toEqual(truth.expression);
  });

  it('leave nothing where no frame has a face, or labels are of no edition', () => {
    const folder = folderWith({});
    expect(() => write(folder, makeReadings({ schema: ABAW1, frames: 3, without: [[0, 3]] }))).toThrow(
      /v: found no face in any frame; expected one/,
    );
    expect(readdirSync(folder)).toEqual([]);
    const mine = { name: 'mine', actionUnits: ['AU1'], expressions: ['neutral'] } as const;
    expect(() => openFrameTexts(join(folder, 'new'), 'v', { schema: mine, tasks: TASKS })).toThrow(
      /found labels of schema mine; expected those of abaw1 or abaw3/,
    );
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });
});
