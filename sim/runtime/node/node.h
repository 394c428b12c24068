#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/runtime/node/call.h"
#include "sim/runtime/node/computer.h"
#include "sim/runtime/node/cut_chooser.h"
#include "sim/runtime/node/next_tier.h"
#include "sim/runtime/node/station.h"
#include "sim/runtime/transport/probe.h"

namespace offcut::runtime {

/// The work of a node for the requests of one cut.
struct NodeCut {
  Part part;
  std::vector<Seconds> service;  // Predicted, by the size of the batch. At least one.
  Seconds rest;                  // Predicted for everything after it, in an idle system.
};

struct NodeSettings {
  std::string tier;          // Its name.
  std::string model;         // The network's.
  std::string token;         // That both sides of each of its connections must know.
  std::uint32_t device = 0;  // The number of this device; tier 0 only.
  scheduling::Scheduling scheduling;
  std::vector<NodeCut> cuts;
  /// The whole network, to which requests that begin here fall back. It is not offered to others.
  std::optional<NodeCut> whole;
  CallRules rules;
  std::optional<NextTierSettings> next;
  /// A batch that would wait for ever starts when nothing has arrived for so long. The simulation
  /// knows that nothing else will ever happen; a node can only guess.
  Seconds flushes_after{1};
  std::size_t most_tasks = 10'000;  // Of one connection; further ones are refused.
  /// A connection that takes its answers so slowly that more bytes wait for it is closed.
  std::size_t most_waiting_bytes = std::size_t{256} << 20U;
};

/// The requests of a node. At any time, `received` is the sum of all others and of the tasks that
/// the node still has.
struct NodeCounts {
  std::int64_t received = 0;
  std::int64_t answered = 0;
  std::int64_t rejected = 0;   // By admission, here or beyond.
  std::int64_t failed = 0;     // Its tensors can't be computed.
  std::int64_t lost = 0;       // No tier was there to go on with it.
  std::int64_t timed_out = 0;  // It gave up.
  std::int64_t abandoned = 0;  // Its connection closed, or the node was stopped.

  std::int64_t ended() const { return answered + rejected + failed + lost + timed_out + abandoned; }
};

/// A tier that runs: it takes requests from connections or from its own machine, queues and
/// computes its part of them, sends them on, and hands answers back. The failure rules apply where
/// a request begins; other nodes report that they can't go on. On the loop's thread only, but for
/// what says otherwise.
class Node {
 public:
  /// The settings' policies, the transport and the computer must outlive it. The computer has the
  /// parts of the cuts, then the whole network. Throws InputError as Station does.
  Node(Transport& transport, Computer& computer, NodeSettings settings);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Takes connections at an address. Throws InputError as Transport::listen() does. Returns the
  /// address, with the port.
  std::string listen(const std::string& address);
  /// Sets the function that is called if the node is of no use: the next tier refuses it, or does
  /// not fit.
  void on_hopeless(std::function<void(const std::string& reason)> sink);
  /// Sets the function that is called once the node is ready.
  void on_ready(std::function<void()> sink);
  /// Returns whether the needs of the next tier are known, if there is one.
  bool is_ready() const { return is_ready_; }
  /// Returns whether a call would be computed now. Safe on any thread.
  bool can_answer() const { return can_answer_.load(); }

  /// Starts a request that begins here. REQUIRES: is_ready(), and inputs as in spec().
  void call(Call call, CallDone done);
  /// Ends all calls that are not answered, and all connections.
  void stop();

  /// The inputs and outputs of a cut for callers. REQUIRES: is_ready().
  ModelSpec spec(std::size_t cut = 0) const;
  /// Says of each cut which layers are on which tier, this one first. REQUIRES: is_ready().
  const Hello& hello() const { return own_; }
  /// Returns what a cut costs in an idle system. REQUIRES: is_ready().
  CutCost cost(std::size_t cut) const {
    return {station_.service(cut), routes_[cut].bytes, routes_[cut].servers};
  }
  const NodeCounts& counts() const { return counts_; }
  std::size_t tasks() const { return tasks_.size(); }
  const NextTier* next() const { return next_.get(); }
  const scheduling::ServerState& state() const { return station_.state(); }
  Transport& transport() { return transport_; }
  /// Throws std::logic_error unless the counts add up.
  void check_counts() const;

 private:
  struct Peer {
    std::uint64_t number = 0;
    std::unique_ptr<Channel> channel;
    bool is_greeted = false;
    std::optional<ProbeAnswerer> prober;  // Of offcut probe; the peer sends no requests then.
    std::size_t tasks = 0;
  };
  struct Task {
    enum class State { queued, computing, sent, pausing, parked };
    std::uint64_t number = 0;
    std::uint64_t peer = 0;     // 0: it begins here.
    std::uint64_t request = 0;  // Its number on the peer's connection.
    std::uint32_t device = 0;
    CallDone done;
    std::size_t cut = 0;
    State state = State::queued;
    PartInput tensors;                   // As they came.
    std::vector<MessageTensor> onward;   // Made here, for the next tier.
    std::vector<MessageTensor> results;  // Outputs of the network so far.
    CallTimes times;
    Seconds since;  // The beginning of the present attempt to send it.
    Seconds deadline;
    std::int64_t retries = 0;
    Loop::Timer time_out = 0;
    Loop::Timer pause = 0;
  };
  /// The ways of the tensors of a cut, once the next tier's needs are known.
  struct Route {
    bool goes_on = false;
    std::shared_ptr<const std::set<std::string>> onward;  // Made here, and needed.
    std::set<std::string> relayed;                        // Needed, and not made here.
    std::set<std::string> results;                        // Made here.
    Bytes bytes;                                          // Of the tensors that go on, at most.
    Seconds next, servers;  // Predicted of the next tier, and of all later ones.
  };

  void accept(std::unique_ptr<Channel> channel);
  void arrived(std::uint64_t number, Message message, Arrival arrival);
  bool greet(Peer& peer, const Message& message);
  bool greet_prober(Peer& peer, const std::string& token);
  void close(std::uint64_t number);
  void send_hello(Peer& peer, const std::string& refusal = {});
  static void refuse(Peer& peer, std::uint64_t request, const std::string& reason);
  void take_request(Peer& peer, Message message, Arrival arrival);
  void learn(const Hello& next);
  void become_ready();

  void queue_up(Task& task, bool must = false);
  scheduling::Job job_of(const Task& task) const;
  void begin(const Station::Turn& turn);
  void computed(const Station::Turn& turn, ComputedBatch batch);
  void go_on(Task& task);
  void send(Task& task);
  void answered(Task& task, Message answer, Arrival arrival, std::size_t server);
  void refused(Task& task, const std::string& text);
  void recover(Task& task, const std::string& reason);
  void take_action(Task& task, const std::string& reason);
  void fall_back(Task& task, CallEnd::How otherwise, const std::string& reason);
  void wake_parked();
  void finish(Task& task, CallEnd::How how, const std::string& reason = {});
  void answer(Task& task);
  void end_call(Task task, CallEnd::How how, const std::string& reason);
  void count(CallEnd::How how);
  void note_activity();
  void update_readiness();
  Task* find(std::uint64_t number);
  std::size_t whole_cut() const { return settings_.cuts.size(); }
  const NodeCut& cut(std::size_t number) const {
    return number == whole_cut() ? *settings_.whole : settings_.cuts[number];
  }

  Transport& transport_;
  Loop& loop_;
  Computer& computer_;
  NodeSettings settings_;
  Station station_;
  Hello own_;
  std::vector<Route> routes_;  // By cut; the whole network's is the last.
  bool is_ready_ = false;
  std::atomic<bool> can_answer_ = false;
  std::function<void(const std::string&)> hopeless_;
  std::function<void()> ready_;
  std::vector<std::unique_ptr<Handle>> listening_;
  std::unordered_map<std::uint64_t, Peer> peers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Channel>> closing_;  // Forgotten peers' ones.
  std::unordered_map<std::uint64_t, Task> tasks_;
  std::uint64_t last_peer_ = 0, last_task_ = 0;
  NodeCounts counts_;
  Loop::Timer flushing_ = 0;
  std::unique_ptr<NextTier> next_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);  // For results that come late.
};

}  // namespace offcut::runtime
