import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Found } from './index.js';

export type FfmpegFindings = Found<{ version: string; path: string }>;

function findInPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export function examineFfmpeg(): FfmpegFindings {
  const path = findInPath('ffmpeg');
  if (!path) return { found: false, reason: 'not in PATH; install ffmpeg to read and write video' };
  const run = spawnSync(path, ['-version'], { encoding: 'utf8' });
  const version = run.stdout?.match(/^ffmpeg version (\S+)/)?.[1];
  if (version) return { found: true, version, path };
  const said = run.error?.message ?? run.stderr.trim().split('\n')[0];
  return { found: false, reason: `${path} does not run: ${said || `exit code ${run.status}`}` };
}
