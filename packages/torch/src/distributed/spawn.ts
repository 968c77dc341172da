// Several processes on this machine, as torchrun starts them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { ProcessError } from './errors.js';

export interface SpawnOptions {
  /** Arguments after the script's name. */
  args?: readonly string[];
  /** Options of Node itself. Default: those that this process was started with. */
  execArgv?: readonly string[];
  /** Goes before this process's own environment; `undefined` takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** All processes are ended after this many milliseconds. Default: never. */
  timeoutMs?: number;
  /** Ends all processes, for one when this process is asked to end. */
  signal?: AbortSignal;
  /** Called for every line that a process writes. Default: passes it on to this process's own streams, as `[rank] line`. */
  onLine?: (line: string, rank: number, stream: 'stdout' | 'stderr') => void;
}

const HOST = '127.0.0.1';
/** A process that was asked to end gets this long for it. */
const GRACE_MS = 2000;
const TAIL_LINES = 40;

interface Ending {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Starts `n` Node processes that run `script`, with torchrun's variables set (`RANK`, `LOCAL_RANK`, `WORLD_SIZE`,
 * `LOCAL_WORLD_SIZE`, `MASTER_ADDR`, `MASTER_PORT`), and waits until all have ended well. The cores are divided between
 * them (`OMP_NUM_THREADS`) unless the environment says otherwise. When one fails, the others are ended.
 * @param script path of a JavaScript module
 * @throws ProcessError that names the rank that failed first, with the end of its standard error
 */
export async function spawnProcesses(n: number, script: string, options: SpawnOptions = {}): Promise<void> {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`expected a number of processes ≥ 1, found ${n}`);
  options.signal?.throwIfAborted();
  const { args = [], execArgv = process.execArgv, onLine = passOn } = options;
  const common = {
    OMP_NUM_THREADS: String(Math.max(1, Math.floor(availableParallelism() / n))),
    ...process.env,
    WORLD_SIZE: String(n),
    LOCAL_WORLD_SIZE: String(n),
    MASTER_ADDR: HOST,
    MASTER_PORT: String(await freePort()),
  };
  const tails: string[][] = [];
  const children = Array.from({ length: n }, (_, rank) => {
    const tail: string[] = [];
    tails.push(tail);
    const child = spawn(process.execPath, [...execArgv, script, ...args], {
      env: { ...common, RANK: String(rank), LOCAL_RANK: String(rank), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    eachLine(child.stdout, (line) => onLine(line, rank, 'stdout'));
    eachLine(child.stderr, (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine(line, rank, 'stderr');
    });
    return child;
  });
  await superviseAll(children, tails, options);
}

async function superviseAll(
  children: ChildProcess[],
  tails: string[][],
  options: SpawnOptions,
): Promise<void> {
  const { timeoutMs, signal } = options;
  let failure: unknown;
  const fail = (reason: unknown) => {
    if (failure !== undefined) return;
    failure = reason;
    endAll(children);
  };
  const tailOf = (rank: number) => (tails[rank] as string[]).join('\n');

  const ended = children.map(async (child, rank) => {
    const ending = await endingOf(child);
    if (ending instanceof Error) fail(ending);
    else if (ending.exitCode !== 0) fail({ rank, ...ending });
    await closed(child);
  });
  const onAbort = () => fail(signal?.reason);
  const onTime = () => {
    const slow = children.flatMap((child, rank) => (isRunning(child) ? [rank] : []));
    fail(
      new ProcessError(
        `ranks ${slow.join(', ')} had not ended after ${timeoutMs} ms`,
        undefined,
        null,
        null,
        '',
      ),
    );
  };
  // They must not stay behind when this process exits. What signals do to it is for the program to say.
  const onExit = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(onTime, timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  process.once('exit', onExit);
  try {
    await Promise.all(ended);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    process.removeListener('exit', onExit);
  }
  if (failure === undefined) return;
  if (!isFailedRank(failure)) throw failure;
  const { rank, exitCode, signal: killer } = failure;
  const how = killer === null ? `exited with code ${exitCode}` : `was ended by ${killer}`;
  const tail = tailOf(rank);
  throw new ProcessError(`rank ${rank} ${how}${tail && `:\n${tail}`}`, rank, exitCode, killer, tail);
}

function isFailedRank(failure: unknown): failure is Ending & { rank: number } {
  return typeof failure === 'object' && failure !== null && 'rank' in failure && !(failure instanceof Error);
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

function endingOf(child: ChildProcess): Promise<Ending | Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

/** Standard error may hold more after the process has ended. */
async function closed(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null && !stream.closed);
  await Promise.all(streams.map((stream) => once(stream as Readable, 'close')));
}

function endAll(children: readonly ChildProcess[]): void {
  const running = children.filter(isRunning);
  for (const child of running) child.kill('SIGTERM');
  const timer = setTimeout(() => {
    for (const child of running) if (isRunning(child)) child.kill('SIGKILL');
  }, GRACE_MS);
  timer.unref();
}

function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) take(line);
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
  });
}

function passOn(line: string, rank: number, stream: 'stdout' | 'stderr'): void {
  process[stream].write(`[${rank}] ${line}\n`);
}

/** A port that nobody uses now. Rank 0 opens it a moment later; in between another program could take it. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
