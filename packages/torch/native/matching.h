// Which overload a call means: the arguments as they lie on the tape against the schemas.
#pragma once
#include <string>
#include <vector>

#include "operators.h"

namespace mien {

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

inline const Value& valueAt(const Call& call, int source) {
  const auto positional = static_cast<int>(call.positional.size());
  return source < positional ? call.positional[source] : call.keywords[source - positional].value;
}

/// Matches a call to a schema. On failure returns No and, where asked, says why.
Fit match(Env& env, const Call& call, const Overload& overload, Bound& binding, std::string* why);

/// The overload that fits best (the first that fits exactly, else the first that fits by a conversion), or nullptr.
const Overload* choose(Env& env, const Call& call, const Packet& packet, Bound& binding);

/// Throws an error that says for each overload why it does not fit.
[[noreturn]] void refuseAll(Env& env, const Call& call, const Packet& packet);

}  // namespace mien
