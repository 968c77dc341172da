// The format of torch.save since PyTorch 1.6: a zip archive with `<root>/data.pkl`, and one uncompressed entry
// `<root>/data/<key>` for each storage. Source: torch/serialization.py (_save, _load).
import { Budget } from './budget.js';
import type { CheckpointFile } from './checkpoint-file.js';
import { CheckpointError, type CheckpointErrorCode, quote } from './error.js';
import { MAX_PICKLE_BYTES, type PthContent, type PthOptions } from './pth-types.js';
import { StorageTable } from './storages.js';
import { torchGlobals, torchRefusalHint } from './torch-globals.js';
import { unpickle } from './unpickle.js';
import { ZipArchive } from './zip-archive.js';

type Fail = (code: CheckpointErrorCode, what: string) => never;

/** How many entry names an error lists. */
const NAMES_SHOWN = 5;

export async function readZipPth(file: CheckpointFile, options: Required<PthOptions>): Promise<PthContent> {
  const fail: Fail = (code, what) => {
    throw new CheckpointError(code, what, { file: file.path });
  };
  const archive = await ZipArchive.open(file);
  const budget = new Budget(file.path, file.size, options.maxBytes);
  const root = findRoot(archive, fail);

  const order = `${root}/byteorder`;
  if (archive.size(order) !== undefined) {
    const size = archive.size(order) as number;
    const text =
      size > 16 ? `${size} bytes` : new TextDecoder().decode(await archive.read(order, budget)).trim();
    if (text === 'big') fail('unsupported', 'the tensors are big endian, where little endian is expected');
    if (text !== 'little')
      fail('corrupt', `entry ${quote(order)} says ${quote(text)}, where "little" is expected`);
  }

  const pickleName = `${root}/data.pkl`;
  const pickleSize = archive.size(pickleName) as number;
  if (pickleSize > MAX_PICKLE_BYTES) {
    fail(
      'limit',
      `entry ${quote(pickleName)} has ${pickleSize} bytes, where at most ${MAX_PICKLE_BYTES} are read`,
    );
  }
  const pickle = await archive.read(pickleName, budget);
  const storages = new StorageTable(file.path, budget);
  const { value } = unpickle(pickle, 0, {
    file: file.path,
    entry: pickleName,
    globals: torchGlobals(storages, options.globals),
    persistentLoad: (id, call) => storages.persistentLoad(id, call),
    refusalHint: torchRefusalHint,
    limits: options.limits,
  });

  for (const record of storages.records.values()) {
    const name = `${root}/data/${record.key}`;
    const size = archive.size(name);
    if (size === undefined)
      fail('corrupt', `storage ${quote(record.key)} has no entry ${quote(name)} in the archive`);
    if (size !== record.bytes) {
      const expected = `${record.elements} × ${record.dtype} = ${record.bytes} bytes`;
      fail('corrupt', `entry ${quote(name)} has ${size} bytes, where the pickle states ${expected}`);
    }
    storages.fill(record, await archive.read(name, budget));
  }
  storages.finish();
  return { value, decodedBytes: budget.bytes, trailingBytes: 0 };
}

function findRoot(archive: ZipArchive, fail: Fail): string {
  const names = [...archive.names];
  const roots = names
    .filter((name) => /^[^/]+\/data\.pkl$/.test(name))
    .map((name) => name.slice(0, -'/data.pkl'.length));
  const [root, second] = roots;
  const script = names.find((name) => /^[^/]+\/(constants\.pkl|code\/)/.test(name));
  if (script !== undefined) {
    const what = `is a TorchScript archive (it holds ${quote(script)}), which is a program and not a state dict`;
    fail('unsupported', `${what}; save model.state_dict() by torch.save instead`);
  }
  if (root === undefined) {
    const shown = names.slice(0, NAMES_SHOWN).map((name) => quote(name));
    const more = names.length > NAMES_SHOWN ? `, … (${names.length} in all)` : '';
    const found = names.length === 0 ? 'nothing' : shown.join(', ') + more;
    fail(
      'unsupported',
      `is a zip archive, but not one of torch.save: no "<name>/data.pkl", it holds ${found}`,
    );
  }
  if (second !== undefined)
    fail('corrupt', `the archive holds two checkpoints, ${quote(root)} and ${quote(second)}`);
  return root;
}
