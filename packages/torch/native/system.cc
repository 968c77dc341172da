// What the library is and how it is set: versions, threads, seeds.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <malloc.h>

#include <cmath>

#include "compat.h"
#include "napi_util.h"
#include "values.h"

namespace mien {

namespace {

/// info() -> object of strings, numbers and booleans
napi_value info(napi_env napi, napi_callback_info cb) {
  return guarded(napi, cb, [&](Env&, Args&) {
    napi_value object;
    napi_create_object(napi, &object);
    const auto set = [&](const char* key, auto value) {
      napi_set_named_property(napi, object, key, toJs(napi, value));
    };
    const auto& context = at::globalContext();
    set("version", std::string(TORCH_VERSION));
    set("config", at::show_config());
    set("cuda", context.hasCUDA());
    set("cudaDevices", static_cast<double>(context.hasCUDA() ? at::getNumGPUs() : 0));
    set("threads", static_cast<double>(at::get_num_threads()));
    set("interopThreads", static_cast<double>(at::get_num_interop_threads()));
    set("mkldnn", context.hasMKLDNN());
    set("openmp", context.hasOpenMP());
#ifdef MIEN_GLOO
    set("gloo", true);
#else
    set("gloo", false);
#endif
#ifdef MIEN_NCCL
    set("nccl", true);
#else
    set("nccl", false);
#endif
    return object;
  });
}

napi_value getThreads(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) { return toJs(napi, static_cast<double>(at::get_num_threads())); });
}

napi_value setThreads(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    at::set_num_threads(static_cast<int>(args.integer(0)));
    return undefined(napi);
  });
}

uint64_t seedOf(const Args& args, size_t i) {
  const double seed = args.number(i);
  if (!(std::abs(seed) <= 9007199254740991.0) || std::trunc(seed) != seed) {
    throw std::invalid_argument("a seed is a safe integer, found " + std::to_string(seed));
  }
  return static_cast<uint64_t>(static_cast<int64_t>(seed));
}

napi_value manualSeed(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    at::manual_seed(seedOf(args, 0));
    return undefined(napi);
  });
}

at::Generator& generatorOf(Env& env, double handle) {
  auto* generator = env.generators.find(handle);
  if (!generator) throw std::invalid_argument("the generator was disposed, or belongs to another thread");
  return *generator;
}

/// makeGenerator(device) -> handle of a fresh generator
napi_value makeGenerator(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto device = deviceOf(args.string(0));
    if (device.is_cpu()) return toJs(napi, env.generators.put(at::make_generator<at::CPUGeneratorImpl>()));
    // Only the CUDA library can make one of its own; a clone of the default one is as good and needs no CUDA header.
    const auto& standard = at::globalContext().defaultGenerator(device);
    return toJs(napi, env.generators.put(standard.clone()));
  });
}

/// defaultGenerator(device) -> handle
napi_value defaultGenerator(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    return toJs(napi, env.generators.put(at::globalContext().defaultGenerator(deviceOf(args.string(0)))));
  });
}

napi_value seedGenerator(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& generator = generatorOf(env, args.number(0));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seedOf(args, 1));
    return undefined(napi);
  });
}

napi_value generatorSeed(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& generator = generatorOf(env, args.number(0));
    std::lock_guard<std::mutex> lock(generator.mutex());
    return toJs(napi, static_cast<double>(generator.current_seed()));
  });
}

/// generatorState(handle) -> handle of a uint8 tensor
napi_value generatorState(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& generator = generatorOf(env, args.number(0));
    std::lock_guard<std::mutex> lock(generator.mutex());
    return toJs(napi, env.put(generator.get_state()));
  });
}

napi_value setGeneratorState(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& generator = generatorOf(env, args.number(0));
    const auto& state = env.tensor(args.number(1));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
    return undefined(napi);
  });
}

napi_value disposeGenerator(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) { return toJs(napi, env.generators.erase(args.number(0))); });
}

/// releaseMemory() -> whether any went back to the system
napi_value releaseMemory(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) {
#ifdef __GLIBC__
    return toJs(napi, malloc_trim(0) == 1);
#else
    return toJs(napi, false);
#endif
  });
}

/// deterministic(on, warnOnly)
napi_value deterministic(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    at::globalContext().setDeterministicAlgorithms(args.boolean(0), args.boolean(1));
    return undefined(napi);
  });
}

}  // namespace

void bindSystem(napi_env env, napi_value exports) {
  static constexpr Binding kBindings[] = {
      {"info", info},
      {"getThreads", getThreads},
      {"setThreads", setThreads},
      {"manualSeed", manualSeed},
      {"makeGenerator", makeGenerator},
      {"defaultGenerator", defaultGenerator},
      {"seedGenerator", seedGenerator},
      {"generatorSeed", generatorSeed},
      {"generatorState", generatorState},
      {"setGeneratorState", setGeneratorState},
      {"disposeGenerator", disposeGenerator},
      {"deterministic", deterministic},
      {"releaseMemory", releaseMemory},
  };
  bind(env, exports, kBindings);
}

}  // namespace mien
