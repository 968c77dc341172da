// What the reference's `run_pretrained_model.py` writes of a folder of face crops: text files of each model, of the students
// together, and of their mean probabilities, with the thresholds and the windows that it has built in.

import { FaceTable } from '../datasets/index.js';
import { DataError, listFolder } from '../files/index.js';
import type { ModelOutput } from '../judging/index.js';
import { ABAW1, type Task } from '../labels/index.js';
import { paperWindows, type Windows } from '../loading/index.js';
import { type ModelRunner, sigmoid, softmax } from '../models/runners/index.js';
import { readFaces } from './crops.js';
import { firstOccurrences, formatText } from './text.js';

/** Thresholds of the published students together, AU1 … AU25; by the length of windows for clips. */
export const PAPER_THRESHOLDS = {
  cnn: [0.1448537, 0.03918985, 0.13766725, 0.02652811, 0.40589422, 0.15572545, 0.04808964, 0.10848708],
  32: [0.4253935, 0.02641966, 0.1119782, 0.02978198, 0.17256933, 0.06369855, 0.07433069, 0.13828614],
  16: [0.30485213, 0.09509478, 0.59577084, 0.4417419, 0.4396544, 0.0452404, 0.05204154, 0.0633798],
  8: [0.4365209, 0.10177602, 0.2649502, 0.22586018, 0.3772219, 0.07532539, 0.07667687, 0.04306327],
} as const;

/** Of single models. */
const FIXED = ABAW1.actionUnits.map(() => 0.5);

/** Order of the files. */
export const FILE_TASKS: readonly Task[] = ['AU', 'EXPR', 'VA'];

export interface ReferenceTreeOptions {
  /** Of face crops; those that are named `….jpg`, `.bmp` or `.png` are frames 0, 1, … in the order of their names. */
  folder: string;
  teacher?: ModelRunner;
  /** All for pictures, or all for clips of one length. */
  students: readonly ModelRunner[];
  /** Pictures of a forward pass. */
  batch?: number;
  signal?: AbortSignal;
}

/** One text file. */
export interface ReferenceFile {
  /** `teacher`, `student_0`, …, `merged` or `merged_raw`. */
  folder: string;
  task: Task;
  content: 'decisions' | 'numbers';
  text: string;
  /** What the decisions were made of, or the numbers themselves: probabilities [n, C] or [n, K]; valence and arousal [n, 2]. */
  scores: Float64Array;
  /** Of AU decisions. */
  thresholds?: readonly number[];
}

/** Probabilities, and valence and arousal. */
type Scores = Partial<Record<Task, Float64Array>>;

function scoresOf({ EXPR, AU, VA }: ModelOutput): Scores {
  const classes = ABAW1.expressions.length;
  const scores: Scores = {};
  if (AU) scores.AU = Float64Array.from(AU, sigmoid);
  if (EXPR) {
    scores.EXPR = new Float64Array(EXPR.length);
    for (let at = 0; at < EXPR.length; at += classes)
      scores.EXPR.set(softmax(EXPR.subarray(at, at + classes)), at);
  }
  if (VA) scores.VA = Float64Array.from(VA);
  return scores;
}

/** @param members of the same tasks, at least one */
function meanOf(members: readonly Scores[]): Scores {
  const [first = {}] = members;
  const mean: Scores = {};
  for (const [task, values] of Object.entries(first) as [Task, Float64Array][])
    mean[task] = values.map((_, i) => {
      const sum = members.reduce((total, member) => total + (member[task]?.[i] ?? Number.NaN), 0);
      return sum / members.length;
    });
  return mean;
}

/** Numbers of the most probable classes; the first of several. */
function classesOf(probabilities: Float64Array): number[] {
  const classes = ABAW1.expressions.length;
  return Array.from({ length: probabilities.length / classes }, (_, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

function filesOf(
  folder: string,
  scores: Scores,
  thresholds: readonly number[],
  raw = false,
): ReferenceFile[] {
  return FILE_TASKS.flatMap((task): ReferenceFile[] => {
    const values = scores[task];
    if (values === undefined) return [];
    const content = raw || task === 'VA' ? 'numbers' : 'decisions';
    const decided = {
      AU: () => values.map((p, i) => (p > (thresholds[i % thresholds.length] as number) ? 1 : 0)),
      EXPR: () => classesOf(values),
      VA: () => values,
    };
    const written = content === 'numbers' ? values : decided[task]();
    const text = formatText({ task, schema: ABAW1, content, values: written });
    const used = content === 'decisions' && task === 'AU' ? { thresholds } : {};
    return [{ folder, task, content, text, scores: values, ...used }];
  });
}

/** The crops as one clip. */
async function clipOf(folder: string): Promise<FaceTable> {
  const { files } = await listFolder(folder);
  const names = files.filter((name) => /\.(jpg|bmp|png)/.test(name));
  if (names.length === 0)
    throw new DataError(
      { file: folder },
      { found: 'no picture', expected: 'face crops: .jpg, .bmp or .png' },
    );
  const faces = new FaceTable(ABAW1);
  names.forEach((image, frame) => void faces.push({ dataset: 'crops', image, clip: 'crops', frame }));
  return faces;
}

/** The reference's windows; a frame counts where it occurs first. */
function paperWindowsOf(frames: number, length: number): Windows {
  const windows = paperWindows(frames, length, 'inference');
  const rows = Int32Array.from(windows.flat());
  const counts = new Uint8Array(rows.length);
  for (const first of firstOccurrences(rows)) counts[first] = 1;
  return { count: windows.length, frames: length, rows, counts };
}

function checkRunner({ file, info }: ModelRunner): void {
  const { schema } = info.network;
  const labels = (one: typeof schema) => JSON.stringify([one.actionUnits, one.expressions]);
  if (labels(schema) !== labels(ABAW1))
    throw new DataError(
      { file },
      { found: `label schema ${schema.name}`, expected: `${ABAW1.name}, which the reference has` },
    );
}

/**
 * Reads a folder of face crops as the reference does: the defect of clips that are shorter than a window included, of which it
 * writes some frames only. Decisions of single models are made at 0.5, those of the students together at `PAPER_THRESHOLDS`
 * (windows of a length that it does not have: those of 32).
 * @returns files of the teacher, of each student, and where there are students of `merged` and `merged_raw`
 * @throws DataError when there is no picture, one does not open, or a model has other labels
 */
export async function readReferenceTree(options: ReferenceTreeOptions): Promise<ReferenceFile[]> {
  const { folder, teacher, students, batch, signal } = options;
  const runners = [...(teacher ? [teacher] : []), ...students];
  for (const runner of runners) checkRunner(runner);
  const faces = await clipOf(folder);
  const { outputs } = await readFaces({
    manifest: { file: folder, faces, roots: new Map([['crops', folder]]) },
    rows: Int32Array.from({ length: faces.length }, (_, row) => row),
    runners,
    windows: (length) => paperWindowsOf(faces.length, length),
    strict: true,
    ...(batch !== undefined && { batch }),
    ...(signal && { signal }),
  });
  const scores = outputs.map(scoresOf);
  const ofStudents = scores.slice(runners.length - students.length);
  const files = teacher ? filesOf('teacher', scores[0] as Scores, FIXED) : [];
  ofStudents.forEach((one, i) => {
    files.push(...filesOf(`student_${i}`, one, FIXED));
  });
  if (students.length === 0) return files;
  const length = students[0]?.info.network.sequence?.length;
  const thresholds =
    length === undefined
      ? PAPER_THRESHOLDS.cnn
      : PAPER_THRESHOLDS[length === 8 || length === 16 ? length : 32];
  const merged = meanOf(ofStudents);
  return [...files, ...filesOf('merged', merged, thresholds), ...filesOf('merged_raw', merged, FIXED, true)];
}
