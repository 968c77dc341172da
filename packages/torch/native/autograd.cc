// Gradients, and the thread-local modes under which operators run.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>

#include "collective_failure.h"
#include "compat.h"
#include "napi_util.h"
#include "values.h"

namespace mien {

namespace {

/// Reads a list of tensors (null: undefined tensor) from the tape.
std::vector<at::Tensor> tensorsFrom(Env& env, TapeReader& reader) {
  const auto list = reader.next();
  if (list.tag != Tag::List) return {};
  TapeReader items(list.payload, list.end);
  std::vector<at::Tensor> tensors;
  for (uint32_t i = 0; i < list.count; i++) {
    const auto item = items.next();
    if (item.tag == Tag::Tensor) {
      tensors.push_back(env.tensor(item.number));
    } else if (item.tag == Tag::Null || item.tag == Tag::Default) {
      tensors.emplace_back();
    } else {
      throw std::invalid_argument("expected a tensor, found " + describe(env, item));
    }
  }
  return tensors;
}

/// `undefined` leaves the decision to libtorch: retain exactly when a graph of the gradient is made.
compat::optional<bool> maybe(const Args& args, size_t i) {
  if (args.typeOf(i) != napi_boolean) return {};
  return args.boolean(i);
}

/// Runs a backward pass. A collective operation that failed in it becomes an error that says which, and on which rank.
template <typename Body>
napi_value tellingFailures(napi_env napi, Body body) {
  try {
    return body();
  } catch (const CollectiveFailure& failure) {
    napi_value error;
    napi_create_error(napi, toJs(napi, std::string("ERR_C10D")), toJs(napi, std::string(failure.what())), &error);
    const auto set = [&](const char* name, napi_value value) { napi_set_named_property(napi, error, name, value); };
    set("rank", toJs(napi, static_cast<double>(failure.rank)));
    set("worldSize", toJs(napi, static_cast<double>(failure.size)));
    set("operation", toJs(napi, failure.operation));
    set("timeoutMs", toJs(napi, failure.timeoutMs));
    napi_throw(napi, error);
    return nullptr;
  }
}

/// backward(retainGraph?, createGraph) with the lists tensors, gradients, inputs on the tape
napi_value backward(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto reader = env.reader();
    const auto tensors = tensorsFrom(env, reader);
    const auto gradients = tensorsFrom(env, reader);
    const auto inputs = tensorsFrom(env, reader);
    return tellingFailures(napi, [&] {
      torch::autograd::backward(tensors, gradients, maybe(args, 0), args.boolean(1), inputs);
      return undefined(napi);
    });
  });
}

/// gradients(retainGraph?, createGraph, allowUnused) with the lists outputs, gradients, inputs on the tape
/// -> count, with a handle, or 0 for an unused input, for each of them on the tape
napi_value gradients(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto reader = env.reader();
    const auto outputs = tensorsFrom(env, reader);
    const auto given = tensorsFrom(env, reader);
    const auto inputs = tensorsFrom(env, reader);
    return tellingFailures(napi, [&] {
      const auto grads =
          torch::autograd::grad(outputs, inputs, given, maybe(args, 0), args.boolean(1), args.boolean(2));
      env.results.clear();
      for (const auto& g : grads) env.results.number(g.defined() ? env.put(g) : 0.0);
      env.flushResults();
      return toJs(napi, static_cast<double>(grads.size()));
    });
  });
}

/// grad(handle) -> handle, or 0 where there is none
napi_value grad(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    // mutable_grad does not warn about tensors that are no leaves.
    const auto g = env.tensor(args.number(0)).mutable_grad();
    return toJs(napi, g.defined() ? env.put(g) : 0.0);
  });
}

/// setGrad(handle, handle or 0)
napi_value setGrad(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& tensor = env.tensor(args.number(0));
    if (args.number(1) == 0) {
      tensor.mutable_grad().reset();
    } else {
      const auto& gradient = env.tensor(args.number(1));
      TORCH_CHECK_VALUE(gradient.sizes() == tensor.sizes(), "a gradient of shape ", gradient.sizes(),
                        " was assigned to a tensor of shape ", tensor.sizes());
      TORCH_CHECK_VALUE(gradient.device() == tensor.device(), "a gradient on ", gradient.device(),
                        " was assigned to a tensor on ", tensor.device());
      tensor.mutable_grad() = gradient;
    }
    return undefined(napi);
  });
}

napi_value requiresGrad(napi_env napi, napi_callback_info info) {
  return guarded(napi, info,
                 [&](Env& env, Args& args) { return toJs(napi, env.tensor(args.number(0)).requires_grad()); });
}

napi_value setRequiresGrad(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& tensor = env.tensor(args.number(0));
    TORCH_CHECK(args.boolean(1) || tensor.is_leaf(),
                "requires_grad can only be switched off on leaves; use detach() for a tensor that was computed");
    tensor.set_requires_grad(args.boolean(1));
    return undefined(napi);
  });
}

napi_value isLeaf(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) { return toJs(napi, env.tensor(args.number(0)).is_leaf()); });
}

napi_value retainGrad(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    env.tensor(args.number(0)).retain_grad();
    return undefined(napi);
  });
}

/// gradFn(handle) -> name of the function that made the tensor, or ''
napi_value gradFn(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto& fn = env.tensor(args.number(0)).grad_fn();
    return toJs(napi, fn ? fn->name() : std::string());
  });
}

/// version(handle) -> how often the tensor was changed in place
napi_value version(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    return toJs(napi, static_cast<double>(env.tensor(args.number(0))._version()));
  });
}

napi_value gradEnabled(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) { return toJs(napi, at::GradMode::is_enabled()); });
}

napi_value setGradEnabled(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    at::GradMode::set_enabled(args.boolean(0));
    return undefined(napi);
  });
}

/// inferenceMode(enter): enters, or leaves what was entered last
napi_value inferenceMode(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    if (args.boolean(0)) {
      env.inferenceModes.push_back(std::make_unique<c10::InferenceMode>(true));
    } else {
      TORCH_CHECK(!env.inferenceModes.empty(), "inference mode was not entered");
      env.inferenceModes.pop_back();
    }
    return undefined(napi);
  });
}

napi_value inInferenceMode(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) { return toJs(napi, c10::InferenceMode::is_enabled()); });
}

/// autocast(device) -> [enabled, dtype, cache enabled]
napi_value autocast(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    const auto device = deviceOf(args.string(0)).type();
    napi_value state;
    napi_create_array_with_length(napi, 3, &state);
    napi_set_element(napi, state, 0, toJs(napi, compat::autocastEnabled(device)));
    napi_set_element(napi, state, 1, toJs(napi, std::string(nameOf(compat::autocastDtype(device)))));
    napi_set_element(napi, state, 2, toJs(napi, at::autocast::is_autocast_cache_enabled()));
    return state;
  });
}

/// setAutocast(device, enabled, dtype, cache enabled)
napi_value setAutocast(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    const auto device = deviceOf(args.string(0)).type();
    const auto dtype = dtypeOf(args.string(2));
    compat::setAutocastEnabled(device, args.boolean(1));
    compat::setAutocastDtype(device, dtype);
    at::autocast::set_autocast_cache_enabled(args.boolean(3));
    return undefined(napi);
  });
}

/// autocastNesting(+1 or -1): the cache of casted weights lives as long as the outermost region
napi_value autocastNesting(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    if (args.integer(0) > 0) {
      at::autocast::increment_nesting();
    } else if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
    return undefined(napi);
  });
}

}  // namespace

void bindAutograd(napi_env env, napi_value exports) {
  static constexpr Binding kBindings[] = {
      {"backward", backward},
      {"gradients", gradients},
      {"grad", grad},
      {"setGrad", setGrad},
      {"requiresGrad", requiresGrad},
      {"setRequiresGrad", setRequiresGrad},
      {"isLeaf", isLeaf},
      {"retainGrad", retainGrad},
      {"gradFn", gradFn},
      {"version", version},
      {"gradEnabled", gradEnabled},
      {"setGradEnabled", setGradEnabled},
      {"inferenceMode", inferenceMode},
      {"inInferenceMode", inInferenceMode},
      {"autocast", autocast},
      {"setAutocast", setAutocast},
      {"autocastNesting", autocastNesting},
  };
  bind(env, exports, kBindings);
}

}  // namespace mien
