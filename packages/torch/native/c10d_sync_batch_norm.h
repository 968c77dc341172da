// Batch normalisation over the values of all ranks: what happens on a rank once the common statistics are known.
#pragma once
#include "c10d_group.h"

#ifdef MIEN_C10D

namespace mien::distributed {

/// What one call shares between its forward and its backward pass.
struct SyncBatchNorm {
  std::shared_ptr<Group> group;
  /// How errors and the comparison between ranks call the backward pass.
  std::string operation;
  /// Values per channel, mean [C] and biased variance [C] of all ranks together, in float32 or float64.
  double count = 0;
  at::Tensor mean;
  at::Tensor variance;
  double eps = 0;
  /// Whether the thread that waits in the backward pass shall stop doing so.
  std::function<bool()> interrupted;
};

/// (x − mean) / √(variance + eps) · weight + bias for every channel of x [N, C, …], in the dtype and layout of x. Either
/// both weight and bias are there, or neither.
///
/// Its backward pass is a collective operation: with Σ over the values of all ranks and x̂ the normalised x,
///   ∂x = weight / √(variance + eps) · (∂y − Σ∂y / count − x̂ · Σ(∂y·x̂) / count).
/// The gradients of weight and bias are this rank's share of Σ(∂y·x̂) and Σ∂y.
/// It throws CollectiveFailure, and std::runtime_error where a graph of the gradient is asked for.
at::Tensor syncBatchNorm(SyncBatchNorm common, const at::Tensor& x, const compat::optional<at::Tensor>& weight,
                         const compat::optional<at::Tensor>& bias);

}  // namespace mien::distributed

#endif
