import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os';

export interface MachineFindings {
  node: string;
  platform: string;
  arch: string;
  kernel: string;
  cpuModel: string;
  /** Cores that this process may use. */
  cores: number;
  /** Bytes. */
  memoryTotal: number;
  /** Bytes that can still be used, within the limit where there is one. */
  memoryAvailable: number;
  /** Bytes; the control group's limit where it is lower than the machine's memory. */
  memoryLimit: number | null;
  /** The folder whose free space was measured. */
  diskFolder: string;
  /** Bytes. */
  diskFree: number;
}

export async function examineMachine(folder: string): Promise<MachineFindings> {
  const total = totalmem();
  const limit = process.constrainedMemory(); // 0 or beyond any memory where no limit is set
  const limited = limit > 0 && limit < total;
  const disk = await statfs(folder);
  return {
    node: process.versions.node,
    platform: platform(),
    arch: arch(),
    kernel: release(),
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryTotal: total,
    memoryAvailable: process.availableMemory?.() ?? freemem(),
    memoryLimit: limited ? limit : null,
    diskFolder: folder,
    diskFree: disk.bavail * disk.bsize,
  };
}
