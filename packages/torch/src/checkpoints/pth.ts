import { DEFAULT_MAX_BYTES } from './budget.js';
import { CheckpointFile } from './checkpoint-file.js';
import { CheckpointError, quote } from './error.js';
import { readLegacyPth } from './pth-legacy.js';
import type { PthFile, PthOptions } from './pth-types.js';
import { readZipPth } from './pth-zip.js';
import { findStateDict } from './state-dict.js';

/** How much of a file's beginning tells what it is: a tar header is 512 bytes. */
const HEAD_BYTES = 512;

/**
 * Reads a checkpoint that `torch.save` wrote, in either of its formats, without PyTorch: the zip archive (since
 * 1.6) or the legacy stream. Which it is shows in the content, whatever the name.
 *
 * Nothing in the file is executed: names of types and functions that are not plain data are refused. Tensors that
 * view one storage share memory, as in PyTorch; strided views are made contiguous.
 *
 * @param path of a regular file
 * @throws CheckpointError naming the file and the place: see {@link CheckpointErrorCode}
 */
export async function readPth(path: string, options: PthOptions = {}): Promise<PthFile> {
  const { maxBytes = DEFAULT_MAX_BYTES, globals = new Map(), limits = {} } = options;
  const all = { maxBytes, globals, limits };
  const file = await CheckpointFile.open(path);
  try {
    const head = await file.read(0, Math.min(HEAD_BYTES, file.size), 'the beginning');
    const format = detect(path, Buffer.from(head.buffer));
    const content = await (format === 'zip' ? readZipPth(file, all) : readLegacyPth(file, all));
    return { path, format, ...content, stateDict: (which) => findStateDict(content.value, path, which) };
  } finally {
    await file.close();
  }
}

/** Files that people take for a checkpoint: what stands where in their beginning. */
const OTHERS: readonly { at?: number; text: string; what: string }[] = [
  { text: '\x1f\x8b', what: 'is compressed by gzip; unpack it first (gunzip)' },
  { text: 'BZh', what: 'is compressed by bzip2; unpack it first' },
  { text: '\xfd7zXZ', what: 'is compressed by xz; unpack it first' },
  { text: '\x28\xb5\x2f\xfd', what: 'is compressed by zstd; unpack it first' },
  {
    at: 257,
    text: 'ustar',
    what: 'is a tar archive, the format of PyTorch before 0.1.10; load and save it by a newer PyTorch',
  },
  { at: 8, text: '{"', what: 'looks like a safetensors file; read it by readSafetensors' },
  { text: '\x89HDF', what: 'is an HDF5 file, not a PyTorch checkpoint' },
  { text: 'version https://git-lfs', what: 'is a Git LFS pointer; fetch the file itself (git lfs pull)' },
  { text: '<', what: 'is a web page or XML, not a PyTorch checkpoint; a download may have gone wrong' },
];

/** Pickles of protocol 2 and later begin with PROTO; those of 0 and 1 with the magic number, a long. */
const PICKLE_STARTS = ['\x80', 'L', '\x8a'];

function detect(path: string, head: Buffer): 'zip' | 'legacy' {
  if (head.length === 0) throw new CheckpointError('truncated', 'is empty', { file: path });
  const text = head.toString('latin1');
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return 'zip';
  const other = OTHERS.find((candidate) => text.startsWith(candidate.text, candidate.at ?? 0));
  if (other !== undefined) throw new CheckpointError('unsupported', other.what, { file: path });
  if (PICKLE_STARTS.some((start) => text.startsWith(start))) return 'legacy';
  const found = `is not a PyTorch checkpoint: it begins with ${quote(text.slice(0, 16))}`;
  throw new CheckpointError('unsupported', `${found}, where a zip archive or a pickle is expected`, {
    file: path,
  });
}
