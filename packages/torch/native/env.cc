#include "env.h"

#include "warnings.h"

namespace mien {

namespace {
// V8 is told of memory in steps: a call to it costs more than the operator that allocated a small tensor.
constexpr int64_t kReportStep = 4 << 20;
}  // namespace

Env& envOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Env*>(data);
}

Env::~Env() {
  // Guards are thread-local state of libtorch and must be undone in reverse order.
  while (!inferenceModes.empty()) inferenceModes.pop_back();
  std::lock_guard<std::mutex> lock(borrowed->mutex);
  borrowed->open = false;
}

double Env::put(at::Tensor tensor) {
  TensorSlot slot;
  // Storage that others hold too (a view, a detached copy) is on somebody's account already.
  if (tensor.has_storage() && tensor.storage().use_count() == 1) {
    slot.reported = static_cast<int64_t>(tensor.storage().nbytes());
    report(slot.reported);
  }
  slot.tensor = std::move(tensor);
  return tensors.put(std::move(slot));
}

at::Tensor& Env::tensor(double handle) {
  auto* slot = tensors.find(handle);
  if (!slot) throw std::invalid_argument("the tensor was disposed, or belongs to another thread");
  return slot->tensor;
}

bool Env::free(double handle) {
  auto* slot = tensors.find(handle);
  if (!slot) return false;
  report(-slot->reported);
  return tensors.erase(handle);
}

void Env::report(int64_t bytes) {
  unreported_ += bytes;
  if (std::abs(unreported_) < kReportStep) return;
  int64_t total;
  napi_adjust_external_memory(napi, unreported_, &total);
  unreported_ = 0;
}

void Env::setTape(napi_env env, napi_value array) {
  if (tapeRef_) napi_delete_reference(env, tapeRef_);
  napi_typedarray_type type;
  void* data = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr);
  napi_create_reference(env, array, 1, &tapeRef_);
  tape_ = static_cast<double*>(data);
  tapeLength_ = length;
}

bool Env::flushResults() {
  const auto& data = results.data();
  if (data.size() > tapeLength_) return false;
  std::copy(data.begin(), data.end(), tape_);
  return true;
}

void Env::releaseBorrowed(napi_env env) {
  std::vector<napi_ref> refs;
  {
    std::lock_guard<std::mutex> lock(borrowed->mutex);
    refs.swap(borrowed->released);
  }
  for (auto ref : refs) napi_delete_reference(env, ref);
}

void Env::setWarningSink(napi_env env, napi_value function) {
  if (warningSink_) napi_delete_reference(env, warningSink_);
  napi_create_reference(env, function, 1, &warningSink_);
}

void Env::passWarnings(napi_env env) {
  if (!hasWarnings() || !warningSink_) return;
  napi_value sink, receiver;
  napi_get_reference_value(env, warningSink_, &sink);
  napi_get_undefined(env, &receiver);
  for (const auto& message : takeWarnings()) {
    napi_value text;
    napi_create_string_utf8(env, message.data(), message.size(), &text);
    napi_call_function(env, receiver, sink, 1, &text, nullptr);
  }
}

}  // namespace mien
