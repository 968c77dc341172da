import { type FaceRow, FaceTable } from 'mien/datasets';
import { ABAW1, ABAW3, type LabelSchema } from 'mien/labels';
import { labelGatherer } from 'mien/loading';
import { describe, expect, it } from 'vitest';

function tableOf(rows: Partial<FaceRow>[], schema: LabelSchema = ABAW1): FaceTable {
  const faces = new FaceTable(schema);
  for (const row of rows) faces.push({ dataset: 'a', image: '1.jpg', ...row });
  return faces;
}

describe('labels of a batch', () => {
  const faces = tableOf([
    { expression: 'happiness', valence: 0.5, arousal: -0.25 },
    { actionUnits: [1, 0, undefined, 1, undefined, 0, 0, 1] },
    { votes: [0.5, 0, 0, 0, 0.5, 0, 0] },
    { valence: 0.75 },
    {},
  ]);

  it('hold what is known of each row, in the order asked for', () => {
    const labels = labelGatherer(faces)(Int32Array.of(1, 0, 1));
    expect([...labels.expression].slice(1, 2)).toEqual([4]);
    expect([...labels.expressionKnown]).toEqual([0, 1, 0]);
    expect([...labels.actionUnits.subarray(0, 8)]).toEqual([1, 0, 0, 1, 0, 0, 0, 1]);
    expect([...labels.actionUnitsKnown]).toEqual([
      ...[1, 1, 0, 1, 0, 1, 1, 1],
      ...[0, 0, 0, 0, 0, 0, 0, 0],
      ...[1, 1, 0, 1, 0, 1, 1, 1],
    ]);
    expect([...labels.valenceArousal.subarray(2, 4)]).toEqual([0.5, -0.25]);
    expect([...labels.valenceArousalKnown]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it('know half of valence and arousal, and nothing of a row without labels', () => {
    const labels = labelGatherer(faces)([3, 4]);
    expect([...labels.valenceArousalKnown]).toEqual([1, 0, 0, 0]);
    expect(labels.valenceArousal[0]).toBe(0.75);
    expect([...labels.votesKnown, ...labels.expressionKnown]).toEqual([0, 0, 0, 0]);
    expect(labels.actionUnitsKnown.every((one) => one === 0)).toBe(true);
  });

  it("have votes: the raters', or all on the expression", () => {
    const labels = labelGatherer(faces)([0, 2, 4]);
    expect([...labels.votes]).toEqual([0, 0, 0, 0, 1, 0, 0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...labels.votesKnown]).toEqual([1, 1, 0]);
    expect([...labels.expressionKnown]).toEqual([1, 0, 0]);
  });

  it('are matched by name where the network has another schema', () => {
    const wide = tableOf(
      [
        { expression: 'other', actionUnits: [1, 0, 1, 0, 1, 1, 0, undefined, 1, 1, 1, 1] },
        { expression: 'sadness', votes: [0, 0, 0, 0, 0, 0.25, 0.25, 0.5] },
      ],
      ABAW3,
    );
    const labels = labelGatherer(wide, ABAW1)([0, 1]);
    expect([...labels.expressionKnown]).toEqual([0, 1]);
    expect(labels.expression[1]).toBe(5);
    expect([...labels.votes.subarray(7)]).toEqual([0, 0, 0, 0, 0, 0.5, 0.5]); // what is left of them sums to 1
    expect([...labels.votesKnown]).toEqual([0, 1]);
    expect([...labels.actionUnits.subarray(0, 8)]).toEqual([1, 0, 1, 0, 0, 0, 0, 1]); // AU12 is the table's seventh
    expect([...labels.actionUnitsKnown.subarray(0, 8)]).toEqual([1, 1, 1, 1, 1, 0, 0, 1]); // no AU15 label, no AU20 at all
  });
});
