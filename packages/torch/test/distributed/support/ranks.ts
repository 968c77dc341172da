// Processes as a launcher starts them, without one that ends the others when one fails.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { torchInfo } from '@mien/torch';

/** Whether this build can form process groups; without Gloo's headers it cannot, and those tests are skipped. */
export const HAS_GLOO = torchInfo().c10d.gloo;
if (!HAS_GLOO) console.log('skipped: this build of the engine has no Gloo');

export interface Rank {
  readonly process: ChildProcess;
  /** What it wrote, so far. */
  output: string;
  /** Ends well if it printed `text`. */
  printed(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export const supportFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startRanks(n: number, script: string, args: readonly string[]): Promise<Rank[]> {
  const port = await freePort();
  return Array.from({ length: n }, (_, rank) => start(supportFile(script), args, rank, n, port));
}

function start(script: string, args: readonly string[], rank: number, worldSize: number, port: number): Rank {
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      ...process.env,
      OMP_NUM_THREADS: '1',
      RANK: String(rank),
      LOCAL_RANK: String(rank),
      WORLD_SIZE: String(worldSize),
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result: Rank = {
    process: child,
    output: '',
    async printed(text) {
      while (!result.output.includes(text)) {
        if (child.exitCode !== null)
          throw new Error(`rank ${rank} ended without '${text}': ${result.output}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      result.output += text;
    });
  }
  return result;
}

/** The lines of JSON that a rank wrote. */
export function reports<T>({ output }: Rank): T[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);
}
