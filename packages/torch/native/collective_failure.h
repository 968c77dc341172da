// A collective operation that failed inside a backward pass, on its way through libtorch's engine to JavaScript.
#pragma once
#include <stdexcept>
#include <string>

namespace mien {

struct CollectiveFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
  int rank = 0;
  int size = 1;
  double timeoutMs = 0;
  std::string operation;
};

}  // namespace mien
