// libtorch's warnings become Node's, so that programs can see, filter and silence them.
#pragma once
#include <string>
#include <vector>

namespace mien {

/// Collects the warnings of the calling thread from now on.
void collectWarnings();

/// The warnings since the last call; nearly always none.
std::vector<std::string> takeWarnings();
bool hasWarnings();

}  // namespace mien
