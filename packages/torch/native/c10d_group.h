// A process group: several processes that sum, gather and broadcast tensors together, over c10d.
//
// Everything that can block — meeting the other processes, every collective, closing — runs on a thread of the group's
// own, one operation after the other. The JavaScript thread waits for it in slices, so that whatever happens to a peer or
// inside libtorch, it comes back in time to raise an error, and a worker that is terminated goes at once.
#pragma once
#include "compat.h"

#if defined(MIEN_GLOO) || defined(MIEN_NCCL)
#define MIEN_C10D 1

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/Types.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#if MIEN_TORCH_AT_LEAST(2, 0)
#include <torch/csrc/distributed/c10d/Backend.hpp>
#else
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#endif

namespace mien::distributed {

using Milliseconds = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Settings {
  std::string backend;  // gloo or nccl
  std::string host;     // where rank 0 (or torchrun's agent) keeps the store
  int port = 0;
  bool serve = false;  // whether this process keeps the store
  int rank = 0;
  int size = 1;
  int localRank = 0;        // index of the CUDA device
  Milliseconds timeout{0};  // of the meeting and of every operation
  bool verify = true;       // compare what the ranks ask for before doing it
  std::string prefix;       // of the keys in the store
  std::string instance;     // differs between processes, and between their threads
  std::string name;         // differs between the groups that one instance opens; begins with `instance`
  std::string interfaces;   // network interfaces, comma between; empty: the one that leads to the store
};

/// Ranks that did not come to the meeting.
struct MissingRanks : std::runtime_error {
  MissingRanks(const std::string& message, std::vector<int> missing)
      : std::runtime_error(message), ranks(std::move(missing)) {}
  std::vector<int> ranks;
};

/// One operation on its way.
class Job {
 public:
  /// Whether it ended within `limit`.
  bool wait(Milliseconds limit);
  void finish(std::vector<at::Tensor> outputs);
  void fail(std::string message, std::vector<int> missing = {});

  // To be read after `wait` returned true.
  bool failed = false;
  std::string message;
  std::vector<int> missing;
  std::vector<at::Tensor> outputs;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

class Group : public std::enable_shared_from_this<Group> {
 public:
  using Task = std::function<std::vector<at::Tensor>()>;

  /// Starts to meet the other processes; `opened` ends when all are connected.
  static std::shared_ptr<Group> open(Settings settings, std::shared_ptr<Job> opened);
  ~Group();

  // Each returns at once; what it does to its tensors is done when the job has ended. Tensors may have any strides and be
  // on any device. `description` tells what is asked for: equal on all ranks, or all ranks' jobs fail.

  /// In place. Half-precision floats are summed in float32.
  std::shared_ptr<Job> allReduce(std::string description, at::Tensor tensor, ::c10d::ReduceOp op, bool average);
  /// In place; many small tensors travel together.
  std::shared_ptr<Job> broadcast(std::string description, std::vector<at::Tensor> tensors, int root);
  /// Outputs: one tensor for each rank.
  std::shared_ptr<Job> allGather(std::string description, at::Tensor tensor);
  /// Output: this rank's n rows of the sum of all ranks' [size·n, …].
  std::shared_ptr<Job> reduceScatter(std::string description, at::Tensor tensor, ::c10d::ReduceOp op, bool average);
  std::shared_ptr<Job> barrier(std::string description);
  /// Ends when `peer` has received.
  std::shared_ptr<Job> send(std::string description, at::Tensor tensor, int peer, int tag);
  /// In place.
  std::shared_ptr<Job> receive(std::string description, at::Tensor tensor, int peer, int tag);

  const Settings& settings() const { return settings_; }
  bool isBusy();
  /// For how long the present operation has been running; 0 when there is none.
  Milliseconds runningFor();
  /// Fails what waits and refuses what comes.
  void giveUp(const std::string& reason);
  /// Asks the group's thread to end after the present operation, and to disconnect.
  void close();
  bool waitClosed(Milliseconds limit);

 private:
  struct Entry {
    std::string description;
    Task task;
    std::shared_ptr<Job> job;
  };

  explicit Group(Settings settings);
  void run();
  void execute(Entry& entry);
  std::shared_ptr<Job> submit(std::string description, Task task);
  void failQueued(const std::string& reason);

  void connect();
  void finish(const c10::intrusive_ptr<::c10d::Work>& work);
  void agree(const std::string& description);
  void reduce(at::Tensor& dense, ::c10d::ReduceOp op);
  void broadcastTogether(const std::vector<at::Tensor>& tensors, int root);
  at::Tensor dense(const at::Tensor& tensor, at::ScalarType dtype) const;

  const Settings settings_;
  at::Device device_;

  /// Used on the group's thread alone.
  c10::intrusive_ptr<compat::CollectiveBackend> backend_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> queue_;
  std::string broken_;
  bool running_ = false;
  Clock::time_point started_;
  bool closed_ = false;
  std::atomic<bool> closing_{false};
};

/// The store at which processes meet, until they leave it.
class MeetingStore : public ::c10d::PrefixStore {
 public:
  using PrefixStore::PrefixStore;
  /// Disconnects; rank 0 closes the port. Nothing may be asked of the store afterwards.
  void leave() { store_.reset(); }
};

/// What the processes have after they met.
struct Meeting {
  c10::intrusive_ptr<MeetingStore> store;
  /// The address of this machine from which the store is reached, so that others of the group reach it too.
  std::string localAddress;
};
/// @throws MissingRanks; std::runtime_error when it is asked to stop, or when ranks contradict each other.
Meeting meet(const Settings& settings, const std::atomic<bool>& stop);

c10::intrusive_ptr<compat::CollectiveBackend> makeBackend(const Settings& settings, const Meeting& meeting);

}  // namespace mien::distributed

#endif
