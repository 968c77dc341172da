// The landmark network that the set-up transcoded, against TensorFlow.js itself (fixtures/face-mesh/make.mjs).

import { readFileSync } from 'node:fs';
import { openSession } from 'mien/models/onnx';
import { expect, it } from 'vitest';

const MODEL = new URL('../../assets/faces/face-mesh.onnx', import.meta.url);
const EXPECTED = new URL('../fixtures/face-mesh/tensorflow.json', import.meta.url);
const SIDE = 192;

/** The picture of make.mjs. */
const pixel = (y: number, x: number, c: number) => ((y * (c + 3) + x * (5 - c) + ((x * y) >> 4)) % 256) / 256;

it('Face Mesh says what TensorFlow.js says, to 0.0005 of its pixels', async () => {
  const expected: { mesh: number[]; presence: number } = JSON.parse(readFileSync(EXPECTED, 'utf8'));
  const plane = SIDE * SIDE;
  const data = Float32Array.from({ length: 3 * plane }, (_, i) =>
    pixel(Math.floor((i % plane) / SIDE), i % SIDE, Math.floor(i / plane)),
  );
  const session = await openSession(readFileSync(MODEL));
  const outputs = await session.run({ picture: { dims: [1, 3, SIDE, SIDE], data } });
  await session.close();
  const mesh = outputs.get('mesh')?.data ?? [];
  expect(mesh).toHaveLength(468 * 3);
  const errors = expected.mesh.map((value, i) => Math.abs(value - (mesh[i] as number)));
  expect(Math.max(...errors)).toBeLessThan(0.0005);
  expect(outputs.get('presence')?.data[0]).toBeCloseTo(expected.presence, 6);
});
