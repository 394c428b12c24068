#pragma once

#include <string>
#include <vector>

#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The records of a run: its requests, classes, hops and devices.
class RunBooks {
 public:
  RunBooks(const Simulation& simulation, const network::Attachment& attachment);

  /// Returns the number of the request that arrives.
  std::int64_t arrives(std::size_t request_class, std::size_t device);
  void completed(const RequestRecord& request);
  void dropped(const RequestRecord& request);
  void in_flight(const RequestRecord& request);
  /// A message has left its sender, or was lost.
  void sent(const Request* request);
  void message_lost(const Request* request);
  /// A message or a computation of the request was lost.
  void failure(const RequestRecord& request) { ++class_of(request).failures; }
  void fell_back(const RequestRecord& request) { ++class_of(request).fell_back; }

  std::int64_t ended() const { return record_.completed + record_.dropped; }
  bool all_ended() const { return ended() == record_.arrived; }
  /// Closes them; which hops FairShares served is left to the caller. Throws std::logic_error where
  /// requests were lost. REQUIRES: in_flight() for all that are.
  RunRecord close(Seconds duration, std::vector<TierUsage> tiers);

 private:
  struct Device {
    std::int64_t arrived = 0, completed = 0, in_time = 0;
    Seconds latencies;
  };

  ClassUsage& class_of(const RequestRecord& request) {
    return record_.classes[request.request_class];
  }
  void check_conservation() const;
  void set_bandwidths(Seconds duration);

  const Simulation& simulation_;
  RunRecord record_;
  std::vector<Device> devices_;
};

}  // namespace offcut::engine
