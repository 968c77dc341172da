// Weights in ONNX Runtime: exported once and kept, so that the next time needs no libtorch.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder, statIfThere, systemProblem } from '../../files/index.js';
import { version } from '../../version.js';
import { windowLengthAt } from '../window-length.js';
import { loadEngine } from './engine.js';
import { openOnnx } from './onnx.js';
import type { Opener, RunnerOptions } from './open.js';

/** Where exported models are kept: `$MIEN_CACHE`, or `mien` in the user's folder for such files. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { MIEN_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = env;
  if (MIEN_CACHE) return MIEN_CACHE;
  const homes: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(homedir(), 'Library/Caches'),
    win32: LOCALAPPDATA || join(homedir(), 'AppData/Local'),
  };
  return join(XDG_CACHE_HOME || (homes[process.platform] ?? join(homedir(), '.cache')), 'mien');
}

/** The same for the same bytes, read in the same way by the same program. */
async function keyOf(file: string, checkpoint: RunnerOptions['checkpoint']): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes as Uint8Array);
  const { schema, tasks, inputSize } = checkpoint ?? {};
  const how = [version, schema, tasks, inputSize, windowLengthAt(file)].map((one) => one ?? null);
  return hash.update(JSON.stringify(how)).digest('hex').slice(0, 40);
}

async function exportTo(made: string, file: string, { checkpoint }: RunnerOptions): Promise<void> {
  await loadEngine(file);
  const { openModel } = await import('../open.js');
  const { exportOnnx } = await import('../onnx/export.js');
  const model = await openModel(file, checkpoint);
  try {
    await exportOnnx(made, model);
  } finally {
    model.network.dispose();
  }
}

/** Copies a file under its final name, whole. */
async function keep(made: string, file: string): Promise<void> {
  makeFolder(dirname(file));
  const beside = `${file}.${randomUUID()}.part`; // several processes may keep the same model at once
  try {
    await copyFile(made, beside);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/**
 * Opens weights in ONNX Runtime: as exported earlier, or exported now. A cache that cannot be written is told and passed over.
 * @throws DataError when it has to be exported and there is no libtorch; DataError, CheckpointError or OnnxExportError when the
 * file is no model, or cannot be said in ONNX
 */
export const openCached: Opener = async (file, options) => {
  const { cache = join(cacheFolder(), 'models'), onNotice } = options;
  const kept = cache === false ? undefined : join(cache, `${await keyOf(file, options.checkpoint)}.onnx`);
  if (kept !== undefined && (await statIfThere(kept)) !== undefined) return openOnnx(kept, options);
  onNotice?.(`exporting ${file} to ONNX${kept === undefined ? '' : ', which is done once'}`);
  const folder = await mkdtemp(join(tmpdir(), 'mien-'));
  try {
    const made = join(folder, 'model.onnx');
    await exportTo(made, file, options);
    if (kept !== undefined)
      await keep(made, kept).catch((cause) =>
        onNotice?.(
          `${file} cannot be kept in ${dirname(kept)} (${systemProblem(cause)}); MIEN_CACHE names another folder`,
        ),
      );
    return await openOnnx(made, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
