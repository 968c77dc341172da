import { openSession, transcodeTensorFlow } from 'mien/models/onnx';
import { describe, expect, it } from 'vitest';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const list = (...values: number[]) => ({ list: { i: values.map(String) } });
const NHWC = { s: base64('NHWC') };
const SAME = { s: base64('SAME') };
const VALID = { s: base64('VALID') };

/** Half precision of numbers that it holds exactly: small multiples of 1/8. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(value) / 2 ** exponent - 1) * 1024);
}

/** Multiples of 1/8 from −1 to 1, irregular and the same each time. */
const eighths = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => (((i * 7 + seed * 5 + ((i * i) % 11)) % 17) - 8) / 8);

const WEIGHTS = {
  filters: { shape: [3, 3, 2, 4], values: eighths(72, 1) },
  bias: { shape: [4], values: eighths(4, 2) },
  slopes: { shape: [1, 1, 4], values: [-0.5, 0.25, 1, 0.875] },
  depthwise: { shape: [3, 3, 4, 1], values: eighths(36, 4) },
};

/** conv + bias + PReLU at stride 2, depthwise at stride 1, sum, max pool, two channels more, flattened. */
function model() {
  const floats = Object.entries(WEIGHTS).map(([name, { shape }]) => ({
    name,
    shape,
    dtype: 'float32',
    quantization: { dtype: 'float16', original_dtype: 'float32' },
  }));
  const integers = [
    { name: 'paddings', shape: [4, 2], dtype: 'int32' },
    { name: 'flat', shape: [2], dtype: 'int32' },
  ];
  const node = (name: string, op: string, input: string[], attr: object = {}) => ({ name, op, input, attr });
  const size = [-1, 7, 6, 2].map((dim) => ({ size: String(dim) }));
  return {
    format: 'graph-model',
    signature: { outputs: { theirs: { name: 'Identity:0' } } },
    modelTopology: {
      node: [
        node('input', 'Placeholder', [], { shape: { shape: { dim: size } } }),
        node('conv', '_FusedConv2D', ['input', 'filters', 'bias', 'slopes'], {
          strides: list(1, 2, 2, 1),
          padding: SAME,
          data_format: NHWC,
          dilations: list(1, 1, 1, 1),
          fused_ops: { list: { s: [base64('BiasAdd'), base64('Prelu')] } },
        }),
        node('depthwise_conv', 'DepthwiseConv2dNative', ['conv', 'depthwise'], {
          strides: list(1, 1, 1, 1),
          padding: SAME,
          data_format: NHWC,
        }),
        node('sum', 'AddV2', ['conv', 'depthwise_conv']),
        node('pool', 'MaxPool', ['sum'], {
          ksize: list(1, 2, 2, 1),
          strides: list(1, 1, 1, 1),
          padding: VALID,
        }),
        node('pad', 'Pad', ['pool', 'paddings']),
        node('reshape', 'Reshape', ['pad', 'flat']),
        node('Identity', 'Identity', ['reshape']),
      ],
    },
    weightsManifest: [{ paths: ['w.bin'], weights: [...floats, ...integers] }],
  };
}

/** Weights of the same shapes. @param slopes of the PReLU */
function weightsFile(slopes = WEIGHTS.slopes.values): Uint8Array {
  const all = Object.entries(WEIGHTS).map(([name, { values }]) => (name === 'slopes' ? slopes : values));
  const halves = all.flat().map(halfBits);
  const integers = [0, 0, 0, 0, 0, 0, 0, 2, -1, 3 * 2 * 6];
  const bytes = new Uint8Array(halves.length * 2 + integers.length * 4);
  const view = new DataView(bytes.buffer);
  halves.forEach((bits, i) => {
    view.setUint16(2 * i, bits, true);
  });
  integers.forEach((value, i) => {
    view.setInt32(2 * halves.length + 4 * i, value, true);
  });
  return bytes;
}

/** The same network by its definition, channels last. @param picture [7, 6, 2] */
function plainly(picture: (y: number, x: number, c: number) => number, slopes: readonly number[]): number[] {
  const at = (name: keyof typeof WEIGHTS, i: number) => WEIGHTS[name].values[i] as number;
  const inside = (y: number, x: number, height: number, width: number) =>
    y >= 0 && x >= 0 && y < height && x < width;
  // 7 × 6 at stride 2: 4 × 3. SAME needs 2 rows (1 before, 1 after) and 1 column, which goes after.
  const conv = (y: number, x: number, c: number): number => {
    if (!inside(y, x, 4, 3)) return 0;
    let sum = at('bias', c);
    for (let v = 0; v < 3; v++)
      for (let u = 0; u < 3; u++)
        for (let k = 0; k < 2; k++)
          if (inside(2 * y + v - 1, 2 * x + u, 7, 6))
            sum += picture(2 * y + v - 1, 2 * x + u, k) * at('filters', ((v * 3 + u) * 2 + k) * 4 + c);
    return sum >= 0 ? sum : sum * (slopes[c] as number);
  };
  const sum = (y: number, x: number, c: number): number => {
    let total = conv(y, x, c);
    for (let v = 0; v < 3; v++)
      for (let u = 0; u < 3; u++)
        total += conv(y + v - 1, x + u - 1, c) * at('depthwise', (v * 3 + u) * 4 + c);
    return total;
  };
  const result: number[] = [];
  for (let y = 0; y < 3; y++)
    for (let x = 0; x < 2; x++)
      for (let c = 0; c < 6; c++)
        result.push(
          c < 4 ? Math.max(sum(y, x, c), sum(y + 1, x, c), sum(y, x + 1, c), sum(y + 1, x + 1, c)) : 0,
        );
  return result;
}

const OPTIONS = { input: 'picture', outputs: { theirs: 'ours' }, metadata: new Map([['licence', 'none']]) };

describe('a TensorFlow.js network as ONNX', () => {
  it.each([
    ['below 1', WEIGHTS.slopes.values],
    ['above 1 too', [-2, 0.5, 1.75, 1]],
  ])('computes what its definition says, with slopes %s, for each picture of a batch', async (_, slopes) => {
    const session = await openSession(transcodeTensorFlow(model(), weightsFile(slopes), OPTIONS));
    const pictures = [11, 12].map((seed) => eighths(7 * 6 * 2, seed));
    // [batch, channel, row, column]
    const data = Float32Array.from(
      pictures.flatMap((values) =>
        Array.from({ length: 84 }, (_, i) => values[(i % 42) * 2 + Math.floor(i / 42)] as number),
      ),
    );
    const output = (await session.run({ picture: { dims: [2, 2, 7, 6], data } })).get('ours');
    await session.close();
    expect(output?.dims).toEqual([2, 36]);
    const expected = pictures.flatMap((values) =>
      plainly((y, x, c) => values[(y * 6 + x) * 2 + c] as number, slopes),
    );
    expect(Math.max(...expected)).toBeGreaterThan(1);
    output?.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 4);
    });
  });

  it('is refused where the weights are too few or too many', () => {
    const file = weightsFile();
    const transcode = (weights: Uint8Array) => () => transcodeTensorFlow(model(), weights, OPTIONS);
    expect(transcode(file.subarray(0, file.length - 1))).toThrow('weights that end before flat');
    expect(transcode(new Uint8Array(file.length + 3))).toThrow('3 bytes after the last weight');
  });

  it('is refused where it needs what cannot be transcoded, or is none', () => {
    const other = model();
    (other.modelTopology.node[3] as { op: string }).op = 'Atan2';
    expect(() => transcodeTensorFlow(other, weightsFile(), OPTIONS)).toThrow('the operator Atan2 of sum');
    expect(() => transcodeTensorFlow(model(), weightsFile(), { ...OPTIONS, outputs: { it: 'x' } })).toThrow(
      'no output it; there are theirs',
    );
    expect(() => transcodeTensorFlow({ format: 'layers-model' }, weightsFile(), OPTIONS)).toThrow(
      'no graph model of TensorFlow.js',
    );
  });
});
