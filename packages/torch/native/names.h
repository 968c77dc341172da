// What dtypes, layouts and memory formats are called in JavaScript: PyTorch's names.
#pragma once
#include <ATen/ATen.h>

#include <string>

namespace mien {

bool isDtype(const std::string& name);
bool isLayout(const std::string& name);
bool isMemoryFormat(const std::string& name);

// These throw std::invalid_argument that lists the names there are.
at::ScalarType dtypeOf(const std::string& name);
int64_t layoutOf(const std::string& name);
int64_t memoryFormatOf(const std::string& name);
at::Device deviceOf(const std::string& name);

const char* nameOf(at::ScalarType dtype);

}  // namespace mien
