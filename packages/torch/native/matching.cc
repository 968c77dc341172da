#include "matching.h"

namespace mien {

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

const Overload* choose(Env& env, const Call& call, const Packet& packet, Bound& binding) {
  static thread_local Bound candidate;
  const Overload* chosen = nullptr;
  for (const auto& overload : packet.overloads) {
    const auto fit = match(env, call, overload, candidate, nullptr);
    if (fit == Fit::No || (fit == Fit::Convertible && chosen)) continue;
    chosen = &overload;
    std::swap(binding, candidate);
    if (fit == Fit::Exact) break;
  }
  return chosen;
}

void refuseAll(Env& env, const Call& call, const Packet& packet) {
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

}  // namespace mien
