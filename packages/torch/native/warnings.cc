#include "warnings.h"

#include "compat.h"

namespace mien {

namespace {

thread_local std::vector<std::string> collected;

/// One for the whole process; what it collects belongs to the thread that warns.
compat::WarningHandler& handler() {
  static auto* instance = new compat::WarningHandler([](const std::string& message) { collected.push_back(message); });
  return *instance;
}

}  // namespace

void collectWarnings() { compat::setWarningHandler(&handler()); }

bool hasWarnings() { return !collected.empty(); }

std::vector<std::string> takeWarnings() {
  std::vector<std::string> taken;
  taken.swap(collected);
  return taken;
}

}  // namespace mien
