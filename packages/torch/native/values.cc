#include "values.h"

#include "compat.h"

namespace mien {

namespace {

/// A number as PyTorch's Python front end wraps it: 0-dimensional, and weak in type promotion.
at::Tensor wrapNumber(const Value& v) {
  at::Tensor t;
  if (v.tag == Tag::Bool) {
    t = at::scalar_tensor(v.number != 0, at::kBool);
  } else if (v.tag == Tag::Complex) {
    t = at::scalar_tensor(c10::complex<double>(v.number, v.second), at::kComplexDouble);
  } else if (v.isIntegral()) {
    t = at::scalar_tensor(v.toInt(), at::kLong);
  } else {
    t = at::scalar_tensor(v.number, at::kDouble);
  }
  t.unsafeGetTensorImpl()->set_wrapped_number(true);
  return t;
}

at::Scalar scalarOf(const Value& v) {
  if (v.tag == Tag::Bool) return at::Scalar(v.number != 0);
  if (v.tag == Tag::Complex) return at::Scalar(c10::complex<double>(v.number, v.second));
  if (v.isIntegral()) return at::Scalar(v.toInt());
  return at::Scalar(v.number);
}

std::string expected(const TypeSpec& spec) {
  if (!spec.type) return "this type";
  if (spec.kind == Kind::List && spec.size) {
    return spec.element->type->str() + "[" + std::to_string(*spec.size) + "]";
  }
  return spec.type->str();
}

[[noreturn]] void refuse(Env& env, const Value& v, const TypeSpec& spec) {
  throw std::invalid_argument("expected " + expected(spec) + ", found " + describe(env, v));
}

std::vector<Value> elementsOf(const Value& list) {
  TapeReader reader(list.payload, list.end);
  std::vector<Value> out;
  out.reserve(list.count);
  for (uint32_t i = 0; i < list.count; i++) out.push_back(reader.next());
  return out;
}

bool isNumber(const Value& v) {
  return v.tag == Tag::Number || v.tag == Tag::Bool || v.tag == Tag::BigInt || v.tag == Tag::Complex;
}

c10::IValue listOf(Env& env, const Value& v, const TypeSpec& spec) {
  const TypeSpec& el = *spec.element;
  std::vector<Value> items;
  if (v.tag == Tag::List) items = elementsOf(v);
  const auto size = static_cast<size_t>(spec.size.value_or(1));
  if (v.tag != Tag::List) items.assign(size, v);
  if (items.size() == 1 && size > 1) items.resize(size, items[0]);
  switch (el.kind) {
    case Kind::Int:
    case Kind::DType:
    case Kind::Layout:
    case Kind::MemoryFormat: {
      if (el.optional) break;
      c10::List<int64_t> list;
      list.reserve(items.size());
      for (const auto& item : items) list.push_back(toIValue(env, item, el).toInt());
      return list;
    }
    case Kind::Float: {
      if (el.optional) break;
      c10::List<double> list;
      list.reserve(items.size());
      for (const auto& item : items) list.push_back(toIValue(env, item, el).toDouble());
      return list;
    }
    case Kind::Bool: {
      if (el.optional) break;
      c10::List<bool> list;
      list.reserve(items.size());
      for (const auto& item : items) list.push_back(toIValue(env, item, el).toBool());
      return list;
    }
    case Kind::Tensor: {
      if (el.optional) {
        using MaybeTensor = compat::optional<at::Tensor>;
        c10::List<MaybeTensor> list;
        for (const auto& item : items) {
          auto value = toIValue(env, item, el);
          list.push_back(value.isNone() ? MaybeTensor() : MaybeTensor(value.toTensor()));
        }
        return list;
      }
      c10::List<at::Tensor> list;
      list.reserve(items.size());
      for (const auto& item : items) list.push_back(toIValue(env, item, el).toTensor());
      return list;
    }
    default:
      break;
  }
  c10::impl::GenericList list(el.optional ? c10::TypePtr(c10::OptionalType::create(el.type)) : el.type);
  for (const auto& item : items) list.push_back(toIValue(env, item, el));
  return list;
}

}  // namespace

TypeSpec specOf(const c10::TypePtr& realType, std::optional<int32_t> size, bool mayBeEmpty) {
  using K = c10::TypeKind;
  TypeSpec spec;
  spec.type = realType;
  switch (realType->kind()) {
    case K::OptionalType:
      spec = specOf(realType->castRaw<c10::OptionalType>()->getElementType(), size, mayBeEmpty);
      spec.optional = true;
      return spec;
    case K::TensorType:
      spec.kind = Kind::Tensor;
      break;
    case K::NumberType:
      spec.kind = Kind::Scalar;
      break;
    case K::IntType:
    case K::SymIntType:
      spec.kind = Kind::Int;
      break;
    case K::FloatType:
      spec.kind = Kind::Float;
      break;
    case K::ComplexType:
      spec.kind = Kind::Complex;
      break;
    case K::BoolType:
      spec.kind = Kind::Bool;
      break;
    case K::StringType:
      spec.kind = Kind::String;
      break;
    case K::DeviceObjType:
      spec.kind = Kind::Device;
      break;
    case K::ScalarTypeType:
      spec.kind = Kind::DType;
      break;
    case K::LayoutType:
      spec.kind = Kind::Layout;
      break;
    case K::MemoryFormatType:
      spec.kind = Kind::MemoryFormat;
      break;
    case K::GeneratorType:
      spec.kind = Kind::Generator;
      break;
    case K::ListType:
      spec.kind = Kind::List;
      spec.size = size;
      spec.mayBeEmpty = mayBeEmpty;
      spec.element = std::make_shared<TypeSpec>(specOf(realType->castRaw<c10::ListType>()->getElementType(), {}));
      break;
    default:
      spec.kind = Kind::Other;
  }
  return spec;
}

Fit fits(const Value& v, const TypeSpec& spec) {
  if (v.tag == Tag::Null) return spec.optional ? Fit::Exact : Fit::No;
  const auto exactIf = [](bool yes) { return yes ? Fit::Exact : Fit::No; };
  switch (spec.kind) {
    case Kind::Tensor:
      if (v.tag == Tag::Tensor) return Fit::Exact;
      return isNumber(v) ? Fit::Convertible : Fit::No;
    case Kind::Scalar:
      return exactIf(isNumber(v));
    case Kind::Int:
      return exactIf(v.isIntegral());
    case Kind::Float:
      return exactIf(v.tag == Tag::Number);
    case Kind::Complex:
      return exactIf(v.tag == Tag::Complex || v.tag == Tag::Number);
    case Kind::Bool:
      return exactIf(v.tag == Tag::Bool);
    case Kind::String:
    case Kind::Device:
      return exactIf(v.tag == Tag::String);
    case Kind::DType:
      return exactIf(v.tag == Tag::String && isDtype(v.toString()));
    case Kind::Layout:
      return exactIf(v.tag == Tag::String && isLayout(v.toString()));
    case Kind::MemoryFormat:
      return exactIf(v.tag == Tag::String && isMemoryFormat(v.toString()));
    case Kind::Generator:
      return exactIf(v.tag == Tag::Generator);
    case Kind::List: {
      if (v.tag != Tag::List) {
        // `stride: 2` for int[2]; a lone tensor is not a list of tensors.
        if (!spec.size || spec.element->kind == Kind::Tensor) return Fit::No;
        return fits(v, *spec.element) == Fit::No ? Fit::No : Fit::Convertible;
      }
      const auto size = static_cast<uint32_t>(spec.size.value_or(1));
      if (size > 1 && v.count > 1 && v.count != size) return Fit::No;
      if (size > 1 && v.count == 0 && !spec.mayBeEmpty) return Fit::No;
      Fit worst = Fit::Exact;
      for (const auto& item : elementsOf(v)) worst = std::min(worst, fits(item, *spec.element));
      return worst;
    }
    case Kind::Other:
      return Fit::No;
  }
  return Fit::No;
}

c10::IValue toIValue(Env& env, const Value& v, const TypeSpec& spec) {
  if (v.tag == Tag::Null && spec.optional) return {};
  if (fits(v, spec) == Fit::No) {
    if (v.tag == Tag::String && spec.kind == Kind::DType) dtypeOf(v.toString());
    if (v.tag == Tag::String && spec.kind == Kind::Layout) layoutOf(v.toString());
    if (v.tag == Tag::String && spec.kind == Kind::MemoryFormat) {
      memoryFormatOf(v.toString());
    }
    refuse(env, v, spec);
  }
  switch (spec.kind) {
    case Kind::Tensor:
      return v.tag == Tag::Tensor ? env.tensor(v.number) : wrapNumber(v);
    case Kind::Scalar:
      return scalarOf(v);
    case Kind::Int:
      return v.toInt();
    case Kind::Float:
      return v.number;
    case Kind::Complex:
      return c10::complex<double>(v.number, v.second);
    case Kind::Bool:
      return v.number != 0;
    case Kind::String:
      return v.toString();
    case Kind::Device:
      return deviceOf(v.toString());
    case Kind::DType:
      return static_cast<int64_t>(dtypeOf(v.toString()));
    case Kind::Layout:
      return layoutOf(v.toString());
    case Kind::MemoryFormat:
      return memoryFormatOf(v.toString());
    case Kind::Generator: {
      auto* generator = env.generators.find(v.number);
      if (!generator) throw std::invalid_argument("the generator was disposed");
      return *generator;
    }
    case Kind::List:
      return listOf(env, v, spec);
    case Kind::Other:
      break;
  }
  refuse(env, v, spec);
}

void writeIValue(Env& env, const c10::IValue& value, const TypeSpec& spec) {
  auto& out = env.results;
  if (value.isNone()) return out.tag(Tag::Null);
  if (value.isTensor()) {
    const auto& tensor = value.toTensor();
    return tensor.defined() ? out.value(Tag::Tensor, env.put(tensor)) : out.tag(Tag::Null);
  }
  if (value.isInt()) {
    if (spec.kind == Kind::DType) return out.string(nameOf(static_cast<at::ScalarType>(value.toInt())));
    return out.integer(value.toInt());
  }
  if (value.isDouble()) return out.value(Tag::Number, value.toDouble());
  if (value.isBool()) return out.value(Tag::Bool, value.toBool());
  if (value.isComplexDouble()) {
    out.value(Tag::Complex, value.toComplexDouble().real());
    return out.number(value.toComplexDouble().imag());
  }
  if (value.isString()) return out.string(value.toStringRef());
  if (value.isDevice()) return out.string(value.toDevice().str());
  if (value.isGenerator()) return out.value(Tag::Generator, env.generators.put(value.toGenerator()));
  if (value.isList()) {
    const auto list = value.toList();
    out.value(Tag::List, static_cast<double>(list.size()));
    for (size_t i = 0; i < list.size(); i++) writeIValue(env, list.get(i), spec.element ? *spec.element : spec);
    return;
  }
  if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    out.value(Tag::List, static_cast<double>(elements.size()));
    for (const auto& element : elements) writeIValue(env, element, TypeSpec());
    return;
  }
  throw std::invalid_argument("the operator returned " + value.tagKind() + ", which has no JavaScript form");
}

std::string describe(Env& env, const Value& v) {
  switch (v.tag) {
    case Tag::Default:
      return "undefined";
    case Tag::Null:
      return "null";
    case Tag::Bool:
      return v.number != 0 ? "true" : "false";
    case Tag::Number: {
      std::ostringstream text;
      text.precision(17);
      text << "the number " << v.number;
      return text.str();
    }
    case Tag::BigInt:
      return "the bigint " + std::to_string(v.toInt());
    case Tag::Complex:
      return "a complex number";
    case Tag::String:
      return "the string '" + v.toString() + "'";
    case Tag::List:
      return "an array of length " + std::to_string(v.count);
    case Tag::Generator:
      return "a Generator";
    case Tag::Tensor: {
      const auto* slot = env.tensors.find(v.number);
      if (!slot) return "a disposed tensor";
      std::ostringstream text;
      text << nameOf(slot->tensor.scalar_type()) << " tensor of shape [";
      for (int64_t i = 0; i < slot->tensor.dim(); i++) text << (i ? ", " : "") << slot->tensor.size(i);
      text << "]";
      return text.str();
    }
    default:
      return "an unknown value";
  }
}

}  // namespace mien
