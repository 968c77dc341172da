// What Mien runs on: the machine, libtorch, ONNX Runtime, ffmpeg. Nothing here fails because something is absent;
// what is absent is described with its reason.

import { version } from '../version.js';
import { type EngineFindings, examineEngine } from './engine.js';
import { examineFfmpeg, type FfmpegFindings } from './ffmpeg.js';
import { examineMachine, type MachineFindings } from './machine.js';
import { examineOnnxRuntime, type OnnxRuntimeFindings } from './onnxruntime.js';

export { examineEngine } from './engine.js';
export { report } from './report.js';

/** Something that was looked for: found, with its particulars, or not, with the reason in one line. */
export type Found<T> = ({ found: true } & T) | { found: false; reason: string };

export interface Findings {
  mien: string;
  machine: MachineFindings;
  libtorch: EngineFindings['libtorch'];
  engine: EngineFindings['engine'];
  onnxruntime: OnnxRuntimeFindings;
  ffmpeg: FfmpegFindings;
  /** Names of what reading faces needs and was not found. The training engine is never among them. */
  missing: string[];
}

/** @param folder where the free disk space is measured; outputs go there. */
export async function examine(folder: string = process.cwd()): Promise<Findings> {
  const ffmpeg = examineFfmpeg();
  const onnxruntime = await examineOnnxRuntime();
  const { libtorch, engine } = await examineEngine();
  const missing = Object.entries({ ffmpeg, onnxruntime })
    .filter(([, finding]) => !finding.found)
    .map(([name]) => name);
  return {
    mien: version,
    machine: await examineMachine(folder),
    libtorch,
    engine,
    onnxruntime,
    ffmpeg,
    missing,
  };
}
