#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "sim/scheduling/scheduling.h"

namespace offcut::study {

// The prediction of waits knows no policy by name. It asks each one what it does in a few states,
// and derives the figures that closed forms need. So a new policy is predicted, too. The functions
// throw what checked_policies.h throws.

/// Returns by how much later a job of class k may come than one of class j, at most, to be served
/// before it: [k][j]. 0: never; infinite: always. `jobs` has one of each class that comes at time
/// 0, so its deadline counts from there. A queue without a policy serves in the order of arrival.
std::vector<std::vector<Seconds>> overtaking(const scheduling::Choice<scheduling::QueueKind>& queue,
                                             const std::vector<scheduling::Job>& jobs);

/// The rule by which a free server forms batches.
struct BatchRule {
  std::size_t most = 1;     // The largest batch.
  std::size_t at_once = 1;  // With so many requests it does not wait for more.
  Seconds delay;            // The time that it waits with fewer; may be infinite.
};

BatchRule batch_rule(const scheduling::Choice<scheduling::BatchingKind>& batching);

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// Returns for each job the least number of waiting requests with which a server whose cores are
/// all busy rejects it; kNoLimit: it never does. `service` is the mean time of a request.
std::vector<std::size_t> queue_limits(
    const scheduling::Choice<scheduling::AdmissionKind>& admission,
    const std::vector<scheduling::Job>& jobs, Seconds service, std::size_t cores);

/// Returns how far a dispatch rule is from one queue for all servers, as a share of the distance
/// from there to servers drawn at random: 0 for the queue, 1 for random. It comes from the mean
/// wait at `servers` servers of `cores` cores with Poisson arrivals and exponential service at 80 %
/// load, where the rule decides on 20,000 events drawn from a fixed stream. More than 256 servers
/// count as 256.
double dispatch_gap(const scheduling::Choice<scheduling::DispatchKind>& dispatch,
                    std::size_t servers, std::size_t cores);

}  // namespace offcut::study
