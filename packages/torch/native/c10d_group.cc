#include "c10d_group.h"

#ifdef MIEN_C10D

#include <ATen/Parallel.h>
#include <c10/core/DeviceGuard.h>
#include <omp.h>

#include <thread>

#include "napi_util.h"

namespace mien::distributed {

namespace {

/// Otherwise this thread would bring an OpenMP team of its own, which fights that of the training thread for the cores.
void computeAlone() {
  at::get_num_threads();  // libtorch sets the number of a new thread at its first use, and would overwrite ours
  omp_set_num_threads(1);
}

}  // namespace

bool Job::wait(Milliseconds limit) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return done_; });
}

void Job::finish(std::vector<at::Tensor> results) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (done_) return;
  outputs = std::move(results);
  done_ = true;
  changed_.notify_all();
}

void Job::fail(std::string why, std::vector<int> ranks) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (done_) return;
  failed = true;
  message = std::move(why);
  missing = std::move(ranks);
  done_ = true;
  changed_.notify_all();
}

Group::Group(Settings settings)
    : settings_(std::move(settings)),
      device_(settings_.backend == "nccl" ? at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(settings_.localRank))
                                          : at::Device(at::kCPU)) {}

Group::~Group() = default;

std::shared_ptr<Group> Group::open(Settings settings, std::shared_ptr<Job> opened) {
  std::shared_ptr<Group> group(new Group(std::move(settings)));
  group->queue_.push_back({"", [raw = group.get()]() -> std::vector<at::Tensor> {
                             raw->connect();
                             return {};
                           },
                           std::move(opened)});
  // Detached, since nobody could join it safely: a peer that hangs may hold it until the time-out.
  std::thread([group] { group->run(); }).detach();
  return group;
}

void Group::connect() {
  const auto meeting = meet(settings_, closing_);
  backend_ = makeBackend(settings_, meeting);
  agree("the start of a process group");
  // Gloo has all its connections now. The store's client in libtorch 1.13 would keep a core busy once rank 0 is gone.
  if (settings_.backend == "gloo") meeting.store->leave();
}

void Group::run() {
  computeAlone();
  at::NoGradGuard guard;
  c10::OptionalDeviceGuard device;
  if (!device_.is_cpu()) device.reset_device(device_);
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return closing_ || !queue_.empty(); });
    if (closing_) break;
    auto entry = std::move(queue_.front());
    queue_.pop_front();
    running_ = true;
    started_ = Clock::now();
    lock.unlock();
    execute(entry);
    lock.lock();
    running_ = false;
  }
  failQueued("the process group was closed");
  lock.unlock();
  try {
    backend_.reset();
  } catch (...) {
    // Disconnecting from peers that are gone; there is nobody left to tell.
  }
  lock.lock();
  closed_ = true;
  changed_.notify_all();
}

void Group::execute(Entry& entry) {
  std::string reason;
  std::vector<int> missing;
  try {
    if (!entry.description.empty() && settings_.verify) agree(entry.description);
    auto outputs = entry.task();
    return entry.job->finish(std::move(outputs));
  } catch (const MissingRanks& error) {
    reason = error.what();
    missing = error.ranks;
  } catch (const std::exception& error) {
    reason = messageOf(error);
  } catch (...) {
    reason = "an exception of unknown type left libtorch";
  }
  // Some ranks may have got further than others: what comes next would pair up wrongly.
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (broken_.empty()) broken_ = reason;
    failQueued("an operation before it failed: " + broken_);
  }
  entry.job->fail(reason, std::move(missing));
}

std::shared_ptr<Job> Group::submit(std::string description, Task task) {
  auto job = std::make_shared<Job>();
  std::lock_guard<std::mutex> lock(mutex_);
  if (closing_) throw std::runtime_error("the process group was destroyed");
  if (!broken_.empty()) {
    job->fail("an operation before it failed: " + broken_);
    return job;
  }
  queue_.push_back({std::move(description), std::move(task), job});
  changed_.notify_all();
  return job;
}

void Group::failQueued(const std::string& reason) {
  for (auto& entry : queue_) entry.job->fail(reason);
  queue_.clear();
}

bool Group::isBusy() {
  std::lock_guard<std::mutex> lock(mutex_);
  return running_;
}

Milliseconds Group::runningFor() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!running_) return Milliseconds(0);
  return std::chrono::duration_cast<Milliseconds>(Clock::now() - started_);
}

void Group::giveUp(const std::string& reason) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (broken_.empty()) broken_ = reason;
  failQueued("an operation before it failed: " + broken_);
}

void Group::close() {
  std::lock_guard<std::mutex> lock(mutex_);
  closing_ = true;
  changed_.notify_all();
}

bool Group::waitClosed(Milliseconds limit) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return closed_; });
}

}  // namespace mien::distributed

#endif
