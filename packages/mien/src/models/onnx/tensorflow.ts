// From a TensorFlow.js graph model of convolutions to an ONNX file that computes the same: MediaPipe's networks come so.
// TensorFlow keeps channels last, ONNX after the batch; values keep ONNX's order all the way and turn where they are flattened.

import * as z from 'zod';
import { type Attribute, addInitialiser, type Graph } from './graph.js';
import { type TensorFlowWeight, tensorFlowWeights, transposed, WEIGHT } from './tensorflow-weights.js';
import { OnnxExportError, writeOnnx } from './write.js';

/** protobuf's JSON keeps texts in base64, and integers as texts. */
const TEXT = z.string().transform((encoded) => new TextDecoder().decode(bytesOf(encoded)));
const INTEGERS = z.object({ list: z.object({ i: z.array(z.coerce.number().int()).default([]) }) });
const SHAPE = z.object({ shape: z.object({ dim: z.array(z.object({ size: z.coerce.number().int() })) }) });
const NODE = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z
    .object({
      strides: INTEGERS.optional(),
      dilations: INTEGERS.optional(),
      ksize: INTEGERS.optional(),
      padding: z.object({ s: TEXT }).optional(),
      data_format: z.object({ s: TEXT }).optional(),
      fused_ops: z.object({ list: z.object({ s: z.array(TEXT).default([]) }) }).optional(),
      shape: SHAPE.optional(),
    })
    .default({}),
});
type TensorFlowNode = z.infer<typeof NODE>;

const MODEL = z.object({
  format: z.literal('graph-model'),
  signature: z.object({ outputs: z.record(z.string(), z.object({ name: z.string() })) }),
  modelTopology: z.object({ node: z.array(NODE) }),
  weightsManifest: z.array(z.object({ weights: z.array(WEIGHT) })),
});

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

export interface TranscodeOptions {
  /** Names for the input, and for those of the model's outputs that are wanted. */
  input: string;
  outputs: Readonly<Record<string, string>>;
  /** Where it comes from, and under which licence: goes into the file. */
  metadata: ReadonlyMap<string, string>;
}

/** `name:0` and `^name` → `name`. */
const nodeName = (reference: string) => reference.replace(/^\^/, '').replace(/:0$/, '');

const ACTIVATIONS: Readonly<Record<string, string>> = { Relu: 'Relu', Sigmoid: 'Sigmoid' };

class Transcoder {
  readonly graph: Graph = { nodes: [], initialisers: new Map(), inputs: [], outputs: [] };
  readonly #nodes: ReadonlyMap<string, TensorFlowNode>;
  readonly #weights: ReadonlyMap<string, TensorFlowWeight>;
  readonly #input: string;
  readonly #made = new Map<string, string>();

  constructor(
    nodes: readonly TensorFlowNode[],
    weights: ReadonlyMap<string, TensorFlowWeight>,
    input: string,
  ) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    this.#weights = weights;
    this.#input = input;
  }

  /** The ONNX value that is the output of a node, which is made with all that it needs. */
  value(reference: string | undefined): string {
    const name = nodeName(reference ?? '');
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const node = this.#nodes.get(name);
    if (node === undefined) throw new OnnxExportError(`a graph without the node ${JSON.stringify(name)}`);
    const made = this.#make(node);
    this.#made.set(name, made);
    return made;
  }

  emit(op: string, inputs: string[], attributes: Record<string, Attribute> = {}, name?: string): string {
    const output = name ?? `${op}_${this.graph.nodes.length}`;
    this.graph.nodes.push({ name: output, op, inputs, outputs: [output], attributes });
    return output;
  }

  #make(node: TensorFlowNode): string {
    const [first] = node.input;
    switch (node.op) {
      case 'Placeholder':
        return this.#placeholder(node);
      case '_FusedConv2D':
      case 'Conv2D':
      case 'DepthwiseConv2dNative':
        return this.#convolution(node);
      case 'AddV2':
        return this.emit('Add', [this.value(first), this.value(node.input[1])]);
      case 'Relu':
      case 'Sigmoid':
        return this.emit(node.op, [this.value(first)]);
      case 'Prelu':
        return this.#slopes(this.value(first), node.input[1]);
      case 'MaxPool':
        return this.emit('MaxPool', [this.value(first)], {
          kernel_shape: window(node, 'ksize'),
          strides: window(node, 'strides'),
          auto_pad: padding(node),
        });
      case 'Pad':
        return this.#pad(node);
      case 'Reshape':
        return this.#reshape(node);
      case 'Identity':
        return this.value(first);
      default:
        throw new OnnxExportError(`the operator ${node.op} of ${node.name}, which cannot be transcoded`);
    }
  }

  #placeholder({ name, attr }: TensorFlowNode): string {
    const [, height, width, channels] = attr.shape?.shape.dim.map(({ size }) => size) ?? [];
    if (height === undefined || width === undefined || channels === undefined || this.graph.inputs.length > 0)
      throw new OnnxExportError(`the input ${name}, where one of four dimensions is expected`);
    this.graph.inputs.push({ name: this.#input, type: 'float32', shape: ['batch', channels, height, width] });
    return this.#input;
  }

  #convolution(node: TensorFlowNode): string {
    const [from, filters, bias, slopes] = node.input;
    const layout = node.attr.data_format?.s ?? 'NHWC';
    const dilations = node.attr.dilations?.list.i ?? [];
    if (layout !== 'NHWC' || dilations.some((step) => step !== 1))
      throw new OnnxExportError(`${node.name}: ${layout} and dilations ${dilations}, not NHWC and 1`);
    const weight = this.#weight(filters);
    const depthwise = node.op === 'DepthwiseConv2dNative';
    const channels = weight.shape[2] ?? 0;
    if (depthwise && weight.shape[3] !== 1)
      throw new OnnxExportError(`${node.name}: several filters for each channel`);
    const fused = node.attr.fused_ops?.list.s ?? [];
    const inputs = [
      this.value(from),
      this.#constant(filters, transposed(weight, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1])),
    ];
    if (fused[0] === 'BiasAdd') inputs.push(this.#constant(bias, this.#weight(bias)));
    const sum = this.emit('Conv', inputs, {
      strides: window(node, 'strides'),
      auto_pad: padding(node),
      group: { int: depthwise ? channels : 1 },
    });
    const [, activation, ...others] = fused;
    if (activation === undefined) return sum;
    if (activation === 'Prelu') return this.#slopes(sum, slopes);
    const op = ACTIVATIONS[activation];
    if (op === undefined || others.length > 0)
      throw new OnnxExportError(`${node.name}: fused with ${fused.join(', ')}`);
    return this.emit(op, [sum]);
  }

  /**
   * PReLU, x where that is positive and slope · x elsewhere, as slope · x + (1 − slope) · max(x, 0). ONNX Runtime's own PRelu goes number
   * by number and leaves the layout of its convolutions; these stay in it, and Face Mesh takes half the time.
   */
  #slopes(value: string, name: string | undefined): string {
    const { shape, data } = this.#weight(name);
    const channels = shape.at(-1) as number;
    if (data.length !== channels) throw new OnnxExportError(`${name}: slopes that differ within a channel`);
    const scaled = (from: string, suffix: string, scale: (slope: number) => number) => {
      const factors = { shape: [channels, 1, 1, 1], data: Float32Array.from(data, scale) };
      return this.emit('Conv', [from, this.#constant(`${name}/${suffix}`, factors)], {
        group: { int: channels },
      });
    };
    const above = this.emit('Relu', [scaled(value, 'above', (slope) => Math.abs(1 - slope))]);
    const signed = data.some((slope) => slope > 1)
      ? scaled(above, 'sign', (slope) => Math.sign(1 - slope))
      : above;
    return this.emit('Add', [scaled(value, 'slope', (slope) => slope), signed]);
  }

  #pad({ input }: TensorFlowNode): string {
    const { shape, data } = this.#weight(input[1]);
    if (shape[0] !== 4) throw new OnnxExportError(`${input[1]}: padding of ${shape[0]} dimensions, not 4`);
    const channelsFirst = [0, 3, 1, 2];
    const pads = [0, 1].flatMap((side) => channelsFirst.map((dim) => data[2 * dim + side] as number));
    return this.emit('Pad', [this.value(input[0]), this.#integers('pads', pads)]);
  }

  #reshape({ input }: TensorFlowNode): string {
    const channelsLast = this.emit('Transpose', [this.value(input[0])], { perm: { ints: [0, 2, 3, 1] } });
    return this.emit('Reshape', [channelsLast, this.#integers('shape', this.#weight(input[1]).data)]);
  }

  #weight(reference: string | undefined): TensorFlowWeight {
    const weight = this.#weights.get(nodeName(reference ?? ''));
    if (weight === undefined) throw new OnnxExportError(`a graph without the weight ${reference}`);
    return weight;
  }

  #constant(reference: string | undefined, { shape, data }: TensorFlowWeight): string {
    return addInitialiser(this.graph, {
      name: nodeName(reference ?? ''),
      type: 'float32',
      dims: shape,
      data,
    });
  }

  #integers(name: string, values: ArrayLike<number>): string {
    const data = BigInt64Array.from(Array.from(values), BigInt);
    return addInitialiser(this.graph, { name, type: 'int64', dims: [data.length], data });
  }
}

/** The two numbers about height and width of the four. */
function window({ name, attr }: TensorFlowNode, key: 'strides' | 'ksize'): Attribute {
  const [batch, height, width, channels] = attr[key]?.list.i ?? [];
  if (height === undefined || width === undefined || batch !== 1 || channels !== 1)
    throw new OnnxExportError(`${name}: ${key} of ${attr[key]?.list.i}`);
  return { ints: [height, width] };
}

/** TensorFlow's SAME puts an odd pixel at the end, as ONNX's SAME_UPPER does. */
function padding({ name, attr }: TensorFlowNode): Attribute {
  const way = attr.padding?.s;
  if (way === 'SAME') return { text: 'SAME_UPPER' };
  if (way === 'VALID') return { text: 'VALID' };
  throw new OnnxExportError(`${name}: padding ${way}`);
}

/**
 * An ONNX file [batch, channels, height, width] → outputs of a TensorFlow.js graph model. Knows convolutions (also fused and
 * depthwise), additions, rectifiers, max pooling, padding, and reshaping at the end.
 * @param model the content of its .json
 * @param weights its .bin
 * @throws OnnxExportError when the model needs something else, or is none
 */
export function transcodeTensorFlow(
  model: unknown,
  weights: Uint8Array,
  { input, outputs, metadata }: TranscodeOptions,
): Uint8Array {
  const parsed = MODEL.safeParse(model);
  if (!parsed.success)
    throw new OnnxExportError(`no graph model of TensorFlow.js: ${z.prettifyError(parsed.error)}`);
  const { signature, modelTopology, weightsManifest } = parsed.data;
  const manifest = weightsManifest.flatMap((group) => group.weights);
  const transcoder = new Transcoder(modelTopology.node, tensorFlowWeights(manifest, weights), input);
  for (const [theirs, ours] of Object.entries(outputs)) {
    const output = signature.outputs[theirs];
    if (output === undefined)
      throw new OnnxExportError(
        `no output ${theirs}; there are ${Object.keys(signature.outputs).join(', ')}`,
      );
    transcoder.emit('Identity', [transcoder.value(output.name)], {}, ours);
    transcoder.graph.outputs.push({ name: ours, type: 'float32' });
  }
  return writeOnnx(transcoder.graph, metadata);
}
