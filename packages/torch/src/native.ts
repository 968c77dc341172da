// The addon: where it is, what it offers, and what to say where it is absent.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A tensor, generator, store or process group of the calling thread, as the addon knows it. 0 is none. */
export type Handle = number;

/** The addon's functions. See the comments in `native/*.cc`; nothing outside this package calls them. */
export interface Native {
  /** State of this module that must exist once per thread, however often the module is loaded. */
  state?: unknown;

  call(packet: number, positional: number, keywords: number): number;
  lookup(name: string, unchecked: boolean): number;
  lastError(): [message: string, schema: string];
  setTape(tape: Float64Array): void;
  setWarningSink(sink: (message: string) => void): void;
  resultsLength(): number;
  fetchResults(): number;
  operators(): Record<string, string[]>;
  operatorNames(): (string | boolean)[];
  argumentNames(): string[];

  fromData(view: ArrayBufferView, dtype: string, ndim: number, copy: boolean): Handle;
  readInto(tensor: Handle, view: ArrayBufferView): void;
  metadata(tensor: Handle): number;
  sizes(tensor: Handle): number;
  dtype(tensor: Handle): string;
  device(tensor: Handle): string;
  dispose(tensor: Handle): boolean;
  disposeMany(count: number): void;
  alias(tensor: Handle): Handle;
  shareTensor(tensor: Handle): number;
  receiveTensor(token: number): Handle;
  dropShared(token: number): boolean;
  liveTensors(): number;

  backward(retainGraph: boolean | undefined, createGraph: boolean): void;
  gradients(retainGraph: boolean | undefined, createGraph: boolean, allowUnused: boolean): number;
  grad(tensor: Handle): Handle;
  setGrad(tensor: Handle, grad: Handle): void;
  requiresGrad(tensor: Handle): boolean;
  setRequiresGrad(tensor: Handle, on: boolean): void;
  isLeaf(tensor: Handle): boolean;
  retainGrad(tensor: Handle): void;
  gradFn(tensor: Handle): string;
  version(tensor: Handle): number;
  gradEnabled(): boolean;
  setGradEnabled(on: boolean): void;
  inferenceMode(enter: boolean): void;
  inInferenceMode(): boolean;
  autocast(device: string): [enabled: boolean, dtype: string, cache: boolean];
  setAutocast(device: string, enabled: boolean, dtype: string, cache: boolean): void;
  autocastNesting(step: 1 | -1): void;

  info(): {
    version: string;
    config: string;
    cuda: boolean;
    cudaDevices: number;
    threads: number;
    interopThreads: number;
    mkldnn: boolean;
    openmp: boolean;
    gloo: boolean;
    nccl: boolean;
  };
  getThreads(): number;
  setThreads(threads: number): void;
  manualSeed(seed: number): void;
  makeGenerator(device: string): Handle;
  defaultGenerator(device: string): Handle;
  seedGenerator(generator: Handle, seed: number): void;
  generatorSeed(generator: Handle): number;
  generatorState(generator: Handle): Handle;
  setGeneratorState(generator: Handle, state: Handle): void;
  disposeGenerator(generator: Handle): boolean;
  deterministic(on: boolean, warnOnly: boolean): void;
  releaseMemory(): boolean;
}

/** Where the set-up puts the addon. */
export const ADDON_PATH = fileURLToPath(new URL('../build/mien_torch.node', import.meta.url));

/** Why the addon isn't there; `undefined` where it is. */
export let unavailable: string | undefined;

/**
 * GNU OpenMP lets idle threads spin for milliseconds before they sleep. When anything else wants their core, each
 * operator then waits that long for its team (measured with one busy neighbour: training 5 times slower). The setting is
 * read once, when the library is loaded; a worker's `process.env` does not reach it, the main thread's does.
 */
function shortenSpinning(): void {
  if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= '20000';
}

function load(): Native {
  try {
    shortenSpinning();
    if (existsSync(ADDON_PATH)) return createRequire(import.meta.url)(ADDON_PATH) as Native;
    unavailable = 'the training engine is not built; run `npm run setup -- train`';
  } catch (error) {
    unavailable = `the training engine does not load (${(error as Error).message}); run \`npm run setup -- train\``;
  }
  // Importing must not fail where nobody trains: reading faces works without libtorch.
  return new Proxy({} as Native, {
    get(_, name) {
      throw new Error(`@mien/torch: ${unavailable} (needed for ${String(name)})`);
    },
  });
}

export const native: Native = load();

/** Whether the addon is there and loads. */
export function isAvailable(): boolean {
  return unavailable === undefined;
}
