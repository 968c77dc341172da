import { ABAW1, ABAW3, canonicalExpression, LabelSchemaError, parseLabelSchema, tasksOf } from 'mien/labels';
import { describe, expect, it } from 'vitest';

describe('label schemas', () => {
  it('survive JSON', () => {
    for (const schema of [ABAW1, ABAW3, { name: 'mine', actionUnits: ['AU9' as const], expressions: [] }])
      expect(parseLabelSchema(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
  });

  it.each([
    ['a list', [], /is no object/],
    ['no name', { actionUnits: [] }, /has no "name"/],
    ['an unknown key', { name: 'x', aus: [] }, /has "aus"; expected only/],
    [
      'an odd action unit',
      { name: 'x', actionUnits: ['AU0'] },
      /"actionUnits" has "AU0"; expected names such as "AU12"/,
    ],
    ['a repeated class', { name: 'x', expressions: ['joy', 'joy'] }, /names joy twice/],
    ['numbers', { name: 'x', expressions: [1] }, /expected a list of names/],
    [
      'the name of another',
      { name: 'abaw1', actionUnits: ['AU1'] },
      /name of a built-in schema with other labels/,
    ],
  ])('are refused with %s', (_, value, message) => {
    expect(() => parseLabelSchema(value)).toThrow(LabelSchemaError);
    expect(() => parseLabelSchema(value)).toThrow(message);
  });
});

describe('expressions', () => {
  it.each([
    ['Happy', 'happiness'],
    [' SADNESS ', 'sadness'],
    ['neutral_face', 'neutral'],
    ['Bored', 'bored'],
  ])('%j is called %j', (word, name) => {
    expect(canonicalExpression(word)).toBe(name);
  });
});

describe('tasksOf', () => {
  it('counts a task when its label is there, one action unit suffices, valence needs arousal', () => {
    expect(tasksOf({}, ABAW1)).toEqual([]);
    expect(tasksOf({ expression: 'fear', actionUnits: [undefined, 0], valence: 0.1 }, ABAW1)).toEqual([
      'EXPR',
      'AU',
    ]);
    expect(tasksOf({ expression: 'contempt', valence: 0, arousal: 0 }, ABAW1)).toEqual(['VA']);
  });
});
