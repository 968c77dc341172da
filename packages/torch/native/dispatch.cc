// Every operator of libtorch through its own dispatcher: looked up by name, arguments converted by schema, called boxed.
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>
#include <unordered_map>

#include "napi_util.h"
#include "trap.h"
#include "unchecked.h"
#include "values.h"

namespace mien {

namespace {

struct ArgumentSpec {
  TypeSpec type;
  int nameId;
  bool keywordOnly;
};

struct ReturnSpec {
  TypeSpec type;
  /// The argument that the operator writes to and hands back (`add_`, `out=`), or -1.
  int same;
};

struct Overload {
  explicit Overload(c10::OperatorHandle h) : handle(std::move(h)) {}
  c10::OperatorHandle handle;
  std::vector<ArgumentSpec> arguments;
  std::vector<ReturnSpec> returns;
  const c10::FunctionSchema& schema() const { return handle.schema(); }
};

/// The overloads that one name in JavaScript stands for, in the order in which they are tried.
struct Packet {
  std::string name;
  std::vector<Overload> overloads;
};

/// Names of all operators and arguments, read from the dispatcher once for the whole process.
struct Registry {
  std::map<std::string, std::vector<c10::OperatorName>> operators;
  std::vector<std::string> argumentNames;
  std::unordered_map<std::string, int> argumentIds;
};

/// `align_corners` -> `alignCorners`; leading, trailing and double underscores stay. The same rule as in operators.ts.
std::string camelCase(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    const bool joint = name[i] == '_' && i > 0 && name[i - 1] != '_' && i + 1 < name.size() && name[i + 1] != '_';
    out.push_back(joint ? static_cast<char>(std::toupper(name[++i])) : name[i]);
  }
  return out;
}

const Registry& registry() {
  static const Registry instance = [] {
    Registry r;
    for (const auto& op : c10::Dispatcher::singleton().getAllOpNames()) {
      const auto handle = c10::Dispatcher::singleton().findSchema(op);
      if (!handle) continue;
      r.operators[op.name].push_back(op);
      for (const auto& argument : handle->schema().arguments()) {
        const auto name = camelCase(argument.name());
        if (r.argumentIds.emplace(name, static_cast<int>(r.argumentNames.size())).second) {
          r.argumentNames.push_back(name);
        }
      }
    }
    return r;
  }();
  return instance;
}

Overload resolve(const c10::OperatorName& name) {
  Overload overload(c10::Dispatcher::singleton().findSchemaOrThrow(name.name.c_str(), name.overload_name.c_str()));
  const auto& schema = overload.schema();
  for (const auto& argument : schema.arguments()) {
    const auto size = argument.N() ? std::optional<int32_t>(*argument.N()) : std::optional<int32_t>();
    const auto& fallback = argument.default_value();
    const bool mayBeEmpty = fallback && fallback->isList() && fallback->toListRef().empty();
    overload.arguments.push_back({specOf(argument.real_type(), size, mayBeEmpty),
                                  registry().argumentIds.at(camelCase(argument.name())), argument.kwarg_only()});
  }
  for (const auto& returned : schema.returns()) {
    int same = -1;
    const auto* alias = returned.alias_info();
    if (alias && alias->isWrite()) {
      for (size_t i = 0; i < schema.arguments().size(); i++) {
        const auto* candidate = schema.arguments()[i].alias_info();
        if (candidate && candidate->isWrite() && candidate->beforeSets() == alias->beforeSets()) {
          same = static_cast<int>(i);
        }
      }
    }
    overload.returns.push_back({specOf(returned.real_type(), {}), same});
  }
  return overload;
}

Packet packetOf(const std::string& name, bool unchecked) {
  const auto& operators = registry().operators;
  Packet packet{name, {}};
  bool refused = false;
  const auto add = [&](const c10::OperatorName& op) {
    if (!unchecked && isUnchecked(op)) {
      refused = true;
    } else {
      packet.overloads.push_back(resolve(op));
    }
  };
  auto found = operators.find(name);
  if (found != operators.end()) {
    for (const auto& op : found->second) add(op);
  } else if (const auto dot = name.rfind('.'); dot != std::string::npos) {
    found = operators.find(name.substr(0, dot));
    if (found != operators.end()) {
      for (const auto& op : found->second) {
        if (op.overload_name == name.substr(dot + 1)) add(op);
      }
    }
  }
  if (packet.overloads.empty()) {
    throw std::invalid_argument(
        refused ? name + " does not check its arguments, and wrong ones damage memory; if you are sure, ask for it " +
                      "with { unchecked: true }"
                : "unknown operator '" + name + "'");
  }
  // The dispatcher lists overloads in no particular order; the shortest schema that fits is the one meant.
  std::sort(packet.overloads.begin(), packet.overloads.end(), [](const Overload& a, const Overload& b) {
    if (a.arguments.size() != b.arguments.size()) return a.arguments.size() < b.arguments.size();
    return a.schema().overload_name() < b.schema().overload_name();
  });
  return packet;
}

struct Keyword {
  int nameId;
  Value value;
};

/// One call's arguments as they lie on the tape.
struct Call {
  std::vector<Value> positional;
  std::vector<Keyword> keywords;
};

constexpr int kAbsent = -1;

/// For each argument of the schema the index of the value given for it (keywords count on from the positional ones).
struct Bound {
  std::vector<int> source;
};

const Value& valueAt(const Call& call, int source) {
  const auto positional = static_cast<int>(call.positional.size());
  return source < positional ? call.positional[source] : call.keywords[source - positional].value;
}

/// Matches a call to a schema. On failure returns No and, where asked, says why.
Fit match(Env& env, const Call& call, const Overload& overload, Bound& binding, std::string* why) {
  const auto& arguments = overload.arguments;
  const auto& schema = overload.schema();
  const auto nameOfArgument = [&](size_t i) { return camelCase(schema.arguments()[i].name()); };
  binding.source.assign(arguments.size(), kAbsent);

  if (call.positional.size() > arguments.size()) {
    if (why) {
      *why = "takes " + std::to_string(arguments.size()) + " arguments, found " +
             std::to_string(call.positional.size());
    }
    return Fit::No;
  }
  for (size_t i = 0; i < call.positional.size(); i++) {
    if (arguments[i].keywordOnly) {
      if (why) *why = "argument '" + nameOfArgument(i) + "' and those after it go into the options object";
      return Fit::No;
    }
    binding.source[i] = static_cast<int>(i);
  }
  for (size_t k = 0; k < call.keywords.size(); k++) {
    size_t i = 0;
    while (i < arguments.size() && arguments[i].nameId != call.keywords[k].nameId) i++;
    if (i == arguments.size()) {
      if (why) *why = "has no argument '" + registry().argumentNames[call.keywords[k].nameId] + "'";
      return Fit::No;
    }
    if (binding.source[i] != kAbsent) {
      if (why) *why = "argument '" + nameOfArgument(i) + "' is given twice";
      return Fit::No;
    }
    binding.source[i] = static_cast<int>(call.positional.size() + k);
  }

  Fit worst = Fit::Exact;
  for (size_t i = 0; i < arguments.size(); i++) {
    const auto source = binding.source[i];
    if (source == kAbsent || valueAt(call, source).tag == Tag::Default) {
      const bool mayBeLeftOut = schema.arguments()[i].default_value() || (source != kAbsent && arguments[i].type.optional);
      if (mayBeLeftOut) continue;
      if (why) *why = "argument '" + nameOfArgument(i) + "' is missing";
      return Fit::No;
    }
    const auto fit = fits(valueAt(call, source), arguments[i].type);
    if (fit == Fit::No) {
      if (why) {
        *why = "argument '" + nameOfArgument(i) + "': ";
        try {
          toIValue(env, valueAt(call, source), arguments[i].type);
        } catch (const std::exception& error) {
          *why += error.what();
        }
      }
      return Fit::No;
    }
    worst = std::min(worst, fit);
  }
  return worst;
}

std::string schemaText(const Overload& overload) {
  std::ostringstream text;
  text << overload.schema();
  return text.str();
}

[[noreturn]] void refuseAll(Env& env, const Call& call, const Packet& packet) {
  std::string message;
  std::string schemas;
  for (const auto& overload : packet.overloads) {
    Bound binding;
    std::string why;
    match(env, call, overload, binding, &why);
    const auto text = schemaText(overload);
    schemas += (schemas.empty() ? "" : "\n") + text;
    if (packet.overloads.size() == 1) {
      message = why;
    } else {
      message += "\n  " + text + "\n    " + why;
    }
  }
  env.errorSchema = schemas;
  throw std::invalid_argument(packet.overloads.size() == 1 ? message : "no overload takes these arguments:" + message);
}

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

    static thread_local Bound binding, candidate;
    for (const auto& overload : packet->overloads) {
      const auto fit = match(env, given, overload, candidate, nullptr);
      if (fit == Fit::No || (fit == Fit::Convertible && chosen)) continue;
      chosen = &overload;
      std::swap(binding, candidate);
      if (fit == Fit::Exact) break;
    }
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
