// One set-up at a time in one checkout.
//
// The lock is a folder that holds one file, named after its owner. A claimant makes such a folder under its own
// name and renames it onto the lock: the kernel refuses while the lock holds a file and allows it when the lock is
// absent or empty. A dead owner's lock is taken over by deleting that owner's file, by its name: however many
// claimants do so at once, none can delete the file of a claimant who was quicker.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * When a process started, in clock ticks since boot: tells a process from a later one with the same number.
 * Undefined where there is no /proc.
 * @param {number} pid
 */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // the name before it may hold blanks
  } catch {
    return undefined;
  }
}

/** @param {string} owner */
function isAlive(owner) {
  const [pid = '', started] = owner.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return false;
  }
  return started === undefined || started === '' || startTime(Number(pid)) === started;
}

/** @param {number} pid */
export const ownerName = (pid) => `${pid}-${startTime(pid) ?? ''}`;

/** @param {string} folder @param {string} owner */
function tryClaim(folder, owner) {
  const mine = `${folder}.${owner}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, owner), '');
  try {
    renameSync(mine, folder);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(code)) return false;
    throw error;
  }
}

/** @param {string} folder */
function currentOwner(folder) {
  try {
    return readdirSync(folder)[0];
  } catch {
    return undefined;
  }
}

/**
 * Runs `task` while holding the lock `folder`; waits for a living owner, takes over a dead one's.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} task
 * @param {(pid: string) => void} [onWait] called once, with the pid waited for
 * @returns {Promise<T>}
 */
export async function withLock(folder, task, onWait = () => {}) {
  const me = ownerName(process.pid);
  mkdirSync(dirname(folder), { recursive: true });
  let told = false;
  while (!tryClaim(folder, me)) {
    const owner = currentOwner(folder);
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(join(folder, owner), { force: true });
      continue;
    }
    if (owner !== undefined && !told) {
      onWait(owner.split('-')[0] ?? owner);
      told = true;
    }
    await sleep(POLL_MS);
  }
  try {
    return await task();
  } finally {
    rmSync(join(folder, me), { force: true });
    try {
      rmdirSync(folder);
    } catch {
      // another claimant already has it
    }
  }
}
