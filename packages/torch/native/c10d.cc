// Process groups of c10d for JavaScript. A call starts an operation and returns its job; JavaScript waits for the job.
#include "c10d_group.h"
#include "c10d_sync_batch_norm.h"
#include "napi_util.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace mien {

#ifdef MIEN_C10D

namespace {

using distributed::Group;
using distributed::Job;
using distributed::Milliseconds;
using distributed::Settings;

/// Groups that are still connected when their thread ends get this long to disconnect. One that is in the middle of an
/// operation cannot, and goes on alone until its time-out.
constexpr Milliseconds kFarewell{1000};
constexpr Milliseconds kFarewellWhenBusy{50};

/// What one JavaScript thread has open. Jobs that nobody waits for are freed by their JavaScript object's finaliser.
struct State {
  HandleTable<std::shared_ptr<Group>> groups;
  HandleTable<std::shared_ptr<Job>> jobs;
  std::vector<std::weak_ptr<Group>> opened;

  ~State() {
    for (const auto& weak : opened) {
      if (const auto group = weak.lock()) group->close();
    }
    for (const auto& weak : opened) {
      const auto group = weak.lock();
      if (group) group->waitClosed(group->isBusy() ? kFarewellWhenBusy : kFarewell);
    }
  }
};

State& stateOf(Env& env) {
  if (env.distributed.empty()) env.distributed.push_back(std::make_shared<State>());
  return *static_cast<State*>(env.distributed.front().get());
}

Group& groupOf(Env& env, double handle) {
  auto* group = stateOf(env).groups.find(handle);
  if (!group) throw std::invalid_argument("the process group was destroyed, or belongs to another thread");
  return **group;
}

Job& jobOf(Env& env, double handle) {
  auto* job = stateOf(env).jobs.find(handle);
  if (!job) throw std::invalid_argument("this operation's result was taken already");
  return **job;
}

napi_value putJob(napi_env napi, Env& env, std::shared_ptr<Job> job) {
  return toJs(napi, stateOf(env).jobs.put(std::move(job)));
}

/// Reads named properties of a plain object that our own TypeScript made.
class Properties {
 public:
  Properties(napi_env env, napi_value object) : env_(env), object_(object) {}
  double number(const char* name) const {
    double x = 0;
    napi_get_value_double(env_, get(name), &x);
    return x;
  }
  int integer(const char* name) const { return static_cast<int>(number(name)); }
  bool boolean(const char* name) const {
    bool b = false;
    napi_get_value_bool(env_, get(name), &b);
    return b;
  }
  std::string string(const char* name) const {
    const auto value = get(name);
    size_t length = 0;
    napi_get_value_string_utf8(env_, value, nullptr, 0, &length);
    std::string s(length, '\0');
    napi_get_value_string_utf8(env_, value, s.data(), length + 1, &length);
    return s;
  }

 private:
  napi_value get(const char* name) const {
    napi_value value = nullptr;
    napi_get_named_property(env_, object_, name, &value);
    return value;
  }
  napi_env env_;
  napi_value object_;
};

::c10d::ReduceOp reduceOpOf(const std::string& name) {
  using ::c10d::ReduceOp;
  if (name == "sum" || name == "avg") return ReduceOp::SUM;  // Gloo has no average
  if (name == "product") return ReduceOp::PRODUCT;
  if (name == "min") return ReduceOp::MIN;
  if (name == "max") return ReduceOp::MAX;
  throw std::invalid_argument("unknown reduction '" + name + "'; expected one of sum, avg, product, min, max");
}

void requireDense(const at::Tensor& tensor) {
  if (tensor.layout() != at::kStrided) throw std::invalid_argument("only dense tensors travel between processes");
}

void requireReducible(const at::Tensor& tensor, const std::string& op) {
  requireDense(tensor);
  const auto dtype = tensor.scalar_type();
  if (at::isComplexType(dtype) || at::isQIntType(dtype)) {
    throw std::invalid_argument(std::string(c10::toString(dtype)) + " tensors cannot be reduced between processes");
  }
  if (op == "avg" && !at::isFloatingType(dtype)) {
    throw std::invalid_argument("avg needs a floating-point tensor; found " + std::string(c10::toString(dtype)));
  }
}

/// c10dOpen(settings) -> [group, job of the meeting]
napi_value open(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const Properties given(napi, args[0]);
    Settings settings;
    settings.backend = given.string("backend");
    settings.host = given.string("host");
    settings.port = given.integer("port");
    settings.serve = given.boolean("serve");
    settings.rank = given.integer("rank");
    settings.size = given.integer("size");
    settings.localRank = given.integer("localRank");
    settings.timeout = Milliseconds(static_cast<int64_t>(given.number("timeoutMs")));
    settings.verify = given.boolean("verify");
    settings.prefix = given.string("prefix");
    settings.instance = given.string("instance");
    settings.name = given.string("name");
    settings.interfaces = given.string("interfaces");
    auto opened = std::make_shared<Job>();
    auto group = Group::open(std::move(settings), opened);
    auto& state = stateOf(env);
    auto& all = state.opened;
    all.erase(std::remove_if(all.begin(), all.end(), [](const auto& weak) { return weak.expired(); }), all.end());
    all.push_back(group);
    napi_value pair;
    napi_create_array_with_length(napi, 2, &pair);
    napi_set_element(napi, pair, 0, toJs(napi, state.groups.put(std::move(group))));
    napi_set_element(napi, pair, 1, putJob(napi, env, std::move(opened)));
    return pair;
  });
}

/// c10dWait(job, milliseconds) -> whether it has ended. A failure is thrown and ends the handle; ranks that did not come
/// are the error's property `missing`.
napi_value wait(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) -> napi_value {
    auto& job = jobOf(env, args.number(0));
    if (!job.wait(Milliseconds(args.integer(1)))) return toJs(napi, false);
    if (!job.failed) return toJs(napi, true);
    napi_value error;
    napi_create_error(napi, toJs(napi, std::string("ERR_C10D")), toJs(napi, job.message), &error);
    napi_value missing;
    napi_create_array_with_length(napi, job.missing.size(), &missing);
    for (uint32_t i = 0; i < job.missing.size(); i++) {
      napi_set_element(napi, missing, i, toJs(napi, static_cast<double>(job.missing[i])));
    }
    napi_set_named_property(napi, error, "missing", missing);
    stateOf(env).jobs.erase(args.number(0));
    napi_throw(napi, error);
    return nullptr;
  });
}

/// c10dTake(job) -> number of output tensors, with their handles on the tape; ends the job's handle
napi_value take(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto outputs = std::move(jobOf(env, args.number(0)).outputs);
    stateOf(env).jobs.erase(args.number(0));
    env.results.clear();
    for (const auto& output : outputs) env.results.number(env.put(output));
    env.flushResults();
    return toJs(napi, static_cast<double>(outputs.size()));
  });
}

/// c10dForget(job): nobody will wait for it
napi_value forget(napi_env napi, napi_callback_info info) {
  return guarded(napi, info,
                 [&](Env& env, Args& args) { return toJs(napi, stateOf(env).jobs.erase(args.number(0))); });
}

/// c10dRunningFor(group) -> milliseconds since the present operation began
napi_value runningFor(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    return toJs(napi, static_cast<double>(groupOf(env, args.number(0)).runningFor().count()));
  });
}

/// c10dGiveUp(group, reason)
napi_value giveUp(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    groupOf(env, args.number(0)).giveUp(args.string(1));
    return undefined(napi);
  });
}

/// c10dClose(group, milliseconds) -> whether it is closed by then; may be called again until it is
napi_value close(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto& group = groupOf(env, args.number(0));
    group.close();
    const bool closed = group.waitClosed(Milliseconds(args.integer(1)));
    if (closed) stateOf(env).groups.erase(args.number(0));
    return toJs(napi, closed);
  });
}

/// c10dAllReduce(group, description, tensor, op) -> job
napi_value allReduce(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto tensor = env.tensor(args.number(2)).detach();
    const auto op = args.string(3);
    requireReducible(tensor, op);
    auto& group = groupOf(env, args.number(0));
    return putJob(napi, env, group.allReduce(args.string(1), tensor, reduceOpOf(op), op == "avg"));
  });
}

/// c10dReduceScatter(group, description, tensor, op, size) -> job
napi_value reduceScatter(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto tensor = env.tensor(args.number(2)).detach();
    const auto op = args.string(3);
    requireReducible(tensor, op);
    if (tensor.dim() == 0 || tensor.size(0) % args.integer(4) != 0) {
      throw std::invalid_argument("the first dimension must be a multiple of the number of ranks");
    }
    auto& group = groupOf(env, args.number(0));
    return putJob(napi, env, group.reduceScatter(args.string(1), tensor, reduceOpOf(op), op == "avg"));
  });
}

/// c10dBroadcast(group, description, root, count) with the tensors' handles on the tape -> job
napi_value broadcast(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    auto reader = env.reader();
    std::vector<at::Tensor> tensors;
    for (auto n = args.integer(3); n > 0; n--) {
      tensors.push_back(env.tensor(reader.raw()).detach());
      requireDense(tensors.back());
    }
    auto& group = groupOf(env, args.number(0));
    return putJob(napi, env, group.broadcast(args.string(1), std::move(tensors), static_cast<int>(args.integer(2))));
  });
}

/// c10dAllGather(group, description, tensor) -> job
napi_value allGather(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto tensor = env.tensor(args.number(2)).detach();
    requireDense(tensor);
    return putJob(napi, env, groupOf(env, args.number(0)).allGather(args.string(1), tensor));
  });
}

/// c10dBarrier(group, description) -> job
napi_value barrier(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    return putJob(napi, env, groupOf(env, args.number(0)).barrier(args.string(1)));
  });
}

/// c10dSend(group, description, tensor, rank, tag) -> job; c10dReceive alike
template <bool sending>
napi_value exchange(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    const auto tensor = env.tensor(args.number(2)).detach();
    requireDense(tensor);
    auto& group = groupOf(env, args.number(0));
    const auto peer = static_cast<int>(args.integer(3));
    const auto tag = static_cast<int>(args.integer(4));
    auto job = sending ? group.send(args.string(1), tensor, peer, tag)
                       : group.receive(args.string(1), tensor, peer, tag);
    return putJob(napi, env, std::move(job));
  });
}

/// Whether the calling thread is JavaScript's own and was told to end (`worker.terminate()`): then nothing runs any more.
std::function<bool()> interruptionOf(napi_env napi) {
  return [napi, owner = std::this_thread::get_id()] {
    if (std::this_thread::get_id() != owner) return false;
    napi_handle_scope scope;
    napi_open_handle_scope(napi, &scope);
    napi_value result;
    const bool runs = napi_run_script(napi, toJs(napi, std::string("0")), &result) == napi_ok;
    napi_close_handle_scope(napi, scope);
    return !runs;
  };
}

/// c10dSyncBatchNorm(group, operation, count, eps) with the handles of x, weight or 0, bias or 0, mean, variance on the
/// tape -> handle
napi_value syncBatchNorm(napi_env napi, napi_callback_info info) {
  return guarded(napi, info, [&](Env& env, Args& args) {
    distributed::SyncBatchNorm common;
    common.group = groupOf(env, args.number(0)).shared_from_this();
    common.operation = args.string(1);
    common.count = args.number(2);
    common.eps = args.number(3);
    auto reader = env.reader();
    const auto& x = env.tensor(reader.raw());
    const auto maybe = [&] {
      const auto handle = reader.raw();
      return handle == 0 ? compat::optional<at::Tensor>() : env.tensor(handle);
    };
    const auto weight = maybe();
    const auto bias = maybe();
    common.mean = env.tensor(reader.raw());
    common.variance = env.tensor(reader.raw());
    common.interrupted = interruptionOf(napi);
    return toJs(napi, env.put(distributed::syncBatchNorm(std::move(common), x, weight, bias)));
  });
}

}  // namespace

void bindDistributed(napi_env env, napi_value exports) {
#ifdef MIEN_NCCL
  // On a time-out NCCL's watchdog shall end the communication and leave the error to us; its default ends the process.
  // Here, because the environment may not be changed once other threads read it.
  static constexpr const char* kCleanUpOnly = "2";
  const char* const name = MIEN_TORCH_AT_LEAST(2, 2) ? "TORCH_NCCL_ASYNC_ERROR_HANDLING" : "NCCL_ASYNC_ERROR_HANDLING";
  setenv(name, kCleanUpOnly, /*overwrite=*/0);
#endif
  static constexpr Binding kBindings[] = {
      {"c10dOpen", open},
      {"c10dWait", wait},
      {"c10dTake", take},
      {"c10dForget", forget},
      {"c10dRunningFor", runningFor},
      {"c10dGiveUp", giveUp},
      {"c10dClose", close},
      {"c10dAllReduce", allReduce},
      {"c10dReduceScatter", reduceScatter},
      {"c10dBroadcast", broadcast},
      {"c10dAllGather", allGather},
      {"c10dBarrier", barrier},
      {"c10dSend", exchange<true>},
      {"c10dReceive", exchange<false>},
      {"c10dSyncBatchNorm", syncBatchNorm},
  };
  bind(env, exports, kBindings);
}

#else

namespace {

napi_value unavailable(napi_env env, napi_callback_info) {
  napi_throw_error(env, "ERR_C10D_OFF",
                   "c10d is off in this build: neither Gloo's nor NCCL's headers were found beside libtorch when the "
                   "addon was compiled; install libgloo-dev (for Debian's libtorch) and build it again");
  return nullptr;
}

}  // namespace

/// Every group begins with c10dOpen, so that is the only place to say why there is none.
void bindDistributed(napi_env env, napi_value exports) {
  static constexpr Binding kBindings[] = {{"c10dOpen", unavailable}};
  bind(env, exports, kBindings);
}

#endif

}  // namespace mien
