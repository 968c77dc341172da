#include "c10d_sync_batch_norm.h"

#ifdef MIEN_C10D

#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>

#include "collective_failure.h"

namespace mien::distributed {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using MaybeTensor = compat::optional<at::Tensor>;

/// The waiting thread looks this often whether it shall stop.
constexpr Milliseconds kSlice{100};
/// How much longer than its time-out an operation may take: libtorch's own error tells more than ours.
constexpr Milliseconds kGrace{1000};

struct Saved : torch::CustomClassHolder {
  explicit Saved(SyncBatchNorm given) : common(std::move(given)) {}
  const SyncBatchNorm common;
};

/// (x − mean) · scale + shift for every channel, by the kernel of evaluation mode: one pass in either memory layout, and
/// for half-precision x with factors in float32.
at::Tensor affine(const at::Tensor& x, const at::Tensor& mean, const at::Tensor& scale, const at::Tensor& shift) {
  if (x.numel() == 0) return at::empty_like(x);
  const auto ones = at::ones_like(mean);
  return std::get<0>(
      at::native_batch_norm(x, scale, shift, mean, ones, /*training=*/false, /*momentum=*/0, /*eps=*/0));
}

at::Tensor inverseDeviation(const SyncBatchNorm& common) { return common.variance.add(common.eps).rsqrt(); }

/// In the dtype of the statistics.
at::Tensor weightOr1(const SyncBatchNorm& common, const MaybeTensor& weight) {
  return weight ? weight->to(common.mean.scalar_type()) : at::ones_like(common.mean);
}

/// This rank's Σ∂y and Σ(∂y·x̂), each [C].
std::pair<at::Tensor, at::Tensor> ownSums(const SyncBatchNorm& common, const at::Tensor& dy, const at::Tensor& x) {
  const auto& mean = common.mean;
  if (x.numel() == 0) return {at::zeros_like(mean), at::zeros_like(mean)};
  const auto ones = at::ones_like(mean);
  const auto gradients =
      at::native_batch_norm_backward(dy, x, ones, mean, common.variance, mean, inverseDeviation(common),
                                     /*train=*/true, common.eps, {false, true, true});
  return {std::get<2>(gradients), std::get<1>(gradients)};
}

void waitFor(const SyncBatchNorm& common, Job& job) {
  auto& group = *common.group;
  const auto& settings = group.settings();
  std::string reason;
  while (!job.wait(kSlice)) {
    if (common.interrupted()) {
      reason = "the thread was told to end";
    } else if (group.runningFor() > settings.timeout + kGrace) {
      reason = "timed out: the peers did not do their part";
    } else {
      continue;
    }
    group.giveUp(reason);
    break;
  }
  if (reason.empty() && job.failed) reason = job.message;
  if (reason.empty()) return;
  CollectiveFailure failure(reason);
  failure.rank = settings.rank;
  failure.size = settings.size;
  failure.timeoutMs = static_cast<double>(settings.timeout.count());
  failure.operation = common.operation;
  throw failure;
}

/// All ranks' sums, in float64: what is added here should not be what makes many processes differ from one.
std::pair<at::Tensor, at::Tensor> allSums(const SyncBatchNorm& common, const at::Tensor& sumDy,
                                          const at::Tensor& sumDyX) {
  const auto message = at::cat({sumDy, sumDyX}).to(at::kDouble);
  const auto job = common.group->allReduce(common.operation, message, ::c10d::ReduceOp::SUM, /*average=*/false);
  waitFor(common, *job);
  const auto both = message.to(sumDy.scalar_type()).chunk(2);
  return {both[0], both[1]};
}

class Normalise : public torch::autograd::Function<Normalise> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const MaybeTensor& weight,
                            const MaybeTensor& bias, const c10::intrusive_ptr<Saved>& saved) {
    c10::impl::ExcludeDispatchKeyGuard withoutAutocast(c10::autocast_dispatch_keyset);
    const auto& common = saved->common;
    const auto x = given.contiguous(given.suggest_memory_format());
    context->save_for_backward({x, weight.value_or(at::Tensor())});
    context->saved_data["common"] = c10::IValue::make_capsule(saved);
    const auto scale = inverseDeviation(common).mul_(weightOr1(common, weight));
    const auto shift = bias ? bias->to(common.mean.scalar_type()) : at::zeros_like(common.mean);
    return affine(x, common.mean, scale, shift);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    if (at::GradMode::is_enabled()) throw std::runtime_error("SyncBatchNorm has no second derivatives");
    c10::impl::ExcludeDispatchKeyGuard withoutAutocast(c10::autocast_dispatch_keyset);
    const auto capsule = context->saved_data["common"].toCapsule();
    const auto& common = static_cast<const Saved&>(*capsule).common;
    const auto saved = context->get_saved_variables();
    const auto& x = saved[0];
    const auto dy = gradients[0].contiguous(x.suggest_memory_format());
    const auto [sumDy, sumDyX] = ownSums(common, dy, x);
    at::Tensor dx;
    if (context->needs_input_grad(0)) {
      const auto [allDy, allDyX] = allSums(common, sumDy, sumDyX);
      const auto deviation = inverseDeviation(common);
      const auto weight = saved[1].defined() ? MaybeTensor(saved[1]) : MaybeTensor();
      const auto scale = deviation.mul(weightOr1(common, weight));
      const auto perCount = scale.div(-common.count);
      const auto zeros = at::zeros_like(scale);
      dx = affine(x, common.mean, perCount * deviation * allDyX, perCount * allDy);
      dx.add_(affine(dy, zeros, scale, zeros));
    }
    const auto none = at::Tensor();
    return {dx, saved[1].defined() ? sumDyX : none, saved[1].defined() ? sumDy : none, none};
  }
};

}  // namespace

at::Tensor syncBatchNorm(SyncBatchNorm common, const at::Tensor& x, const MaybeTensor& weight,
                         const MaybeTensor& bias) {
  return Normalise::apply(x, weight, bias, c10::make_intrusive<Saved>(std::move(common)));
}

}  // namespace mien::distributed

#endif
