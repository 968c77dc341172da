// What the ranks of a group do together. Everything here runs on the group's own thread, except what submits it.
#include "c10d_group.h"

#ifdef MIEN_C10D

#include <c10/core/InferenceMode.h>

#include <cstring>
#include <thread>

namespace mien::distributed {

namespace {

/// Tensors that are broadcast together travel in messages of about this size.
constexpr int64_t kMessageBytes = 25 << 20;
/// A description is cut to this length where ranks show each other theirs.
constexpr int64_t kDescriptionBytes = 256;

int64_t hashOf(const std::string& text) {
  uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
  return static_cast<int64_t>(hash >> 2);
}

/// The memory of a contiguous tensor as bytes: what only moves data then works for every dtype.
at::Tensor bytesOf(const at::Tensor& dense) {
  return at::from_blob(
      dense.data_ptr(), {static_cast<int64_t>(dense.nbytes())}, [dense](void*) {},
      dense.options().dtype(at::kByte).requires_grad(false));
}

/// Autograd must notice that the values changed although no operator changed them.
void markChanged(const at::Tensor& tensor) {
  if (!tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
}

/// Gloo has no bfloat16, bool and int16, and would round every partial sum of float16.
at::ScalarType reducedAs(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
    case at::kBFloat16:
      return at::kFloat;
    case at::kShort:
    case at::kBool:
      return at::kInt;
    default:
      return dtype;
  }
}

/// 0, 2, 3 -> "ranks 0, 2, 3"
std::string named(const std::vector<int>& ranks) {
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (size_t i = 0; i < ranks.size(); i++) text += (i ? ", " : "") + std::to_string(ranks[i]);
  return text;
}

/// Who asks for what: "rank 0: barrier; ranks 1, 2: allReduce(sum) of float32[3]"
std::string compare(const std::vector<std::string>& descriptions) {
  std::string text;
  std::vector<bool> told(descriptions.size());
  for (size_t i = 0; i < descriptions.size(); i++) {
    if (told[i]) continue;
    std::vector<int> same;
    for (size_t k = i; k < descriptions.size(); k++) {
      if (descriptions[k] != descriptions[i]) continue;
      told[k] = true;
      same.push_back(static_cast<int>(k));
    }
    text += (text.empty() ? "" : "; ") + named(same) + ": " + descriptions[i];
  }
  return text;
}

}  // namespace

void Group::finish(const c10::intrusive_ptr<::c10d::Work>& work) {
  work->wait();  // Gloo: until the end, or its own time-out
  if (device_.is_cpu()) return;
  // NCCL's wait only orders the streams. Waiting for the device here is what turns a dead peer into an error.
  const auto deadline = Clock::now() + settings_.timeout;
  while (!work->isCompleted()) {
    if (Clock::now() > deadline) throw std::runtime_error("timed out waiting for the GPU");
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  if (work->exception()) std::rethrow_exception(work->exception());
}

void Group::reduce(at::Tensor& dense, ::c10d::ReduceOp op) {
  if (dense.numel() == 0 || settings_.size == 1) return;
  ::c10d::AllreduceOptions options;
  options.reduceOp = op;
  std::vector<at::Tensor> tensors = {dense};
  finish(backend_->allreduce(tensors, options));
}

/// A message that is longer or shorter than its receiver expects makes Gloo end the process. So the ranks first compare
/// what they are about to do: all are the same exactly if the greatest hash is the least.
void Group::agree(const std::string& description) {
  if (settings_.size == 1) return;
  const int64_t hash = hashOf(description);
  auto both = at::empty({2}, at::kLong);
  auto* values = both.data_ptr<int64_t>();
  values[0] = hash;
  values[1] = -hash;
  auto extremes = both.to(device_);
  reduce(extremes, ::c10d::ReduceOp::MAX);
  both = extremes.cpu();
  values = both.data_ptr<int64_t>();
  if (values[0] == hash && values[1] == -hash) return;

  auto mine = at::zeros({kDescriptionBytes}, at::kByte);
  std::memcpy(mine.data_ptr(), description.data(), std::min<size_t>(description.size(), kDescriptionBytes));
  std::vector<at::Tensor> input = {mine.to(device_)};
  std::vector<std::vector<at::Tensor>> all(1);
  for (int i = 0; i < settings_.size; i++) all[0].push_back(at::empty_like(input[0]));
  finish(backend_->allgather(all, input));
  std::vector<std::string> descriptions;
  for (const auto& theirs : all[0]) {
    const auto bytes = theirs.cpu();
    const auto* text = static_cast<const char*>(bytes.data_ptr());
    descriptions.emplace_back(text, strnlen(text, kDescriptionBytes));
  }
  throw std::runtime_error("the ranks asked for different operations: " + compare(descriptions));
}

/// The tensor as the backend takes it; the very tensor where it already is.
at::Tensor Group::dense(const at::Tensor& tensor, at::ScalarType dtype) const {
  return tensor.resolve_conj().resolve_neg().to(device_, dtype).contiguous();
}

std::shared_ptr<Job> Group::allReduce(std::string description, at::Tensor tensor, ::c10d::ReduceOp op, bool average) {
  return submit(std::move(description), [this, tensor, op, average]() -> std::vector<at::Tensor> {
    c10::InferenceMode mode(tensor.is_inference());
    at::NoGradGuard guard;
    auto staged = dense(tensor, reducedAs(tensor.scalar_type()));
    reduce(staged, op);
    if (average) staged.div_(settings_.size);
    staged.is_same(tensor) ? markChanged(tensor) : void(tensor.copy_(staged));
    return {};
  });
}

std::shared_ptr<Job> Group::reduceScatter(std::string description, at::Tensor tensor, ::c10d::ReduceOp op,
                                          bool average) {
  return submit(std::move(description), [this, tensor, op, average]() -> std::vector<at::Tensor> {
    // By an all-reduce: Gloo of libtorch 1.13 has nothing shorter.
    auto staged = dense(tensor, reducedAs(tensor.scalar_type()));
    if (staged.is_same(tensor)) staged = staged.clone();
    reduce(staged, op);
    if (average) staged.div_(settings_.size);
    const auto rows = staged.size(0) / settings_.size;
    return {staged.narrow(0, settings_.rank * rows, rows).to(tensor.device(), tensor.scalar_type(), false, true)};
  });
}

std::shared_ptr<Job> Group::broadcast(std::string description, std::vector<at::Tensor> tensors, int root) {
  return submit(std::move(description), [this, tensors = std::move(tensors), root]() -> std::vector<at::Tensor> {
    if (settings_.size == 1) return {};
    std::vector<at::Tensor> together;
    int64_t bytes = 0;
    for (const auto& tensor : tensors) {
      together.push_back(tensor);
      bytes += static_cast<int64_t>(tensor.nbytes());
      if (bytes < kMessageBytes) continue;
      broadcastTogether(together, root);
      together.clear();
      bytes = 0;
    }
    broadcastTogether(together, root);
    return {};
  });
}

void Group::broadcastTogether(const std::vector<at::Tensor>& tensors, int root) {
  int64_t bytes = 0;
  for (const auto& tensor : tensors) bytes += static_cast<int64_t>(tensor.nbytes());
  if (bytes == 0) return;
  std::vector<at::Tensor> message = {at::empty({bytes}, at::dtype(at::kByte).device(device_))};
  std::vector<at::Tensor> staged;
  int64_t at = 0;
  for (const auto& tensor : tensors) {
    staged.push_back(dense(tensor, tensor.scalar_type()));
    const auto length = static_cast<int64_t>(tensor.nbytes());
    if (settings_.rank == root && length > 0) message[0].narrow(0, at, length).copy_(bytesOf(staged.back()));
    at += length;
  }
  ::c10d::BroadcastOptions options;
  options.rootRank = root;
  finish(backend_->broadcast(message, options));
  if (settings_.rank == root) return;
  at = 0;
  for (size_t i = 0; i < tensors.size(); i++) {
    const auto length = static_cast<int64_t>(tensors[i].nbytes());
    if (length == 0) continue;
    bytesOf(staged[i]).copy_(message[0].narrow(0, at, length));
    at += length;
    c10::InferenceMode mode(tensors[i].is_inference());
    at::NoGradGuard guard;
    staged[i].is_same(tensors[i]) ? markChanged(tensors[i]) : void(tensors[i].copy_(staged[i]));
  }
}

std::shared_ptr<Job> Group::allGather(std::string description, at::Tensor tensor) {
  return submit(std::move(description), [this, tensor] {
    const auto input = dense(tensor, tensor.scalar_type());
    std::vector<at::Tensor> outputs;
    for (int i = 0; i < settings_.size; i++) outputs.push_back(at::empty(input.sizes(), input.options()));
    if (settings_.size == 1 || input.numel() == 0) {
      for (auto& output : outputs) output.copy_(input);
    } else {
      std::vector<at::Tensor> sent = {bytesOf(input)};
      std::vector<std::vector<at::Tensor>> received(1);
      for (const auto& output : outputs) received[0].push_back(bytesOf(output));
      finish(backend_->allgather(received, sent));
    }
    for (auto& output : outputs) output = output.to(tensor.device());
    return outputs;
  });
}

std::shared_ptr<Job> Group::barrier(std::string description) {
  // Agreeing on it is the barrier.
  return submit("", [this, description]() -> std::vector<at::Tensor> {
    agree(description);
    return {};
  });
}

namespace {
// Three messages for one tensor: what comes, whether it suits, and the values. A receiver of another size would be
// ended by Gloo.
enum Step { kOffer, kAnswer, kValues, kSteps };
int tagOf(int tag, Step step) { return tag * kSteps + step; }
}  // namespace

std::shared_ptr<Job> Group::send(std::string description, at::Tensor tensor, int peer, int tag) {
  return submit("", [this, description, tensor, peer, tag]() -> std::vector<at::Tensor> {
    auto offer = at::empty({1}, at::kLong);
    offer.data_ptr<int64_t>()[0] = hashOf(description);
    std::vector<at::Tensor> message = {offer.to(device_)};
    finish(backend_->send(message, peer, tagOf(tag, kOffer)));
    std::vector<at::Tensor> answer = {at::empty({1}, at::dtype(at::kLong).device(device_))};
    finish(backend_->recv(answer, peer, tagOf(tag, kAnswer)));
    if (answer[0].cpu().data_ptr<int64_t>()[0] != 1) {
      throw std::runtime_error("rank " + std::to_string(peer) + " expects another dtype or shape than " + description);
    }
    if (tensor.numel() == 0) return {};
    message = {bytesOf(dense(tensor, tensor.scalar_type()))};
    finish(backend_->send(message, peer, tagOf(tag, kValues)));
    return {};
  });
}

std::shared_ptr<Job> Group::receive(std::string description, at::Tensor tensor, int peer, int tag) {
  return submit("", [this, description, tensor, peer, tag]() -> std::vector<at::Tensor> {
    std::vector<at::Tensor> offer = {at::empty({1}, at::dtype(at::kLong).device(device_))};
    finish(backend_->recv(offer, peer, tagOf(tag, kOffer)));
    const bool suits = offer[0].cpu().data_ptr<int64_t>()[0] == hashOf(description);
    auto answer = at::empty({1}, at::kLong);
    answer.data_ptr<int64_t>()[0] = suits;
    std::vector<at::Tensor> message = {answer.to(device_)};
    finish(backend_->send(message, peer, tagOf(tag, kAnswer)));
    if (!suits) {
      throw std::runtime_error("rank " + std::to_string(peer) + " sends another dtype or shape than " + description);
    }
    if (tensor.numel() == 0) return {};
    auto staged = dense(tensor, tensor.scalar_type());
    message = {bytesOf(staged)};
    finish(backend_->recv(message, peer, tagOf(tag, kValues)));
    c10::InferenceMode mode(tensor.is_inference());
    at::NoGradGuard guard;
    staged.is_same(tensor) ? markChanged(tensor) : void(tensor.copy_(staged));
    return {};
  });
}

}  // namespace mien::distributed

#endif
