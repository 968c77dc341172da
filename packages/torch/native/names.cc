#include "names.h"

#include <stdexcept>

namespace mien {

namespace {

struct DtypeName {
  at::ScalarType dtype;
  const char* name;
};
constexpr DtypeName kDtypes[] = {
    {at::kFloat, "float32"},         {at::kDouble, "float64"},          {at::kHalf, "float16"},
    {at::kBFloat16, "bfloat16"},     {at::kByte, "uint8"},              {at::kChar, "int8"},
    {at::kShort, "int16"},           {at::kInt, "int32"},               {at::kLong, "int64"},
    {at::kBool, "bool"},             {at::kComplexFloat, "complex64"},  {at::kComplexDouble, "complex128"},
    {at::kQInt8, "qint8"},           {at::kQUInt8, "quint8"},           {at::kQInt32, "qint32"},
};

struct NamedInt {
  int64_t value;
  const char* name;
};
constexpr NamedInt kLayouts[] = {
    {static_cast<int64_t>(at::Layout::Strided), "strided"},
    {static_cast<int64_t>(at::Layout::Sparse), "sparse_coo"},
    {static_cast<int64_t>(at::Layout::SparseCsr), "sparse_csr"},
    {static_cast<int64_t>(at::Layout::SparseCsc), "sparse_csc"},
    {static_cast<int64_t>(at::Layout::SparseBsr), "sparse_bsr"},
    {static_cast<int64_t>(at::Layout::SparseBsc), "sparse_bsc"},
    {static_cast<int64_t>(at::Layout::Mkldnn), "mkldnn"},
};
constexpr NamedInt kMemoryFormats[] = {
    {static_cast<int64_t>(at::MemoryFormat::Contiguous), "contiguous"},
    {static_cast<int64_t>(at::MemoryFormat::Preserve), "preserve"},
    {static_cast<int64_t>(at::MemoryFormat::ChannelsLast), "channels_last"},
    {static_cast<int64_t>(at::MemoryFormat::ChannelsLast3d), "channels_last_3d"},
};

template <size_t N>
int64_t lookUp(const NamedInt (&table)[N], const std::string& name, const char* what) {
  std::string known;
  for (const auto& row : table) {
    if (name == row.name) return row.value;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw std::invalid_argument(std::string("unknown ") + what + " '" + name + "'; expected one of " + known);
}

template <size_t N>
bool knows(const NamedInt (&table)[N], const std::string& name) {
  for (const auto& row : table)
    if (name == row.name) return true;
  return false;
}

}  // namespace

bool isDtype(const std::string& name) {
  for (const auto& row : kDtypes)
    if (name == row.name) return true;
  return false;
}

bool isLayout(const std::string& name) { return knows(kLayouts, name); }
bool isMemoryFormat(const std::string& name) { return knows(kMemoryFormats, name); }

int64_t layoutOf(const std::string& name) { return lookUp(kLayouts, name, "layout"); }
int64_t memoryFormatOf(const std::string& name) { return lookUp(kMemoryFormats, name, "memory format"); }

at::ScalarType dtypeOf(const std::string& name) {
  std::string known;
  for (const auto& row : kDtypes) {
    if (name == row.name) return row.dtype;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw std::invalid_argument("unknown dtype '" + name + "'; expected one of " + known);
}

const char* nameOf(at::ScalarType dtype) {
  for (const auto& row : kDtypes)
    if (dtype == row.dtype) return row.name;
  return c10::toString(dtype);
}

at::Device deviceOf(const std::string& name) { return at::Device(name); }

}  // namespace mien
