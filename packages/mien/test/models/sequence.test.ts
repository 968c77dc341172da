// The network over time against the formulas, frame by frame.

import { inferenceMode, type Tensor, tidy } from '@mien/torch';
import { ABAW1, TASKS } from 'mien/labels';
import { buildNetwork, type SequenceNetwork } from 'mien/models';
import { afterAll, describe, expect, it } from 'vitest';
import { pictures, spec } from './networks.js';

const HIDDEN = 5;
const network = buildNetwork(spec({ sequence: { length: 4, hidden: HIDDEN } })).eval() as SequenceNetwork;
afterAll(() => network.dispose());

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** W x + b, rows of W from `from` on. */
function affine(
  weight: number[][],
  bias: number[],
  from: number,
  rows: number,
  x: readonly number[],
): number[] {
  return weight
    .slice(from, from + rows)
    .map((row, i) => row.reduce((sum, w, k) => sum + w * (x[k] as number), bias[from + i] as number));
}

/** One direction: r = σ(…), z = σ(…), n = tanh(W x + b + r ∘ (W h + b)), h′ = (1 − z) ∘ n + z ∘ h. */
function gru(state: Map<string, unknown>, suffix: string, inputs: readonly number[][]): number[][] {
  const get = <T>(name: string) => state.get(`GRU_layer.${name}_l0${suffix}`) as T;
  const [wx, wh] = [get<number[][]>('weight_ih'), get<number[][]>('weight_hh')];
  const [bx, bh] = [get<number[]>('bias_ih'), get<number[]>('bias_hh')];
  let h: number[] = Array(HIDDEN).fill(0);
  return inputs.map((x) => {
    const gate = (k: number) => {
      const fromInput = affine(wx, bx, k * HIDDEN, HIDDEN, x);
      const fromState = affine(wh, bh, k * HIDDEN, HIDDEN, h);
      return { fromInput, fromState };
    };
    const [r, z, n] = [gate(0), gate(1), gate(2)];
    h = h.map((old, i) => {
      const sum = (one: ReturnType<typeof gate>) =>
        (one.fromInput[i] as number) + (one.fromState[i] as number);
      const reset = sigmoid(sum(r));
      const update = sigmoid(sum(z));
      const fresh = Math.tanh((n.fromInput[i] as number) + reset * (n.fromState[i] as number));
      return (1 - update) * fresh + update * old;
    });
    return h;
  });
}

describe('a network over time', () => {
  it.each([4, 1, 7])(
    'gives for %i frames what the GRU formulas give for the features of each frame',
    (frames) => {
      const clips = pictures([2, frames, 3, 32, 32]);
      tidy(() =>
        inferenceMode(() => {
          const { logits } = network.forward(clips);
          for (const [task, name] of TASKS.entries()) {
            const head = network.classifier.at(task);
            const state = new Map([...(head?.stateDict() ?? [])].map(([key, one]) => [key, one.toArray()]));
            const weight = state.get('fc_1.weight') as number[][];
            for (const clip of [0, 1]) {
              // Each frame by itself through the network for pictures: no frame sees another but by the GRU.
              const features = Array.from({ length: frames }, (_, t) => {
                const frame = clips.select(0, clip).narrow(0, t, 1);
                const feature = network.backbone.forward(frame).features[name] as Tensor;
                return feature.squeeze(0).toArray() as number[];
              });
              const forward = gru(state, '', features);
              const backward = gru(state, '_reverse', features.toReversed()).toReversed();
              const expected = forward.map((h, t) => {
                const both = [...h, ...(backward[t] as number[])].map((x) => Math.max(x, 0));
                return affine(weight, state.get('fc_1.bias') as number[], 0, weight.length, both);
              });
              const ours = (logits[name] as Tensor).select(0, clip).toArray() as number[][];
              expect(ours).toHaveLength(frames);
              ours.flat().forEach((value, i) => {
                expect(value).toBeCloseTo(expected.flat()[i] as number, 5);
              });
            }
          }
        }),
      );
      clips.dispose();
    },
  );

  it('gives the features of all frames, clip after clip', () => {
    const clips = pictures([2, 3, 3, 32, 32]);
    tidy(() =>
      inferenceMode(() => {
        const { logits, features } = network.forward(clips);
        expect(logits.EXPR?.shape).toEqual([2, 3, ABAW1.expressions.length]);
        expect(logits.AU?.shape).toEqual([2, 3, ABAW1.actionUnits.length]);
        expect(logits.VA?.shape).toEqual([2, 3, 40]);
        for (const task of TASKS) expect(features[task]?.shape).toEqual([6, 16]);
      }),
    );
    clips.dispose();
  });
});

describe('specs that cannot be built', () => {
  it('tasks out of order are refused', () => {
    expect(() => buildNetwork(spec({ tasks: ['VA', 'EXPR'] }))).toThrow(
      'tasks VA, EXPR; expected some of EXPR, AU, VA, in this order',
    );
  });
});
