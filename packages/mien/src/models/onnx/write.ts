// From a graph to the bytes of an ONNX file (onnx.proto's ModelProto), with the model's description in its metadata.

import { createHash } from 'node:crypto';
import { version } from '../../version.js';
import {
  type Attribute,
  ELEMENT_TYPES,
  type Graph,
  type Initialiser,
  type Node,
  type Port,
} from './graph.js';
import { Message } from './protobuf.js';

/** Known to every ONNX Runtime since 1.12; 17 is the last set before reductions took their axes as inputs. */
export const OPSET = 17;
const IR_VERSION = 8;

/** protobuf's own limit, less a little for what stands around the weights. */
const LARGEST = 2 ** 31 - 2 ** 20;

/** A graph that an ONNX file or its precision cannot hold: says what and why. */
export class OnnxExportError extends Error {
  override readonly name = 'OnnxExportError';
}

const rawBytes = ({ data }: Initialiser) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * SHA-256 over name and raw data of each weight, in the file's order.
 * @returns hexadecimal
 */
export function hashOfWeights(graph: Graph): string {
  const hash = createHash('sha256');
  for (const one of graph.initialisers.values()) hash.update(one.name).update(rawBytes(one));
  return hash.digest('hex');
}

function writeTensor(one: Initialiser): Message {
  const tensor = new Message();
  for (const dim of one.dims) tensor.int(1, dim);
  return tensor.int(2, ELEMENT_TYPES[one.type]).text(8, one.name).bytes(9, rawBytes(one));
}

function writeAttribute(name: string, value: Attribute): Message {
  const attribute = new Message().text(1, name);
  const [FLOAT, INT, TEXT, INTS] = [1, 2, 3, 7];
  if ('float' in value) return attribute.float(2, value.float).int(20, FLOAT);
  if ('int' in value) return attribute.int(3, value.int).int(20, INT);
  if ('text' in value) return attribute.text(4, value.text).int(20, TEXT);
  for (const one of value.ints) attribute.int(8, one);
  return attribute.int(20, INTS);
}

function writeNode({ name, op, inputs, outputs, attributes }: Node): Message {
  const node = new Message();
  for (const input of inputs) node.text(1, input);
  for (const output of outputs) node.text(2, output);
  node.text(3, name).text(4, op);
  for (const [key, value] of Object.entries(attributes)) node.message(5, writeAttribute(key, value));
  return node;
}

function writePort({ name, type, shape }: Port): Message {
  const tensor = new Message().int(1, ELEMENT_TYPES[type]);
  if (shape !== undefined) {
    const dims = new Message();
    for (const dim of shape)
      dims.message(1, typeof dim === 'number' ? new Message().int(1, dim) : new Message().text(2, dim));
    tensor.message(2, dims);
  }
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}

function writeGraph({ nodes, initialisers, inputs, outputs }: Graph): Message {
  const graph = new Message();
  for (const node of nodes) graph.message(1, writeNode(node));
  graph.text(2, 'mien');
  for (const one of initialisers.values()) graph.message(5, writeTensor(one));
  for (const port of inputs) graph.message(11, writePort(port));
  for (const port of outputs) graph.message(12, writePort(port));
  return graph;
}

/**
 * The bytes of an ONNX file. Metadata stands before the graph, where a reader finds it without the weights.
 * @throws OnnxExportError for 2 GB and more, which ONNX files cannot hold
 */
export function writeOnnx(graph: Graph, metadata: ReadonlyMap<string, string>): Uint8Array {
  const model = new Message().int(1, IR_VERSION).text(2, 'mien').text(3, version);
  model.message(8, new Message().text(1, '').int(2, OPSET));
  for (const [key, value] of metadata) model.message(14, new Message().text(1, key).text(2, value));
  model.message(7, writeGraph(graph));
  if (model.length > LARGEST)
    throw new OnnxExportError(`${model.length} bytes; an ONNX file holds at most 2 GB`);
  return model.toBytes();
}
