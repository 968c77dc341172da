/** A libtorch that native code can be compiled and linked against. */
export interface Libtorch {
  /** What named it: the LIBTORCH setting, the system's package, or the `torch` of python3. */
  source: 'LIBTORCH' | 'system' | 'python';
  /** The folder that holds its `include`; the unit a person points LIBTORCH at. */
  root: string;
  includeDirs: string[];
  libDir: string;
  /** From torch/version.h, e.g. `2.13.0`. */
  version: string;
  /** libtorch_cuda.so and libc10_cuda.so are there. */
  cuda: boolean;
  /** CUDA's own headers are in reach too, so code may include <ATen/cuda/...>. */
  cudaHeaders: boolean;
  /** c10d can be compiled with Gloo: ProcessGroupGloo.hpp and gloo's own headers are there. */
  gloo: boolean;
  /** c10d can be compiled with NCCL. */
  nccl: boolean;
  /** The std::string ABI it was built with: what _GLIBCXX_USE_CXX11_ABI must be. */
  cxx11Abi: boolean;
}

export type FindResult = { ok: true; libtorch: Libtorch } | { ok: false; message: string };

export interface FindOptions {
  /** Read for LIBTORCH, and handed to python3. Default: process.env. */
  env?: NodeJS.ProcessEnv;
  /** Where the system's libtorch lies, `include` and `lib` within. Default: /usr. */
  systemRoot?: string;
}

/** Where `root` keeps torch/version.h; the newer of the two places that libtorch has used holds the numbers. */
export function versionHeaders(root: string): string[];

/** The first libtorch of: LIBTORCH, the system's, python3's. A wrong LIBTORCH is a failure, never passed over. */
export function findLibtorch(options?: FindOptions): FindResult;
