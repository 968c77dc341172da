// Tensors in and out of JavaScript: from typed arrays, back into them, their metadata, and their way between workers.
#include <ATen/ATen.h>

#include <atomic>
#include <cstring>
#include <unordered_map>

#include "compat.h"
#include "napi_util.h"
#include "values.h"

namespace mien {

namespace {

struct Bytes {
  char* data = nullptr;
  size_t length = 0;
};

/// The memory behind a typed array, Buffer or DataView, also when a SharedArrayBuffer lies under it.
Bytes bytesOf(napi_env napi, napi_value view) {
  Bytes bytes;
  bool typed = false;
  napi_is_typedarray(napi, view, &typed);
  void* data = nullptr;
  if (typed) {
    napi_typedarray_type type;
    napi_get_typedarray_info(napi, view, &type, &bytes.length, &data, nullptr, nullptr);
    static constexpr size_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    if (static_cast<size_t>(type) >= std::size(kSizes)) throw std::invalid_argument("unknown kind of typed array");
    bytes.length *= kSizes[type];
  } else {
    bool dataView = false;
    napi_is_dataview(napi, view, &dataView);
    if (!dataView) throw std::invalid_argument("expected a typed array");
    napi_get_dataview_info(napi, view, &bytes.length, &data, nullptr, nullptr);
  }
  bytes.data = static_cast<char*>(data);
  return bytes;
}

std::vector<int64_t> shapeFromTape(Env& env, size_t ndim) {
  auto reader = env.reader();
  std::vector<int64_t> shape;
  for (size_t i = 0; i < ndim; i++) shape.push_back(static_cast<int64_t>(reader.raw()));
  return shape;
}

size_t checkedBytes(const std::vector<int64_t>& shape, at::ScalarType dtype) {
  size_t total = c10::elementSize(dtype);
  for (auto n : shape) {
    if (n < 0) throw std::invalid_argument("a shape holds the negative size " + std::to_string(n));
    if (__builtin_mul_overflow(total, static_cast<size_t>(n), &total)) {
      throw std::invalid_argument("a shape's product overflows");
    }
  }
  return total;
}

/// fromData(view, dtype, ndim, copy) with the shape on the tape -> handle
napi_value fromData(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    env.releaseBorrowed(napi);
    const auto bytes = bytesOf(napi, args[0]);
    const auto dtype = dtypeOf(args.string(1));
    const auto shape = shapeFromTape(env, static_cast<size_t>(args.integer(2)));
    const auto needed = checkedBytes(shape, dtype);
    if (needed != bytes.length) {
      throw std::invalid_argument("the shape needs " + std::to_string(needed) + " bytes, the array holds " +
                                  std::to_string(bytes.length));
    }
    if (args.boolean(3)) {
      auto tensor = at::empty(shape, dtype);
      if (needed > 0) std::memcpy(tensor.data_ptr(), bytes.data, needed);
      return toJs(napi, env.put(std::move(tensor)));
    }
    if (reinterpret_cast<uintptr_t>(bytes.data) % c10::elementSize(dtype) != 0) {
      throw std::invalid_argument("the array's memory is not aligned for its dtype; it can only be copied");
    }
    napi_ref ref;
    napi_create_reference(napi, args[0], 1, &ref);
    auto release = [ref, borrowed = env.borrowed](void*) {
      std::lock_guard<std::mutex> lock(borrowed->mutex);
      if (borrowed->open) borrowed->released.push_back(ref);
    };
    return toJs(napi, env.put(at::from_blob(bytes.data, shape, std::move(release), at::dtype(dtype))));
  });
}

at::Tensor plainCpu(const at::Tensor& tensor) {
  at::NoGradGuard guard;
  return tensor.detach().cpu().resolve_conj().resolve_neg().contiguous();
}

/// readInto(handle, view): the tensor's elements in row-major order, byte for byte
napi_value readInto(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto bytes = bytesOf(napi, args[1]);
    const auto tensor = plainCpu(env.tensor(args.number(0)));
    if (tensor.nbytes() != bytes.length) {
      throw std::invalid_argument("the tensor holds " + std::to_string(tensor.nbytes()) + " bytes, the array " +
                                  std::to_string(bytes.length));
    }
    if (bytes.length > 0) std::memcpy(bytes.data, tensor.data_ptr(), bytes.length);
    return undefined(napi);
  });
}

/// metadata(handle) -> ndim, with the sizes and then the strides on the tape (strides 0 where the layout has none)
napi_value metadata(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto& t = env.tensor(args.number(0));
    const bool strided = t.layout() == at::kStrided;
    env.results.clear();
    for (int64_t i = 0; i < t.dim(); i++) env.results.number(static_cast<double>(t.size(i)));
    for (int64_t i = 0; i < t.dim(); i++) env.results.number(strided ? static_cast<double>(t.stride(i)) : 0);
    env.flushResults();
    return toJs(napi, static_cast<double>(t.dim()));
  });
}

/// sizes(handle) -> ndim, with the sizes on the tape
napi_value sizes(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto& t = env.tensor(args.number(0));
    env.results.clear();
    for (auto n : t.sizes()) env.results.number(static_cast<double>(n));
    env.flushResults();
    return toJs(napi, static_cast<double>(t.dim()));
  });
}

napi_value dtype(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    return toJs(napi, std::string(nameOf(env.tensor(args.number(0)).scalar_type())));
  });
}

napi_value device(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    return toJs(napi, env.tensor(args.number(0)).device().str());
  });
}

/// dispose(handle) -> whether it was alive
napi_value dispose(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) { return toJs(napi, env.free(args.number(0))); });
}

/// disposeMany(count) with the handles on the tape
napi_value disposeMany(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto reader = env.reader();
    for (auto n = args.integer(0); n > 0; n--) env.free(reader.raw());
    return undefined(napi);
  });
}

/// alias(handle) -> a second handle on the same tensor
napi_value alias(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto tensor = env.tensor(args.number(0));
    return toJs(napi, env.put(std::move(tensor)));
  });
}

/// Tensors on their way from one worker to another. A token is taken once; what is never taken is freed with the process
/// or by dropping the token.
struct Exchange {
  std::mutex mutex;
  std::unordered_map<uint64_t, at::Tensor> waiting;
  uint64_t next = 1;
};
Exchange& exchange() {
  static auto* instance = new Exchange();  // outlives every worker
  return *instance;
}

/// shareTensor(handle) -> token
napi_value shareTensor(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto tensor = env.tensor(args.number(0)).detach();
    auto& ex = exchange();
    std::lock_guard<std::mutex> lock(ex.mutex);
    const auto token = ex.next++;
    ex.waiting.emplace(token, std::move(tensor));
    return toJs(napi, static_cast<double>(token));
  });
}

/// receiveTensor(token) -> handle
napi_value receiveTensor(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    at::Tensor tensor;
    {
      auto& ex = exchange();
      std::lock_guard<std::mutex> lock(ex.mutex);
      const auto found = ex.waiting.find(static_cast<uint64_t>(args.integer(0)));
      if (found == ex.waiting.end()) throw std::invalid_argument("this shared tensor was received or dropped already");
      tensor = std::move(found->second);
      ex.waiting.erase(found);
    }
    return toJs(napi, env.put(std::move(tensor)));
  });
}

/// dropShared(token) -> whether it was still waiting
napi_value dropShared(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    auto& ex = exchange();
    std::lock_guard<std::mutex> lock(ex.mutex);
    return toJs(napi, ex.waiting.erase(static_cast<uint64_t>(args.integer(0))) > 0);
  });
}

/// liveTensors() -> number of handles alive on this thread
napi_value liveTensors(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args&) { return toJs(napi, static_cast<double>(env.tensors.live())); });
}

}  // namespace

void bindTensors(napi_env env, napi_value exports) {
  static constexpr Binding kBindings[] = {
      {"fromData", fromData},
      {"readInto", readInto},
      {"metadata", metadata},
      {"sizes", sizes},
      {"dtype", dtype},
      {"device", device},
      {"dispose", dispose},
      {"disposeMany", disposeMany},
      {"alias", alias},
      {"shareTensor", shareTensor},
      {"receiveTensor", receiveTensor},
      {"dropShared", dropShared},
      {"liveTensors", liveTensors},
  };
  bind(env, exports, kBindings);
}

}  // namespace mien
