import { tune } from 'mien/judging';
import { ABAW1 } from 'mien/labels';
import { describeTuning } from 'mien/reports';
import { expect, it } from 'vitest';

it('tells each figure of each model: untuned, tuned on others, tuned on itself', () => {
  const n = 40;
  const values = Float32Array.from({ length: 2 * n }, (_, i) => Math.sin(i));
  const every = (length: number) => new Uint8Array(length).fill(1);
  const grouping = { codes: Int32Array.from({ length: n }, (_, i) => i >> 2), names: [...'0123456789'] };
  const truth = {
    schema: ABAW1,
    length: n,
    expression: new Int32Array(n),
    expressionKnown: new Uint8Array(n),
    actionUnits: new Float32Array(8 * n),
    actionUnitsKnown: new Uint8Array(8 * n),
    valenceArousal: values.map((value) => value / 2),
    valenceArousalKnown: every(2 * n),
    dataset: { codes: new Int32Array(n), names: ['waves'] },
    cluster: grouping,
    clusteredBy: 'clip' as const,
    clip: grouping,
    frame: Int32Array.from({ length: n }, (_, i) => i & 3),
  };
  const result = tune([{ name: 'wave', schema: ABAW1, length: n, VA: values }], truth);
  // Half of a wave: CCC = 2 · s²/2 / (s² + s²/4 + (m/2)²), and m is nearly 0.
  expect(describeTuning([{ name: 'wave', result }]).split('\n')).toEqual([
    'model  figure         untuned  tuned on others  tuned on itself',
    'wave   CCC valence      0.800            0.800            0.800',
    'wave   CCC arousal      0.800            0.800            0.800',
    'wave   mean of tasks    0.800            0.800            0.800',
    'Tuned on others: each clip or subject by what was chosen without it. Tuned on itself is too good.',
  ]);
});
