// A pipe whose reading end writes into memory of our choice. The one that Node gives for a child's output hands over 64 kB
// at a time in memory of its own, to be copied: that takes the main thread several times as long (docs/video.md).

import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PipeOptions {
  /** Where the next bytes shall go. */
  memory: () => Uint8Array;
  /** @returns false to stop reading until `resume` is called on the reading end */
  onRead: (length: number) => boolean;
}

export interface Pipe {
  /** Paused. */
  reader: net.Socket;
  /** To be handed to a child process, and then destroyed here. */
  writer: net.Socket;
}

/** Windows names pipes in a place of their own. */
const nameIn = (folder: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/[\\/:]/g, '-')}` : join(folder, 'frames');

export async function openPipe({ memory, onRead }: PipeOptions): Promise<Pipe> {
  const folder = await mkdtemp(join(tmpdir(), 'mien-')); // only its owner gets in
  const server = net.createServer({ pauseOnConnect: true });
  try {
    return await new Promise<Pipe>((resolve, reject) => {
      server.once('error', reject);
      server.listen(nameIn(folder), () => {
        const reader = net.connect({ path: nameIn(folder), onread: { buffer: memory, callback: onRead } });
        reader.pause();
        reader.once('error', reject);
        server.once('connection', (writer) => resolve({ reader, writer }));
      });
    });
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
