// Every backbone, as a network for pictures and as one for clips, in ONNX Runtime beside libtorch.

import { BACKBONES } from 'mien/models';
import { readOnnxInfo, TOLERANCES, validateOnnx } from 'mien/models/onnx';
import { describe, expect, it } from 'vitest';
import { exportTo, infoOf, settledNetwork } from './exporting.js';

const sequence = { length: 4, hidden: 8 };

describe.each([...BACKBONES.values()])('$name in ONNX', ({ name, smallestInput }) => {
  it.each([
    ['pictures', {}],
    ['clips', { sequence }],
  ])('of %s, says what libtorch says, in fp32 and in fp16', async (_, over) => {
    const network = settledNetwork({ backbone: name, inputSize: Math.max(64, smallestInput), ...over });
    for (const precision of ['fp32', 'fp16'] as const) {
      const { file, validation, outputs } = await exportTo(network, { precision });
      expect(outputs).toEqual(['EXPR', 'AU', 'VA']);
      expect(validation.passed).toBe(true);
      for (const { largest } of Object.values(validation.errors))
        expect(largest).toBeLessThanOrEqual(TOLERANCES[precision]);
      expect(readOnnxInfo(file, { verify: true }).info).toEqual(infoOf(network.spec));
    }
    network.dispose();
  });
});

it('does not pass for another network', async () => {
  const network = settledNetwork();
  const { file } = await exportTo(network);
  const other = settledNetwork({ tasks: ['EXPR', 'AU', 'VA'], hidden: 17 });
  const { normalization } = infoOf(network.spec).input;
  expect(await validateOnnx(file, other, { normalization, tolerance: 1e-4 })).toMatchObject({
    passed: false,
  });
});
