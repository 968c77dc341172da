// Every difference between libtorch 1.13 and 2.x that this addon meets, in one place.
#pragma once
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/util/Exception.h>
#include <torch/csrc/api/include/torch/version.h>

#include <optional>
#include <string>

#define MIEN_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace c10d {
class ProcessGroup;
class Backend;
}  // namespace c10d

namespace mien::compat {

// c10::optional was a class of its own until 2.5 and is std::optional since.
#if MIEN_TORCH_AT_LEAST(2, 5)
template <typename T>
using optional = std::optional<T>;
#else
template <typename T>
using optional = c10::optional<T>;
#endif

#if MIEN_TORCH_AT_LEAST(2, 4)
inline bool autocastEnabled(at::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
inline void setAutocastEnabled(at::DeviceType device, bool on) {
  at::autocast::set_autocast_enabled(device, on);
}
inline at::ScalarType autocastDtype(at::DeviceType device) { return at::autocast::get_autocast_dtype(device); }
inline void setAutocastDtype(at::DeviceType device, at::ScalarType dtype) {
  at::autocast::set_autocast_dtype(device, dtype);
}
#else
inline void requireCpuOrCuda(at::DeviceType device) {
  TORCH_CHECK(device == at::kCPU || device == at::kCUDA, "autocast: expected device cpu or cuda, found ", device);
}
inline bool autocastEnabled(at::DeviceType device) {
  requireCpuOrCuda(device);
  return device == at::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
}
inline void setAutocastEnabled(at::DeviceType device, bool on) {
  requireCpuOrCuda(device);
  device == at::kCPU ? at::autocast::set_cpu_enabled(on) : at::autocast::set_enabled(on);
}
inline at::ScalarType autocastDtype(at::DeviceType device) {
  requireCpuOrCuda(device);
  return device == at::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
}
inline void setAutocastDtype(at::DeviceType device, at::ScalarType dtype) {
  requireCpuOrCuda(device);
  device == at::kCPU ? at::autocast::set_autocast_cpu_dtype(dtype) : at::autocast::set_autocast_gpu_dtype(dtype);
}
#endif

/// Hands every warning's text to a function. The handler is a setting of the thread.
class WarningHandler : public c10::WarningHandler {
 public:
  explicit WarningHandler(void (*sink)(const std::string&)) : sink_(sink) {}
#if MIEN_TORCH_AT_LEAST(2, 0)
  void process(const c10::Warning& warning) override { sink_(warning.msg()); }
#else
  void process(const c10::SourceLocation&, const std::string& message, const bool) override { sink_(message); }
#endif

 private:
  void (*sink_)(const std::string&);
};

inline void setWarningHandler(c10::WarningHandler* handler) {
#if MIEN_TORCH_AT_LEAST(2, 0)
  c10::WarningUtils::set_warning_handler(handler);
#else
  c10::Warning::set_warning_handler(handler);
#endif
}

// What Gloo and NCCL derive from: 2.0 made ProcessGroup a list of backends, one for each kind of device.
#if MIEN_TORCH_AT_LEAST(2, 0)
using CollectiveBackend = ::c10d::Backend;
#else
using CollectiveBackend = ::c10d::ProcessGroup;
#endif

/// From 2.4 on the server of a TCPStore goes by libuv unless told otherwise, which not every build has.
template <typename TCPStoreOptions>
void withoutLibuv([[maybe_unused]] TCPStoreOptions& options) {
#if MIEN_TORCH_AT_LEAST(2, 4)
  options.useLibUV = false;
#endif
}

}  // namespace mien::compat
