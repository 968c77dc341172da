// The findings as a table for people: two aligned columns.

import type { Findings } from './index.js';

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const yesNo = (value: boolean) => (value ? 'yes' : 'no');

function machineRows({ machine }: Findings): [string, string][] {
  const limit = machine.memoryLimit === null ? '' : `, limited to ${gigabytes(machine.memoryLimit)}`;
  return [
    ['Node', machine.node],
    ['platform', `${machine.platform} ${machine.arch}, kernel ${machine.kernel}`],
    ['processor', `${machine.cpuModel}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`],
    [
      'memory',
      `${gigabytes(machine.memoryAvailable)} available of ${gigabytes(machine.memoryTotal)}${limit}`,
    ],
    ['disk', `${gigabytes(machine.diskFree)} free in this folder`],
  ];
}

function readingRows({ ffmpeg, onnxruntime }: Findings): [string, string][] {
  return [
    [
      'ONNX Runtime',
      onnxruntime.found
        ? `${onnxruntime.version} (${onnxruntime.providers.join(', ')})`
        : absent(onnxruntime),
    ],
    ['ffmpeg', ffmpeg.found ? `${ffmpeg.version}, ${ffmpeg.path}` : absent(ffmpeg)],
  ];
}

function trainingRows({ libtorch, engine }: Findings): [string, string][] {
  const rows: [string, string][] = [];
  const by = { LIBTORCH: 'named by LIBTORCH', system: "the system's", python: "python3's" };
  rows.push([
    'libtorch',
    libtorch.found ? `${libtorch.version}, ${by[libtorch.source]}, ${libtorch.root}` : absent(libtorch),
  ]);
  if (!engine.found) return [...rows, ['training engine', absent(engine)]];
  const devices = engine.cuda
    ? `yes, ${engine.cudaDevices} ${engine.cudaDevices === 1 ? 'device' : 'devices'}`
    : 'no';
  return [
    ...rows,
    ['training engine', `built, runs on libtorch ${engine.version}`],
    ['  CPU code', `${engine.cpuCapability}, oneDNN ${yesNo(engine.mkldnn)}, OpenMP ${yesNo(engine.openmp)}`],
    ['  threads', `${engine.threads} within an operator, ${engine.interopThreads} between operators`],
    ['  CUDA', devices],
    ['  many processes', `Gloo ${yesNo(engine.c10d.gloo)}, NCCL ${yesNo(engine.c10d.nccl)}`],
  ];
}

const absent = ({ reason }: { reason: string }) => `missing: ${reason}`;

export function report(findings: Findings): string {
  const groups = [
    [['Mien', findings.mien] as [string, string], ...machineRows(findings)],
    readingRows(findings),
    trainingRows(findings),
  ];
  const width = Math.max(...groups.flat().map(([name]) => name.length));
  const lines = groups.map((rows) =>
    rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n'),
  );
  const verdict =
    findings.missing.length === 0
      ? `All that reading faces needs is here${findings.engine.found ? ', and all that training needs' : '; training needs more'}.`
      : `Missing for reading faces: ${findings.missing.join(', ')}.`;
  return [...lines, verdict].join('\n\n');
}
