// What one JavaScript thread (the main thread or a worker) owns in the addon: its tensors, its tape, its last error.
// Nothing here is shared between threads, so nothing here is locked, except the list of buffers to release, onto which
// any thread may push.
#pragma once
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <node_api.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tape.h"

namespace mien {

/// Slots addressed by handles that grow stale: a handle is slot + generation · 2^24, so that the handle of a freed
/// object is recognised instead of reaching whatever took its slot. 0 is never a handle.
template <typename T>
class HandleTable {
 public:
  double put(T object) {
    uint32_t slot;
    if (!free_.empty()) {
      slot = free_.back();
      free_.pop_back();
    } else {
      if (slots_.size() >= kSlots) throw std::length_error("more than 16 million tensors are alive");
      slot = static_cast<uint32_t>(slots_.size());
      slots_.emplace_back();
    }
    slots_[slot].object = std::move(object);
    slots_[slot].live = true;
    live_++;
    return static_cast<double>(slots_[slot].generation) * kSlots + slot;
  }

  T* find(double handle) {
    if (!(handle >= 0 && handle < 9007199254740992.0)) return nullptr;
    const auto bits = static_cast<uint64_t>(handle);
    const auto slot = bits % kSlots;
    if (slot >= slots_.size() || !slots_[slot].live || slots_[slot].generation != bits / kSlots) return nullptr;
    return &slots_[slot].object;
  }

  bool erase(double handle) {
    if (!find(handle)) return false;
    const auto slot = static_cast<uint32_t>(static_cast<uint64_t>(handle) % kSlots);
    slots_[slot].object = T();
    slots_[slot].live = false;
    slots_[slot].generation = slots_[slot].generation == kGenerations ? 1 : slots_[slot].generation + 1;
    free_.push_back(slot);
    live_--;
    return true;
  }

  size_t live() const { return live_; }

  template <typename Visit>
  void forEach(Visit visit) {
    for (auto& slot : slots_) {
      if (slot.live) visit(slot.object);
    }
  }

 private:
  static constexpr uint64_t kSlots = 1 << 24;
  static constexpr uint32_t kGenerations = (1 << 29) - 1;
  struct Slot {
    T object{};
    uint32_t generation = 1;
    bool live = false;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t live_ = 0;
};

/// Buffers of JavaScript that tensors borrow. A tensor may die on any thread; the reference it held may only be dropped
/// on the thread that made it, so it waits here until that thread makes its next call.
struct BorrowedBuffers {
  std::mutex mutex;
  std::vector<napi_ref> released;
  bool open = true;
};

/// A tensor and the bytes for which V8 was told to account.
struct TensorSlot {
  at::Tensor tensor;
  int64_t reported = 0;
};

class Env {
 public:
  explicit Env(napi_env env) : napi(env), borrowed(std::make_shared<BorrowedBuffers>()) {}
  ~Env();

  double put(at::Tensor tensor);
  at::Tensor& tensor(double handle);
  bool free(double handle);

  void setTape(napi_env env, napi_value array);
  TapeReader reader() const { return {tape_, tape_ + tapeLength_}; }
  /// Copies `writer` to the tape; false if it doesn't fit: JavaScript then brings a longer tape and asks again.
  bool flushResults();
  void releaseBorrowed(napi_env env);
  void setWarningSink(napi_env env, napi_value function);
  /// Calls the sink with each warning that libtorch gave on this thread.
  void passWarnings(napi_env env);

  napi_env napi;
  HandleTable<TensorSlot> tensors;
  HandleTable<at::Generator> generators;
  TapeWriter results;
  size_t resultCount = 0;
  std::string errorMessage;
  std::string errorSchema;
  std::shared_ptr<BorrowedBuffers> borrowed;
  std::vector<std::unique_ptr<c10::InferenceMode>> inferenceModes;
  /// Process groups and stores of c10d; kept opaque so that only c10d.cc needs its headers.
  std::vector<std::shared_ptr<void>> distributed;

 private:
  void report(int64_t bytes);

  napi_ref warningSink_ = nullptr;
  napi_ref tapeRef_ = nullptr;
  double* tape_ = nullptr;
  size_t tapeLength_ = 0;
  int64_t unreported_ = 0;
};

/// The Env of the calling thread.
Env& envOf(napi_env env);

}  // namespace mien
