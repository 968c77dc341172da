import type { Found } from './index.js';

export type OnnxRuntimeFindings = Found<{
  version: string;
  /** Execution providers whose code is in the package. Whether a device answers is known only on use. */
  providers: string[];
}>;

export async function examineOnnxRuntime(): Promise<OnnxRuntimeFindings> {
  try {
    const { env, listSupportedBackends } = await import('onnxruntime-node');
    const providers = listSupportedBackends()
      .filter((backend) => backend.bundled)
      .map((backend) => backend.name);
    return { found: true, version: env.versions.node ?? env.versions.common, providers };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { found: false, reason: `onnxruntime-node does not load: ${message.split('\n')[0]}` };
  }
}
