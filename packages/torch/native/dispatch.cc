// Calling operators: looked up by name, arguments converted by schema, called boxed through libtorch's own dispatcher.
#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "matching.h"
#include "napi_util.h"
#include "trap.h"

namespace mien {

namespace {

/// A kernel that crashed while it drew random numbers left its generator locked; the next one would wait for ever.
void unlockGenerators(Env& env) {
  const auto unlock = [](at::Generator& generator) {
    // Another worker that is drawing lets go in far less time.
    constexpr auto kPatience = std::chrono::milliseconds(500);
    const auto start = std::chrono::steady_clock::now();
    while (!generator.mutex().try_lock()) {
      if (std::chrono::steady_clock::now() - start > kPatience) break;  // this thread itself holds the lock
      std::this_thread::yield();
    }
    generator.mutex().unlock();
  };
  auto standard = at::globalContext().defaultGenerator(at::kCPU);
  unlock(standard);
  env.generators.forEach(unlock);
}

void checkFinite(const c10::IValue& input) {
  at::NoGradGuard guard;
  if (!input.isTensor() || at::isfinite(input.toTensor()).all().item<bool>()) return;
  throw std::invalid_argument("expected a matrix of finite numbers, found NaN or infinity in it");
}

void callTrapped(Env& env, const c10::OperatorHandle& handle, torch::jit::Stack& stack) {
  struct Context {
    const c10::OperatorHandle& handle;
    torch::jit::Stack& stack;
  } context{handle, stack};
  const int signal = runTrapped(
      [](void* given) {
        auto& c = *static_cast<Context*>(given);
        c.handle.callBoxed(&c.stack);
      },
      &context);
  if (signal == 0) return;
  // Its values may be half moved; destroying them could crash again.
  new (&stack) torch::jit::Stack();
  unlockGenerators(env);
  throw std::runtime_error("libtorch crashed on these arguments (" + signalName(signal) +
                           "), which it does not check; the process may be damaged: save your work and restart it");
}

void run(Env& env, const Call& call, const Overload& overload, const Bound& binding) {
  const auto& schema = overload.schema();
  torch::jit::Stack stack;
  stack.reserve(std::max(overload.arguments.size(), overload.returns.size()));
  for (size_t i = 0; i < overload.arguments.size(); i++) {
    const auto source = binding.source[i];
    if (source == kAbsent || valueAt(call, source).tag == Tag::Default) {
      const auto& fallback = schema.arguments()[i].default_value();
      stack.push_back(fallback ? *fallback : c10::IValue());
      continue;
    }
    try {
      stack.push_back(toIValue(env, valueAt(call, source), overload.arguments[i].type));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("argument '" + camelCase(schema.arguments()[i].name()) + "': " + error.what());
    }
  }
  if (overload.needsFiniteInput) checkFinite(stack[0]);
  callTrapped(env, overload.handle, stack);
  for (size_t i = 0; i < stack.size(); i++) {
    const auto same = overload.returns[i].same;
    if (same >= 0 && binding.source[same] != kAbsent && valueAt(call, binding.source[same]).tag == Tag::Tensor) {
      env.results.value(Tag::Same, binding.source[same]);
    } else {
      writeIValue(env, stack[i], overload.returns[i].type);
    }
  }
}

/// The packets that this thread has looked up.
std::vector<std::unique_ptr<Packet>>& packets() {
  static thread_local std::vector<std::unique_ptr<Packet>> instance;
  return instance;
}

constexpr double kFailed = -1;
constexpr double kTapeTooShort = -2;

/// call(packet, positional, keywords) -> number of values returned, -1 (error: see lastError) or -2 (see fetchResults)
napi_value call(napi_env napi, napi_callback_info info) {
  Args args(napi, info);
  Env& env = envOf(napi);
  const Packet* packet = nullptr;
  const Overload* chosen = nullptr;
  try {
    env.releaseBorrowed(napi);
    env.results.clear();
    env.errorSchema.clear();
    packet = packets().at(static_cast<size_t>(args.integer(0))).get();

    static thread_local Call given;
    given.positional.clear();
    given.keywords.clear();
    auto reader = env.reader();
    for (auto n = args.integer(1); n > 0; n--) given.positional.push_back(reader.next());
    for (auto n = args.integer(2); n > 0; n--) {
      const auto nameId = static_cast<int>(reader.raw());
      given.keywords.push_back({nameId, reader.next()});
    }

    static thread_local Bound binding;
    chosen = choose(env, given, *packet, binding);
    if (!chosen) refuseAll(env, given, *packet);
    run(env, given, *chosen, binding);
    env.passWarnings(napi);
    env.resultCount = chosen->returns.size();
    return toJs(napi, env.flushResults() ? static_cast<double>(env.resultCount) : kTapeTooShort);
  } catch (const std::exception& error) {
    env.errorMessage = messageOf(error);
  } catch (...) {
    env.errorMessage = "an exception of unknown type left libtorch";
  }
  if (chosen) env.errorSchema = schemaText(*chosen);
  env.errorMessage = (packet ? packet->name + ": " : "") + env.errorMessage;
  return toJs(napi, kFailed);
}

/// lookup(name, unchecked) -> packet
napi_value lookup(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args& args) {
    packets().push_back(std::make_unique<Packet>(packetOf(args.string(0), args.boolean(1))));
    return toJs(napi, static_cast<double>(packets().size() - 1));
  });
}

/// lastError() -> [message, schema]
napi_value lastError(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args&) {
    napi_value pair;
    napi_create_array_with_length(napi, 2, &pair);
    napi_set_element(napi, pair, 0, toJs(napi, env.errorMessage));
    napi_set_element(napi, pair, 1, toJs(napi, env.errorSchema));
    return pair;
  });
}

/// setTape(Float64Array)
napi_value setTape(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    env.setTape(napi, args[0]);
    return undefined(napi);
  });
}

/// setWarningSink(function of a string)
napi_value setWarningSink(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    env.setWarningSink(napi, args[0]);
    return undefined(napi);
  });
}

/// resultsLength() -> how long a tape the last call's results need
napi_value resultsLength(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args&) {
    return toJs(napi, static_cast<double>(env.results.data().size()));
  });
}

/// fetchResults() -> their number, once the tape is long enough
napi_value fetchResults(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args&) {
    if (!env.flushResults()) throw std::length_error("the tape is still too short for the results");
    return toJs(napi, static_cast<double>(env.resultCount));
  });
}

/// operators() -> { name: [schema text of each overload] }
napi_value operators(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) {
    napi_value object;
    napi_create_object(napi, &object);
    for (const auto& [name, overloads] : registry().operators) {
      napi_value list;
      napi_create_array(napi, &list);
      const auto packet = packetOf(name, true);
      uint32_t i = 0;
      for (const auto& overload : packet.overloads) {
        napi_set_element(napi, list, i++, toJs(napi, schemaText(overload)));
      }
      napi_set_named_property(napi, object, name.c_str(), list);
    }
    return object;
  });
}

/// operatorNames() -> [name, has an overload whose first argument is `Tensor self`, …] for every operator
napi_value operatorNames(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) {
    napi_value list;
    napi_create_array(napi, &list);
    uint32_t i = 0;
    for (const auto& [name, overloads] : registry().operators) {
      bool method = false;
      for (const auto& op : overloads) {
        const auto handle = c10::Dispatcher::singleton().findSchema(op);
        const auto& arguments = handle->schema().arguments();
        method |= !arguments.empty() && arguments[0].name() == "self" &&
                  arguments[0].type()->kind() == c10::TypeKind::TensorType;
      }
      napi_set_element(napi, list, i++, toJs(napi, name));
      napi_set_element(napi, list, i++, toJs(napi, method));
    }
    return list;
  });
}

/// argumentNames() -> camelCase names; an argument's id is its position
napi_value argumentNames(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env&, Args&) {
    napi_value list;
    napi_create_array(napi, &list);
    uint32_t i = 0;
    for (const auto& name : registry().argumentNames) napi_set_element(napi, list, i++, toJs(napi, name));
    return list;
  });
}

}  // namespace

void bindDispatch(napi_env env, napi_value exports) {
  static constexpr Binding kBindings[] = {
      {"call", call},
      {"lookup", lookup},
      {"lastError", lastError},
      {"setTape", setTape},
      {"setWarningSink", setWarningSink},
      {"resultsLength", resultsLength},
      {"fetchResults", fetchResults},
      {"operators", operators},
      {"operatorNames", operatorNames},
      {"argumentNames", argumentNames},
  };
  bind(env, exports, kBindings);
}

}  // namespace mien
