import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { CheckpointError, type CheckpointErrorCode } from '../../src/checkpoints/index.js';

/** A folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mien-checkpoints-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let count = 0;

/** Writes `bytes` to a new file in `folder`. */
export function fileOf(folder: string, bytes: Uint8Array, extension = 'pth'): string {
  const path = join(folder, `${count++}.${extension}`);
  writeFileSync(path, bytes);
  return path;
}

/** Runs what must fail, and checks that it fails as a CheckpointError that names `file`. */
export async function failure(
  run: () => unknown,
  code: CheckpointErrorCode,
  message: RegExp,
  file?: string,
): Promise<CheckpointError> {
  let error: unknown;
  try {
    await run();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(CheckpointError);
  const found = error as CheckpointError;
  expect(found.message).toMatch(message);
  expect(found.code).toBe(code);
  if (file !== undefined) {
    expect(found.file).toBe(file);
    expect(found.message.startsWith(`${file}: `)).toBe(true);
  }
  return found;
}
