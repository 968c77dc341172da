// Models with varied outputs, and clips of the sample video, for tests of reading.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, type ModelInfo, type NetworkSpec, saveModel } from 'mien/models';
import { exportOnnx } from 'mien/models/onnx';
import type { FaceReading, FrameReading } from 'mien/reading';
import { afterAll } from 'vitest';
import { infoOf, settledNetwork } from '../../models/onnx/exporting.js';

export const SAMPLE = fileURLToPath(new URL('../../../assets/samples/talking-face.mp4', import.meta.url));

/** A folder that is deleted when the file's tests have ended. */
export function folderForAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mien-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an exported model whose outputs vary with the face. @returns its file */
export async function writeOnnx(
  file: string,
  { info = {}, ...over }: Partial<NetworkSpec> & { info?: Partial<ModelInfo> } = {},
): Promise<string> {
  const weights = `${file}.safetensors`;
  const network = settledNetwork(over);
  await saveModel(weights, network, { ...infoOf(network.spec), ...info });
  network.dispose();
  const model = await loadModel(weights);
  await exportOnnx(file, model);
  model.network.dispose();
  return file;
}

export function ffmpeg(...options: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...options]);
}

/** Frames of the sample video, without loss. @returns the file */
export function writeClip(file: string, { from = 0, frames = 20, filter = 'null' } = {}): string {
  const end = from + frames;
  const trim = `trim=start_frame=${from}:end_frame=${end},setpts=PTS-STARTPTS,${filter}`;
  ffmpeg('-i', SAMPLE, '-an', '-vf', trim, '-c:v', 'ffv1', file);
  return file;
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Everything that was read of a face, as numbers. */
export const valuesOf = ({ expression, actionUnits, valence, arousal }: FaceReading): number[] => [
  ...Object.values(expression?.probabilities ?? {}),
  ...Object.values(actionUnits ?? {}).map(({ probability }) => probability),
  ...(valence === undefined ? [] : [valence]),
  ...(arousal === undefined ? [] : [arousal]),
];

export const faceIn = ({ faces }: FrameReading): FaceReading => {
  if (faces.length !== 1) throw new Error(`${faces.length} faces; expected one`);
  return faces[0] as FaceReading;
};

/** The largest difference of anything that was read. */
export function difference(one: readonly FrameReading[], other: readonly FrameReading[]): number {
  let largest = 0;
  one.forEach((frame, i) => {
    const [values, others] = [frame, other[i] as FrameReading].map((reading) =>
      reading.faces.flatMap((face) => [...valuesOf(face)]),
    ) as [number[], number[]];
    if (values.length !== others.length) throw new Error(`frame ${i} has other faces`);
    values.forEach((value, k) => {
      largest = Math.max(largest, Math.abs(value - (others[k] as number)));
    });
  });
  return largest;
}
