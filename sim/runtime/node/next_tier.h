#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/random.h"
#include "sim/runtime/node/clock_offset.h"
#include "sim/runtime/node/hello.h"
#include "sim/runtime/transport/transport.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::runtime {

/// The servers of the next tier, and how a node keeps to them.
struct NextTierSettings {
  /// The addresses by site; the first site is the node's own. A site of several servers has a
  /// dispatch rule, or else the server with the fewest requests of this node gets the next one.
  std::vector<std::vector<std::string>> sites;
  scheduling::Choice<scheduling::DispatchKind> dispatch;
  bool may_leave_site = false;  // Requests go to another site while none of its own is up.
  std::uint64_t seed = 1;
  Seconds connects_within{5};
  Seconds first_pause{0.05}, longest_pause{2};  // Between attempts to connect; doubled each time.
  /// A server that has said nothing for so long, not even to probes, is given up.
  Seconds patience{10};
  Seconds probes_every{1};
};

/// The connections of a node to the servers of the next tier. It keeps them, makes lost ones again,
/// and sends requests one after another over each of them. On the loop's thread only.
class NextTier {
 public:
  using Task = std::uint64_t;

  /// The functions that it calls. A task that was sent ends with one of the first three, unless it
  /// is withdrawn.
  struct Listener {
    std::function<void(Task, Message answer, Arrival, std::size_t server)> answered;
    std::function<void(Task, const std::string& reason)> refused;
    std::function<void(Task, const std::string& reason)> lost;
    /// The message was taken up, after those before it, and handed over to the system.
    std::function<void(Task, Seconds begin, Seconds end, std::size_t bytes)> sent;
    /// A server is ready: its hello has come, and the offset of its clock is known. The hello has
    /// the errors of the clocks of its own tier and those after it, to this node's.
    std::function<void(const Hello&)> ready;
    /// It is of no use to try this server again, such as after an invalid token.
    std::function<void(const std::string& reason)> hopeless;
  };

  /// `own` is the hello with which it greets servers. Connects at once. The choice and the
  /// transport must outlive it.
  NextTier(Transport& transport, const NextTierSettings& settings, const Hello& own,
           Listener listener);
  ~NextTier();
  NextTier(const NextTier&) = delete;
  NextTier& operator=(const NextTier&) = delete;

  /// Returns whether a server could take a request now.
  bool is_up() const;
  /// Sends the task's message to a server that dispatch chooses. Returns false if none is up.
  bool send(Task task, const scheduling::Job& job, Message message);
  /// Forgets a task: its message is not sent if it still waits, and its answer is ignored.
  void withdraw(Task task);

  const ClockOffset& clock(std::size_t server) const { return servers_[server]->clock; }
  std::size_t servers() const { return servers_.size(); }
  const std::string& address(std::size_t server) const { return servers_[server]->address; }
  /// Returns the cores of the server; 1 before its hello.
  std::size_t cores(std::size_t server) const { return servers_[server]->cores; }
  /// Returns whether the server was ever ready.
  bool was_ready(std::size_t server) const { return servers_[server]->was_ready; }

 private:
  struct Attempt {
    Task task = 0;
    Seconds service;  // Predicted.
    Seconds begun;    // When its message was taken up.
    bool is_sent = false;
  };
  struct Waiting {
    std::uint64_t number = 0;
    Message message;
  };
  struct Server {
    std::string address;
    std::size_t number = 0;
    std::size_t site = 0;
    std::unique_ptr<Handle> connecting;
    std::unique_ptr<Channel> channel;
    bool is_ready = false;
    Hello hello;           // Once it has come.
    int first_echoes = 0;  // Exchanges before it is ready, for the offset of its clock.
    bool was_ready = false;
    bool is_hopeless = false;
    std::size_t cores = 1;
    Seconds pause;
    Seconds heard;                              // When anything last came from it.
    std::map<std::uint64_t, Attempt> attempts;  // By their number on the wire.
    std::vector<Waiting> line;                  // Messages that are not taken up yet, in order.
    bool is_sending = false;
    ClockOffset clock;
  };

  void connect(Server& server);
  void connect_later(Server& server);
  void connected(Server& server, std::unique_ptr<Channel> channel);
  void arrived(Server& server, Message message, Arrival arrival);
  void close(Server& server, const std::string& reason, bool for_good = false);
  void send_next(Server& server);
  void probe();
  void send_probe(Server& server);
  void become_ready(Server& server);
  scheduling::ServerState state_of(const Server& server) const;
  std::optional<std::size_t> choose(const scheduling::Job& job);

  Transport& transport_;
  Loop& loop_;
  NextTierSettings settings_;
  std::string hello_;
  Listener listener_;
  std::vector<std::unique_ptr<Server>> servers_;  // Site by site.
  std::vector<std::vector<std::size_t>> by_site_;
  std::vector<scheduling::CheckedDispatch> dispatch_;  // By site; empty without a rule.
  RandomStream stream_;
  std::uint64_t numbered_ = 0;
  std::vector<std::unique_ptr<Channel>> closing_;  // They may be calling back now.
  Loop::Timer probing_ = 0;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);  // For actions that come late.
};

}  // namespace offcut::runtime
