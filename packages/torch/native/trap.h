// A net under libtorch's kernels. Some of them do not check all their arguments and touch memory that is not theirs or
// divide by zero; the signal would end the process. On a thread that is inside an operator call the signal becomes an
// error instead. What the kernel had half done stays half done, so the error says that the process may be damaged.
// MIEN_TORCH_TRAP=0 leaves the signals alone, for a debugger.
#pragma once
#include <string>

namespace mien {

using TrappedBody = void (*)(void* context);

/// Runs `body`. Returns 0, or the signal (SIGSEGV, SIGBUS, SIGFPE) that ended it; C++ exceptions pass through.
int runTrapped(TrappedBody body, void* context);

std::string signalName(int signal);

}  // namespace mien
