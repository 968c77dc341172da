import type { Handle, Native } from '../native.js';
import { native as addon } from '../native.js';

/** What the addon needs to meet the other processes; see `Settings` in `native/c10d_group.h`. */
export interface NativeSettings {
  backend: string;
  host: string;
  port: number;
  serve: boolean;
  rank: number;
  size: number;
  localRank: number;
  timeoutMs: number;
  verify: boolean;
  prefix: string;
  instance: string;
  name: string;
  interfaces: string;
}

/** An operation that runs on its group's thread. */
export type Job = number;

/** Functions of `native/c10d.cc`. */
interface DistributedNative {
  c10dOpen(settings: NativeSettings): [group: Handle, opened: Job];
  c10dWait(job: Job, milliseconds: number): boolean;
  c10dTake(job: Job): number;
  c10dForget(job: Job): boolean;
  c10dRunningFor(group: Handle): number;
  c10dGiveUp(group: Handle, reason: string): void;
  c10dClose(group: Handle, milliseconds: number): boolean;
  c10dAllReduce(group: Handle, description: string, tensor: Handle, op: string): Job;
  c10dReduceScatter(group: Handle, description: string, tensor: Handle, op: string, size: number): Job;
  c10dBroadcast(group: Handle, description: string, root: number, count: number): Job;
  c10dAllGather(group: Handle, description: string, tensor: Handle): Job;
  c10dBarrier(group: Handle, description: string): Job;
  c10dSend(group: Handle, description: string, tensor: Handle, rank: number, tag: number): Job;
  c10dReceive(group: Handle, description: string, tensor: Handle, rank: number, tag: number): Job;
  c10dSyncBatchNorm(group: Handle, operation: string, count: number, eps: number): Handle;
}

export const native = addon as Native & DistributedNative;
