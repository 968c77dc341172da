// One class for each way in which work of several processes fails.

/** Where an error happened. */
export interface Place {
  rank: number;
  worldSize: number;
  /** What was asked for: `allReduce(sum) of float32[2, 3]`. */
  operation: string;
  timeoutMs: number;
}

/** An operation of a process group that failed. */
export abstract class DistributedError extends Error implements Place {
  readonly rank: number;
  readonly worldSize: number;
  readonly operation: string;
  readonly timeoutMs: number;
  /** What happened, without the place. */
  readonly reason: string;
  /** Whether it was given up after `timeoutMs`, rather than by a peer that is seen to be gone. */
  readonly timedOut: boolean;

  constructor(place: Place, reason: string, timedOut: boolean) {
    const { rank, worldSize, operation, timeoutMs } = place;
    super(`rank ${rank} of ${worldSize}: ${operation} failed: ${reason} (time-out ${timeoutMs} ms)`);
    this.rank = rank;
    this.worldSize = worldSize;
    this.operation = operation;
    this.timeoutMs = timeoutMs;
    this.reason = reason;
    this.timedOut = timedOut;
  }
}

/** The processes did not all meet. */
export class RendezvousError extends DistributedError {
  override readonly name = 'RendezvousError';
  /** Ranks that did not come; empty where another reason kept them apart. */
  readonly missing: readonly number[];

  constructor(place: Place, reason: string, timedOut: boolean, missing: readonly number[]) {
    super(place, reason, timedOut);
    this.missing = missing;
  }
}

/** Gloo's messages begin with the line of its own source. */
const SOURCE_LINE = /\[[^\]\s]*\.(?:cc|cpp|h|hpp):\d+\] /g;

/** @internal What the addon says of a failure, for people, and whether it speaks of a time-out. */
export function reasonOf(message: string): { reason: string; timedOut: boolean } {
  const reason = message.replaceAll(SOURCE_LINE, '').trim();
  return { reason, timedOut: /timed? ?out/i.test(reason) };
}

/**
 * A collective operation failed: a peer died, hangs, or asked for something else. The tensors that it was to change may
 * hold anything, and the group refuses further operations: destroy it, and meet again.
 */
export class CollectiveError extends DistributedError {
  override readonly name = 'CollectiveError';
}

/** The variables that a launcher sets (`RANK`, …) are missing or malformed. */
export class LaunchEnvironmentError extends Error {
  override readonly name = 'LaunchEnvironmentError';

  /** @param problems one sentence for each variable */
  constructor(readonly problems: readonly string[]) {
    super(
      `${problems.join('; ')}. torchrun, Slurm or \`spawnProcesses\` set these variables; ` +
        'the options of `initProcessGroup` go before them',
    );
  }
}

/** The ranks wrapped different models. */
export class ReplicaMismatchError extends Error {
  override readonly name = 'ReplicaMismatchError';

  constructor(
    /** The first rank that differs from rank 0. */
    readonly rank: number,
    difference: string,
  ) {
    super(`the model of rank ${rank} is not that of rank 0: ${difference}`);
  }
}

/** A process that `spawnProcesses` started failed, or did not end in time. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';

  constructor(
    message: string,
    /** The rank that failed first; undefined where all ran out of time. */
    readonly rank: number | undefined,
    readonly exitCode: number | null,
    readonly signal: NodeJS.Signals | null,
    /** The end of what that rank wrote to standard error. */
    readonly stderrTail: string,
  ) {
    super(message);
  }
}

export function isDistributedError(error: unknown): error is DistributedError {
  return error instanceof DistributedError;
}

export function isRendezvousError(error: unknown): error is RendezvousError {
  return error instanceof RendezvousError;
}

export function isCollectiveError(error: unknown): error is CollectiveError {
  return error instanceof CollectiveError;
}

export function isLaunchEnvironmentError(error: unknown): error is LaunchEnvironmentError {
  return error instanceof LaunchEnvironmentError;
}

export function isReplicaMismatchError(error: unknown): error is ReplicaMismatchError {
  return error instanceof ReplicaMismatchError;
}

export function isProcessError(error: unknown): error is ProcessError {
  return error instanceof ProcessError;
}
