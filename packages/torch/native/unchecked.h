// Operators that write outside their memory when their arguments are wrong.
//
// libtorch leaves the checks of some internal operators to their callers. Most of them crash at once on wrong arguments,
// which trap.h turns into an error; those below damage the heap silently, and the process dies later, somewhere else.
// They were found by calling every operator with random arguments under glibc's heap checker.
#pragma once
#include <ATen/core/operator_name.h>

#include <cstring>

namespace mien {

inline bool isUnchecked(const c10::OperatorName& op) {
  struct Name {
    const char* name;
    const char* overload;  // nullptr: every overload
  };
  static constexpr Name kUnchecked[] = {
      {"aten::_cholesky_solve_helper", nullptr},
      {"aten::_fft_c2c", nullptr},
      {"aten::_fft_c2r", nullptr},
      {"aten::_fft_r2c", nullptr},
      {"aten::_remove_batch_dim", nullptr},
      {"aten::_sobol_engine_draw", nullptr},
      {"aten::_sobol_engine_ff_", nullptr},
      {"aten::_sobol_engine_initialize_state_", nullptr},
      {"aten::_sobol_engine_scramble_", nullptr},
      {"aten::_symeig_helper", nullptr},
      {"aten::align_to", "ellipsis_idx"},
  };
  for (const auto& row : kUnchecked) {
    if (op.name == row.name && (!row.overload || op.overload_name == row.overload)) return true;
  }
  return false;
}

/// LAPACK's eigenvalue routine refuses a matrix with infinities, and libtorch then frees memory that was never filled.
inline bool needsFiniteInput(const c10::OperatorName& op) {
  return op.name == "aten::linalg_eigvals" || op.name == "aten::_linalg_eigvals";
}

}  // namespace mien
