#include "operators.h"

#include <algorithm>
#include <sstream>

#include "unchecked.h"

namespace mien {

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

namespace {

Overload resolve(const c10::OperatorName& name) {
  Overload overload(c10::Dispatcher::singleton().findSchemaOrThrow(name.name.c_str(), name.overload_name.c_str()));
  const auto& schema = overload.schema();
  overload.needsFiniteInput = needsFiniteInput(name);
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

}  // namespace

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

std::string schemaText(const Overload& overload) {
  std::ostringstream text;
  text << overload.schema();
  return text.str();
}

}  // namespace mien
