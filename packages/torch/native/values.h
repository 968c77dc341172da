// Between the tape and libtorch's IValue, guided by an operator's schema.
#pragma once
#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <memory>
#include <optional>
#include <string>

#include "env.h"
#include "names.h"

namespace mien {

/// The kinds of schema type that can come from JavaScript. `Other` (streams, quantizers, classes) only takes its default.
enum class Kind {
  Tensor,
  Scalar,
  Int,
  Float,
  Complex,
  Bool,
  String,
  Device,
  DType,
  Layout,
  MemoryFormat,
  Generator,
  List,
  Other,
};

/// A schema type, resolved once when the operator is looked up.
struct TypeSpec {
  Kind kind = Kind::Other;
  bool optional = false;
  /// `int[2]`: one number stands for two. From 2 on also the length that a list must have, unless it has one element,
  /// which is repeated, or none and `mayBeEmpty`: kernels read that many elements without looking.
  std::optional<int32_t> size;
  bool mayBeEmpty = false;
  std::shared_ptr<TypeSpec> element;
  c10::TypePtr type;
};

TypeSpec specOf(const c10::TypePtr& realType, std::optional<int32_t> size, bool mayBeEmpty = false);

/// How well a value suits a type: No, by a conversion (a number as a 0-dimensional tensor), or as it is.
enum class Fit { No, Convertible, Exact };
Fit fits(const Value& value, const TypeSpec& spec);

/// Converts; throws std::invalid_argument that says what was expected and found.
c10::IValue toIValue(Env& env, const Value& value, const TypeSpec& spec);

/// Appends `value` to the results. DTypes, layouts and devices become their names.
void writeIValue(Env& env, const c10::IValue& value, const TypeSpec& spec);

std::string describe(Env& env, const Value& value);

}  // namespace mien
