// How the processes of a group find each other: at a key-value store that one of them keeps.
#include "c10d_group.h"

#ifdef MIEN_C10D

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <thread>

#include "napi_util.h"

#ifdef MIEN_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef MIEN_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace mien::distributed {

namespace {

constexpr Milliseconds kFirstPause{5};
constexpr Milliseconds kLongestPause{200};
constexpr Milliseconds kOneConnect{2000};

/// What waiting longer does not cure.
struct Incurable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Pauses between attempts that grow, until a deadline.
class Patience {
 public:
  Patience(Milliseconds limit, const std::atomic<bool>& stop) : deadline_(Clock::now() + limit), stop_(stop) {}

  Milliseconds left() const {
    return std::max(Milliseconds(0), std::chrono::duration_cast<Milliseconds>(deadline_ - Clock::now()));
  }
  /// False when the time is up.
  bool pause() {
    if (stop_) throw Incurable("the process group was closed while it met the others");
    if (left().count() == 0) return false;
    std::this_thread::sleep_for(std::min(pause_, left()));
    pause_ = std::min(pause_ * 2, kLongestPause);
    return true;
  }

 private:
  Clock::time_point deadline_;
  const std::atomic<bool>& stop_;
  Milliseconds pause_ = kFirstPause;
};

std::string endpoint(const Settings& settings) { return settings.host + ":" + std::to_string(settings.port); }

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// Connects once. Returns this side's numeric address, or '' with the reason in `why`.
std::string tryAddress(const addrinfo& address, Milliseconds limit, std::string& why) {
  Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  int error = 0;
  if (socket.fd() < 0) {
    error = errno;
  } else if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) < 0) {
    error = errno;
    if (error == EINPROGRESS) {
      pollfd waiting{socket.fd(), POLLOUT, 0};
      const auto milliseconds = static_cast<int>(std::min(limit, kOneConnect).count());
      socklen_t length = sizeof(error);
      if (::poll(&waiting, 1, milliseconds) <= 0) error = ETIMEDOUT;
      else ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
    }
  }
  if (error != 0) {
    why = std::strerror(error);
    return "";
  }
  sockaddr_storage local{};
  socklen_t length = sizeof(local);
  char host[NI_MAXHOST] = "";
  ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&local), &length);
  ::getnameinfo(reinterpret_cast<sockaddr*>(&local), length, host, sizeof(host), nullptr, 0, NI_NUMERICHOST);
  return host;
}

/// Waits until something listens at the store's address, and says from which address of this machine it is reached.
/// libtorch's own client looks once a second only, and where it counts in seconds, short time-outs would be none.
std::string reachStore(const Settings& settings, Patience& patience) {
  std::string why;
  do {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status =
        ::getaddrinfo(settings.host.c_str(), std::to_string(settings.port).c_str(), &hints, &found);
    if (status != 0) {
      why = ::gai_strerror(status);
      continue;  // a fresh pod's name may take a while to be known
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
    for (const auto* address = found; address; address = address->ai_next) {
      const auto local = tryAddress(*address, std::max(patience.left(), Milliseconds(1)), why);
      if (!local.empty()) return local;
    }
  } while (patience.pause());
  throw MissingRanks("nobody answered at " + endpoint(settings) + ", where rank 0 should be (" + why + ")", {0});
}

c10::intrusive_ptr<MeetingStore> openStore(Settings& settings, Patience& patience, std::string& localAddress) {
  ::c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(settings.port);
  options.isServer = settings.serve;
  options.waitWorkers = false;  // who is missing, `meet` says better
  options.timeout = std::max(settings.timeout, Milliseconds(1000));
  compat::withoutLibuv(options);
  if (!settings.serve) localAddress = reachStore(settings, patience);
  auto store = c10::make_intrusive<::c10d::TCPStore>(settings.host, options);
  if (settings.serve) {
    settings.port = store->getPort();
    localAddress = reachStore(settings, patience);
  }
  return c10::make_intrusive<MeetingStore>(settings.prefix, store);
}

std::vector<uint8_t> bytesOf(const std::string& text) { return {text.begin(), text.end()}; }

std::string keyOf(int rank) { return "rank/" + std::to_string(rank); }

/// Writes `value` where nobody has written yet, and says what is there.
std::string claim(::c10d::Store& store, const std::string& key, const std::string& value) {
  const auto found = store.compareSet(key, std::vector<uint8_t>(), bytesOf(value));
  return {found.begin(), found.end()};
}

void arrive(const Settings& settings, ::c10d::Store& store) {
  const auto size = std::to_string(settings.size);
  const auto agreed = claim(store, "worldSize", size);
  if (agreed != size) {
    throw Incurable("this rank was told that there are " + size + " ranks, another that there are " + agreed);
  }
  const auto holder = claim(store, keyOf(settings.rank), settings.name);
  if (holder == settings.name) return;
  if (holder.compare(0, settings.instance.size(), settings.instance) == 0) {
    throw std::runtime_error("the store of an earlier group is still there");
  }
  throw Incurable("another process has come to " + endpoint(settings) + " as rank " +
                      std::to_string(settings.rank));
}

[[noreturn]] void giveUpOn(const Settings& settings, const std::string& names) {
  std::vector<int> missing;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) missing.push_back(std::stoi(name));
  if (settings.serve) std::this_thread::sleep_for(2 * kLongestPause);  // until the others have looked at the store
  throw MissingRanks((missing.size() == 1 ? "rank " : "ranks ") + names + " of " + std::to_string(settings.size) +
                         " did not come to " + endpoint(settings),
                     missing);
}

/// The first rank whose patience ends tells the others whom it missed, and all give up: those that would wait longer
/// would wait for it.
void waitForAll(const Settings& settings, ::c10d::Store& store, Patience& patience) {
  static const std::string kMissed = "missed";
  std::vector<std::string> keys;
  for (int rank = 0; rank < settings.size; rank++) keys.push_back(keyOf(rank));
  while (!store.check(keys)) {
    if (store.check({kMissed})) {
      const auto names = store.get(kMissed);
      giveUpOn(settings, {names.begin(), names.end()});
    }
    if (patience.pause()) continue;
    std::string names;
    for (int rank = 0; rank < settings.size; rank++) {
      if (!store.check({keyOf(rank)})) names += (names.empty() ? "" : ", ") + std::to_string(rank);
    }
    if (names.empty()) return;  // the last one came just now
    names = claim(store, kMissed, names);
    giveUpOn(settings, names);
  }
}

}  // namespace

Meeting meet(const Settings& given, const std::atomic<bool>& stop) {
  auto settings = given;
  Patience patience(settings.timeout, stop);
  while (true) {
    try {
      Meeting meeting;
      meeting.store = openStore(settings, patience, meeting.localAddress);
      arrive(settings, *meeting.store);
      waitForAll(settings, *meeting.store, patience);
      return meeting;
    } catch (const MissingRanks&) {
      throw;
    } catch (const Incurable&) {
      throw;
    } catch (const std::exception& error) {
      // A store that goes away while we wait may be that of an earlier group, which rank 0 is just about to leave.
      const bool again = !settings.serve && patience.pause();
      if (!again) throw std::runtime_error("no meeting at " + endpoint(settings) + ": " + messageOf(error));
    }
  }
}

c10::intrusive_ptr<compat::CollectiveBackend> makeBackend(const Settings& settings, const Meeting& meeting) {
#ifdef MIEN_GLOO
  if (settings.backend == "gloo") {
    using ::c10d::ProcessGroupGloo;
    auto options = ProcessGroupGloo::Options::create(settings.timeout);
    for (size_t from = 0; from < settings.interfaces.size();) {
      const auto comma = std::min(settings.interfaces.find(',', from), settings.interfaces.size());
      options->devices.push_back(
          ProcessGroupGloo::createDeviceForInterface(settings.interfaces.substr(from, comma - from)));
      from = comma + 1;
    }
    // libtorch's default is the address of the host's own name, which Debian maps to a loopback address that no other
    // machine reaches.
    if (options->devices.empty()) {
      options->devices.push_back(ProcessGroupGloo::createDeviceForHostname(meeting.localAddress));
    }
    return c10::make_intrusive<ProcessGroupGloo>(meeting.store, settings.rank, settings.size, options);
  }
#endif
#ifdef MIEN_NCCL
  if (settings.backend == "nccl") {
    using ::c10d::ProcessGroupNCCL;
    auto options = ProcessGroupNCCL::Options::create();
    options->timeout = settings.timeout;
    return c10::make_intrusive<ProcessGroupNCCL>(meeting.store, settings.rank, settings.size, options);
  }
#endif
  throw std::invalid_argument("this build of the addon has no backend '" + settings.backend + "'");
}

}  // namespace mien::distributed

#endif
