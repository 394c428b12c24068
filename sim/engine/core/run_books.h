#pragma once

#include <string>
#include <vector>

#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The books of a run: counts and sums of its requests, classes, hops and devices.
class RunBooks {
 public:
  /// All arguments must outlive it.
  RunBooks(const Simulation& simulation, const Legs& legs, const network::Attachment& attachment);

  /// Counts an arrival, and returns the number of the request.
  std::int64_t arrives(std::size_t request_class, std::size_t device);
  /// Counts a request that is answered or dropped.
  void ends(const RequestRecord& request) {
    request.completed() ? completed(request) : dropped(request);
  }
  /// Counts a request that is in flight when the run ends.
  void in_flight(const RequestRecord& request, Seconds end);
  /// Count a message that has left its sender, or was lost, on each of its hops.
  void sent(const Request* request);
  void message_lost(const Request* request);
  /// Counts a message or a computation that was lost.
  void failure(const RequestRecord& request) {
    count(request, [](ClassUsage& usage) { ++usage.failures; });
  }
  void fell_back(const RequestRecord& request) {
    count(request, [](ClassUsage& usage) { ++usage.fell_back; });
  }

  std::int64_t ended() const { return record_.completed + record_.dropped; }
  /// Returns the counts of requests and messages so far.
  const RunRecord& so_far() const { return record_; }
  bool all_ended() const { return ended() == record_.arrived; }
  /// Closes the books; the caller fills in which hops FairShares served. Throws std::logic_error if
  /// requests were lost. REQUIRES: in_flight() was called for each request in flight.
  RunRecord close(Seconds duration, std::vector<TierUsage> tiers);

 private:
  struct Device {
    std::int64_t arrived = 0, completed = 0, in_time = 0;
    Seconds latencies;
  };

  void completed(const RequestRecord& request);
  void dropped(const RequestRecord& request);
  static void check_parts(const RequestRecord& request);
  void check_conservation() const;
  void set_bandwidths(Seconds duration);

  /// Calls `count` with the usage of the request's class, and of its devices' group.
  template <class Count>
  void count(const RequestRecord& request, Count count) {
    count(record_.classes[request.request_class]);
    if (!record_.groups.empty()) {
      count(record_.groups[attachment_.group_of(request.device)]);
    }
  }

  const Simulation& simulation_;
  const Legs& legs_;
  const network::Attachment& attachment_;
  RunRecord record_;
  std::vector<Device> devices_;
};

}  // namespace offcut::engine
