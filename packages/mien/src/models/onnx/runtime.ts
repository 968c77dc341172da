// ONNX Runtime, loaded when it is needed.

import type { InferenceSession, Tensor } from 'onnxruntime-node';

/** Floats with their shape: what goes into a session and comes out. */
export interface Floats {
  dims: readonly number[];
  data: Float32Array;
}

export interface Session {
  /** Every output by its name; those that are not float32 are left out. */
  run(inputs: Readonly<Record<string, Floats>>): Promise<Map<string, Floats>>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Default: one for each core. */
  threads?: number;
  /** Fusing and other rewriting of the graph. Default: all there is. */
  optimise?: boolean;
}

/** ONNX Runtime refuses memory that threads share. */
const unshared = (data: Float32Array) => (data.buffer instanceof SharedArrayBuffer ? data.slice() : data);

/** @param model a file, or its bytes */
export async function openSession(
  model: string | Uint8Array,
  { threads, optimise = true }: SessionOptions = {},
): Promise<Session> {
  const runtime = await import('onnxruntime-node');
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  };
  const session =
    typeof model === 'string'
      ? await runtime.InferenceSession.create(model, options)
      : await runtime.InferenceSession.create(model, options);
  return {
    async run(inputs) {
      const feeds: Record<string, Tensor> = {};
      for (const [name, { dims, data }] of Object.entries(inputs))
        feeds[name] = new runtime.Tensor('float32', unshared(data), dims);
      const results = await session.run(feeds);
      return new Map(
        Object.entries(results)
          .filter(([, { type }]) => type === 'float32')
          .map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
      );
    },
    close: () => session.release(),
  };
}
