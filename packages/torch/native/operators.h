// The operators that libtorch's dispatcher knows, by name, and the schemas that calls are matched against.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "values.h"

namespace mien {

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
  bool needsFiniteInput = false;
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

const Registry& registry();

/// `align_corners` -> `alignCorners`; leading, trailing and double underscores stay. The same rule as in operators.ts.
std::string camelCase(const std::string& name);

/// Looks up `aten::add` (all overloads) or `aten::add.Tensor` (that one).
/// Throws std::invalid_argument for an unknown name, and for unchecked operators (unchecked.h) that were not asked for.
Packet packetOf(const std::string& name, bool unchecked);

std::string schemaText(const Overload& overload);

}  // namespace mien
