// Entry point. Node calls it once for every thread that loads the addon.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <malloc.h>
#include <sched.h>

#include <climits>
#include <cstdlib>
#include <mutex>

#include "napi_util.h"
#include "warnings.h"

namespace {

/// OpenBLAS keeps a thread pool of its own, which fights libtorch's for the cores (measured: 8 times slower). Where the
/// user has not said otherwise it works on the calling thread alone. Its OpenMP build shares libtorch's threads and is
/// left as it is.
void calmOpenBlas() {
  if (std::getenv("OPENBLAS_NUM_THREADS")) return;
  using GetParallel = int (*)();
  using SetThreads = void (*)(int);
  const auto parallel = reinterpret_cast<GetParallel>(dlsym(RTLD_DEFAULT, "openblas_get_parallel"));
  const auto setThreads = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  constexpr int kPthreads = 1;
  if (parallel && setThreads && parallel() == kPthreads) setThreads(1);
}

/// Debian's libtorch starts with one thread. All processors that this process may run on are the default here, as
/// everywhere else, unless OMP_NUM_THREADS says otherwise.
void useAllCores() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (std::getenv("OMP_NUM_THREADS")) return;
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) at::set_num_threads(CPU_COUNT(&allowed));
  });
}

/// glibc gives every large block back to the system as soon as it is free, and the system clears its pages again for the
/// next one: a quarter of the time of a training step. Instead freed memory stays with the process for the next tensor,
/// until `releaseMemory`. glibc's own environment variables overrule this.
void keepFreedMemory() {
#ifdef __GLIBC__
  static std::once_flag once;
  std::call_once(once, [] {
    if (!std::getenv("MALLOC_MMAP_MAX_")) mallopt(M_MMAP_MAX, 0);
    if (!std::getenv("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, INT_MAX);
    if (!std::getenv("MALLOC_TOP_PAD_")) mallopt(M_TOP_PAD, 64 << 20);
  });
#endif
}

napi_value init(napi_env env, napi_value exports) {
  calmOpenBlas();
  useAllCores();
  keepFreedMemory();
  mien::collectWarnings();
  auto* state = new mien::Env(env);
  napi_set_instance_data(
      env, state, [](napi_env, void* data, void*) { delete static_cast<mien::Env*>(data); }, nullptr);
  mien::bindDispatch(env, exports);
  mien::bindTensors(env, exports);
  mien::bindAutograd(env, exports);
  mien::bindSystem(env, exports);
  mien::bindDistributed(env, exports);
  return exports;
}

}  // namespace

NAPI_MODULE(mien_torch, init)
