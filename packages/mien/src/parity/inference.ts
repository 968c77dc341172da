// From checkpoints and face crops to the reference's text files: by libtorch, and by ONNX Runtime after our export.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listFolder, statIfThere } from '../files/index.js';
import { openModel } from '../models/index.js';
import { exportOnnx } from '../models/onnx/index.js';
import { type ModelRunner, openRunner } from '../models/runners/index.js';
import { type ReferenceFile, readReferenceTree } from '../reading/index.js';
import { examineEngine } from '../system/index.js';
import { type GoldenCheckpoint, listCheckpoints, unpackCheckpoint } from './checkpoint-files.js';
import { inTemporaryFolder, largestDifference } from './compare.js';
import type { ParityCase, ParityGap, ParityPart } from './index.js';

const FOLDER = 'inference';
const FACES = `${FOLDER}/faces`;
/** Of numbers that were written with four decimals. */
const TOLERANCE = 2e-4;
/** How near to its threshold, or to the best class, a probability may be for the decision to be open. */
const UNDECIDED = 1e-4;

/** What the reference wrote for one kind of network. */
interface Expected {
  /** `cnn`, `cnn_rnn_seq8`, … */
  network: string;
  /** Of windows; undefined for pictures. */
  length: number | undefined;
  path: string;
  /** Such as `teacher` and `merged`. */
  folders: readonly string[];
}

async function listExpected(folder: string): Promise<Expected[]> {
  const { folders } = await listFolder(join(folder, FOLDER));
  const all: Expected[] = [];
  for (const name of folders) {
    const [, network, length] = name.match(/^expected_(cnn(?:_rnn_seq(\d+))?)$/) ?? [];
    if (network === undefined) continue;
    const path = join(folder, FOLDER, name);
    const frames = length === undefined ? undefined : Number(length);
    all.push({ network, length: frames, path, folders: (await listFolder(path)).folders });
  }
  return all;
}

/** How many decisions differ that were not open. */
function compareDecisions(
  { task, scores, thresholds }: ReferenceFile,
  ours: readonly number[],
  theirs: readonly number[],
): { error: number; note?: string } {
  if (ours.length !== theirs.length) return { error: Number.NaN, note: 'another number of rows' };
  const width = scores.length / ours.length;
  /** How far the scores are from deciding as the reference did. */
  const margin = (i: number, decision: number) => {
    if (task === 'AU' && thresholds)
      return Math.abs((scores[i] as number) - (thresholds[i % thresholds.length] as number));
    return (scores[i * width + (ours[i] as number)] as number) - (scores[i * width + decision] as number);
  };
  let [error, open] = [0, 0];
  theirs.forEach((decision, i) => {
    if (decision === ours[i]) return;
    if (margin(i, decision) > UNDECIDED) error++;
    else open++;
  });
  return { error, ...(open > 0 && { note: `${open} differ that were open` }) };
}

function compareFile(name: string, file: ReferenceFile, golden: string): ParityCase {
  const parse = (text: string) => {
    const [header, ...lines] = text.split('\n');
    return { header, values: lines.flatMap((line) => line.split(',').map(Number)) };
  };
  const [ours, theirs] = [parse(file.text), parse(golden)];
  if (ours.header !== theirs.header)
    return { name, error: Number.NaN, tolerance: 0, note: `header ${ours.header}` };
  if (file.content === 'decisions')
    return { name, tolerance: 0, ...compareDecisions(file, ours.values, theirs.values) };
  return { name, error: largestDifference(theirs.values, [...file.scores]), tolerance: TOLERANCE };
}

type Open = (file: string, length: number | undefined) => Promise<ModelRunner>;

/** Checks one kind of network with all members whose checkpoints are there. */
async function* checkNetwork(
  faces: string,
  { network, length, path, folders }: Expected,
  checkpoints: readonly GoldenCheckpoint[],
  open: (checkpoint: GoldenCheckpoint, length: number | undefined) => Promise<ModelRunner>,
): AsyncGenerator<ParityCase | ParityGap> {
  const own = checkpoints.filter((one) => one.network === network);
  const teachers = own.filter(({ member }) => member === 'teacher');
  const students = own.filter(({ member }) => member === 'student');
  const written = folders.filter((name) => name.startsWith('student_')).length;
  if (own.length === 0) {
    yield { name: network, missing: `no checkpoint ${network}_net_epoch_….pth` };
    return;
  }
  const runners: ModelRunner[] = [];
  try {
    for (const one of [...teachers.slice(0, 1), ...students]) runners.push(await open(one, length));
    const ofStudents = runners.slice(runners.length - students.length);
    const teacher = teachers.length > 0 ? runners[0] : undefined;
    const files = await readReferenceTree({
      folder: faces,
      ...(teacher && { teacher }),
      students: ofStudents,
    });
    for (const folder of folders) {
      const together = folder.startsWith('merged');
      const ours = files.filter((file) => file.folder === folder);
      if (ours.length === 0 || (together && written > students.length))
        yield { name: `${network}/${folder}`, missing: `not all checkpoints of ${network} are there` };
      else
        for (const file of ours) {
          const name = `${network}/${folder}/${file.task}.txt`;
          const golden = join(path, folder, `${file.task}.txt`);
          if ((await statIfThere(golden)) === undefined)
            yield { name, missing: `no ${basename(golden)} there` };
          else yield compareFile(name, file, await readFile(golden, 'utf8'));
        }
    }
  } finally {
    for (const runner of runners) await runner.close();
  }
}

async function lacking(): Promise<string | undefined> {
  const { engine } = await examineEngine();
  return engine.found ? undefined : engine.reason;
}

function inferencePart(name: string, open: Open): ParityPart {
  return {
    name,
    needs: [FACES, 'checkpoints'],
    lacking,
    check: (folder, checkpoints) =>
      inTemporaryFolder(async function* (temporary) {
        const there = await listCheckpoints(checkpoints);
        for (const expected of await listExpected(folder))
          yield* checkNetwork(join(folder, FACES), expected, there, async (checkpoint, length) =>
            open(await unpackCheckpoint(checkpoint, temporary), length),
          );
      }),
  };
}

const ofLength = (length: number | undefined) => (length === undefined ? {} : { length });

export const INFERENCE = inferencePart('inference', (file, length) => openRunner(file, ofLength(length)));

export const INFERENCE_ONNX = inferencePart('inference, exported to ONNX', async (file, length) => {
  const model = await openModel(file, ofLength(length));
  const exported = `${file}.onnx`;
  try {
    await exportOnnx(exported, model);
  } finally {
    model.network.dispose();
  }
  return openRunner(exported);
});
