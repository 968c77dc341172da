import { labelHeader } from 'mien/datasets';
import { ABAW1, ABAW3 } from 'mien/labels';
import { firstOccurrences, formatText } from 'mien/reading';
import { describe, expect, it } from 'vitest';

describe("the reference's text files", () => {
  it('name their columns by the schema', () => {
    expect(labelHeader('VA', ABAW3)).toBe('valence,arousal');
    expect(labelHeader('EXPR', ABAW3)).toBe('Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other');
    expect(labelHeader('AU', ABAW1)).toBe('AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25');
  });

  it('have a line per row and end without a newline', () => {
    const expressions = { task: 'EXPR', schema: ABAW1, values: [3, 0, 6] } as const;
    expect(formatText({ ...expressions, content: 'decisions' })).toBe(
      `${labelHeader('EXPR', ABAW1)}\n3\n0\n6`,
    );
    const values = [0.031_25, -0, 1, -1];
    const table = { task: 'VA', schema: ABAW1, content: 'decisions', values } as const;
    expect(formatText(table)).toBe('valence,arousal\n0.0312,-0.0000\n1.0000,-1.0000');
    expect(formatText({ ...table, rows: [1] })).toBe('valence,arousal\n1.0000,-1.0000');
    expect(formatText({ ...table, values: [] })).toBe('valence,arousal');
  });

  it('keep the first of rows with the same frame', () => {
    expect(firstOccurrences([2, 3, 0, 2, 1, 0])).toEqual([0, 1, 2, 4]);
    expect(firstOccurrences([])).toEqual([]);
  });
});
