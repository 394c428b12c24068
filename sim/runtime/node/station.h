#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "sim/runtime/transport/loop.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::runtime {

/// The queue of a node and the cores that serve it, under the policies of a scenario's tier. It
/// takes the decisions of a station of the simulation, which its test compares; it only decides,
/// and leaves computing to its owner. On the loop's thread only.
class Station {
 public:
  using Task = std::uint64_t;
  /// A batch that begins now.
  struct Turn {
    std::size_t core = 0;
    std::size_t cut = 0;
    std::vector<Task> tasks;  // In the order of the queue.
  };

  /// `service` has the predicted times of batches, by cut, then by size. `begin` computes a batch
  /// and ends with finished(). The choices must outlive it. Throws InputError at a policy that a
  /// real node can't follow: processor sharing.
  Station(Loop& loop, const scheduling::Scheduling& scheduling, std::size_t cores,
          std::vector<std::vector<Seconds>> service, std::function<void(const Turn&)> begin);
  ~Station();
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// Puts a task into the queue, and may begin batches before it returns. Returns false if
  /// admission rejects it. `job` needs neither `queued` nor `service`. A task that `must` be taken
  /// is not shown to admission.
  bool offer(Task task, std::size_t cut, scheduling::Job job, bool must = false);
  /// Takes a task that waits out of the queue. Returns whether it waited.
  bool withdraw(Task task);
  /// The core is done with its batch, which took so long.
  void finished(std::size_t core, Seconds took);
  /// Starts batches that wait to fill up with the requests they have.
  void flush();

  /// Returns whether requests wait for a batch to fill up, with a core free, and no time is set at
  /// which it starts anyway.
  bool waits_for_more() const;
  const scheduling::ServerState& state() const { return state_; }
  Seconds service(std::size_t cut) const { return service_[cut].front(); }

 private:
  struct Entry {
    double key = 0;
    std::uint64_t order = 0;
    Task task = 0;
    std::size_t cut = 0;
    scheduling::Job job;

    bool operator<(const Entry& other) const {
      return key != other.key ? key < other.key : order < other.order;
    }
  };
  using Queue = std::set<Entry>;
  struct Running {
    std::size_t size = 0;
    Seconds ends;  // Predicted.
  };
  struct Next {
    std::size_t queue = 0;
    std::size_t take = 0;  // 0: none is to begin.
    Seconds again = Seconds(std::numeric_limits<double>::infinity());
  };

  Seconds oldest(const Queue& queue) const;
  Next next() const;
  void start_waiting();
  void begin(std::size_t queue, std::size_t take);
  void decide_again_at(Seconds time);
  void leave(const Entry& entry);

  Loop& loop_;
  std::vector<std::vector<Seconds>> service_;
  std::vector<Seconds> least_;  // By cut: the core time of a request in a batch of the best size.
  std::function<void(const Turn&)> begin_;
  std::optional<scheduling::CheckedQueue> discipline_;
  std::optional<scheduling::CheckedBatching> batching_;
  std::optional<scheduling::CheckedAdmission> admission_;
  scheduling::ServerState state_;
  std::vector<Queue> queues_;  // One, or with batching one for each cut.
  std::unordered_map<Task, std::pair<std::size_t, Queue::iterator>> waiting_;
  std::vector<std::size_t> free_;  // Cores.
  std::vector<Running> running_;   // By core.
  std::uint64_t joined_ = 0;
  Loop::Timer alarm_ = 0;
  Seconds decides_at_ = Seconds(std::numeric_limits<double>::infinity());
};

}  // namespace offcut::runtime
