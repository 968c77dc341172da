// The few lines of Node-API that every binding function needs.
#pragma once
#include <c10/util/Exception.h>
#include <node_api.h>

#include <exception>
#include <new>
#include <string>

#include "env.h"

namespace mien {

/// The arguments of one call from JavaScript. The callers are our own TypeScript, so types are trusted here except
/// where the value comes from a user; those travel on the tape, which checks them.
class Args {
 public:
  static constexpr size_t kMax = 8;

  Args(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMax;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }
  double number(size_t i) const {
    double x = 0;
    napi_get_value_double(env_, values_[i], &x);
    return x;
  }
  int64_t integer(size_t i) const { return static_cast<int64_t>(number(i)); }
  bool boolean(size_t i) const {
    bool b = false;
    napi_get_value_bool(env_, values_[i], &b);
    return b;
  }
  bool isNumber(size_t i) const { return typeOf(i) == napi_number; }
  napi_valuetype typeOf(size_t i) const {
    napi_valuetype type = napi_undefined;
    napi_typeof(env_, values_[i], &type);
    return type;
  }
  std::string string(size_t i) const {
    size_t length = 0;
    napi_get_value_string_utf8(env_, values_[i], nullptr, 0, &length);
    std::string s(length, '\0');
    napi_get_value_string_utf8(env_, values_[i], s.data(), length + 1, &length);
    return s;
  }
  napi_value operator[](size_t i) const { return values_[i]; }

 private:
  napi_env env_;
  napi_value values_[kMax] = {};
};

inline napi_value toJs(napi_env env, double x) {
  napi_value v;
  napi_create_double(env, x, &v);
  return v;
}
inline napi_value toJs(napi_env env, const std::string& s) {
  napi_value v;
  napi_create_string_utf8(env, s.data(), s.size(), &v);
  return v;
}
inline napi_value toJs(napi_env env, bool b) {
  napi_value v;
  napi_get_boolean(env, b, &v);
  return v;
}
inline napi_value undefined(napi_env env) {
  napi_value v;
  napi_get_undefined(env, &v);
  return v;
}

/// What went wrong, without libtorch's C++ backtrace, which says nothing to a JavaScript programmer.
inline std::string messageOf(const std::exception& error) {
  if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) return torch->what_without_backtrace();
  if (dynamic_cast<const std::bad_alloc*>(&error)) return "out of memory";
  return error.what();
}

/// Runs `body(Env&, Args&)`; any C++ exception becomes a JavaScript Error.
template <typename Body>
napi_value guarded(napi_env env, napi_callback_info info, Body body) {
  Args args(env, info);
  try {
    return body(envOf(env), args);
  } catch (const std::exception& error) {
    napi_throw_error(env, "ERR_TORCH", messageOf(error).c_str());
  } catch (...) {
    napi_throw_error(env, "ERR_TORCH", "an exception of unknown type left libtorch");
  }
  return nullptr;
}

struct Binding {
  const char* name;
  napi_callback callback;
};

template <size_t N>
void bind(napi_env env, napi_value exports, const Binding (&bindings)[N]) {
  for (const auto& binding : bindings) {
    napi_value function;
    napi_create_function(env, binding.name, NAPI_AUTO_LENGTH, binding.callback, nullptr, &function);
    napi_set_named_property(env, exports, binding.name, function);
  }
}

void bindDispatch(napi_env env, napi_value exports);
void bindTensors(napi_env env, napi_value exports);
void bindAutograd(napi_env env, napi_value exports);
void bindSystem(napi_env env, napi_value exports);
void bindDistributed(napi_env env, napi_value exports);

}  // namespace mien
