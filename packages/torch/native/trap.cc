#include "trap.h"

#include <c10/core/AutogradState.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>

namespace mien {

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE};
struct sigaction previous[NSIG];
thread_local sigjmp_buf* landing = nullptr;

/// A kernel that recurses without end leaves no room on the thread's own stack for the handler.
struct HandlerStack {
  static constexpr size_t kBytes = 64 << 10;
  std::unique_ptr<char[]> memory;
  HandlerStack() {
    stack_t present = {};
    sigaltstack(nullptr, &present);
    if (!(present.ss_flags & SS_DISABLE)) return;
    memory.reset(new char[kBytes]);
    stack_t mine = {};
    mine.ss_sp = memory.get();
    mine.ss_size = kBytes;
    sigaltstack(&mine, nullptr);
  }
  ~HandlerStack() {
    if (!memory) return;
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }
};

void onSignal(int signal, siginfo_t* info, void* context) {
  if (landing) siglongjmp(*landing, signal);
  // Not in an operator call of this thread: whoever was there before us decides (V8 has handlers of its own).
  const auto& before = previous[signal];
  if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    sigaction(signal, &before, nullptr);
    raise(signal);
  }
}

void install() {
  const char* wanted = std::getenv("MIEN_TORCH_TRAP");
  if (wanted && std::strcmp(wanted, "0") == 0) return;
  for (int signal : kSignals) {
    struct sigaction action = {};
    action.sa_sigaction = onSignal;
    // The handler never returns when it jumps, so the signal must not stay blocked.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigaction(signal, &action, &previous[signal]);
  }
}

}  // namespace

int runTrapped(TrappedBody body, void* context) {
  static std::once_flag once;
  std::call_once(once, install);
  static thread_local HandlerStack stack;
  // The guards that a kernel's callers hold are skipped by the jump; the thread's modes are put back here.
  const auto keys = c10::impl::tls_local_dispatch_key_set();
  const auto autograd = c10::AutogradState::get_tls_state();
  sigjmp_buf here;
  sigjmp_buf* const outer = landing;
  if (const int signal = sigsetjmp(here, 0)) {
    landing = outer;
    c10::impl::_force_tls_local_dispatch_key_set(keys);
    c10::AutogradState::set_tls_state(autograd);
    return signal;
  }
  landing = &here;
  try {
    body(context);
  } catch (...) {
    landing = outer;
    throw;
  }
  landing = outer;
  return 0;
}

std::string signalName(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV, an access to memory that is not its own";
    case SIGBUS:
      return "SIGBUS, an access to memory that is not there";
    case SIGFPE:
      return "SIGFPE, an integer division by zero";
    default:
      return "signal " + std::to_string(signal);
  }
}

}  // namespace mien
