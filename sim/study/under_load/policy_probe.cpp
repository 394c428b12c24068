// Asks queues, batching policies and admission rules what they do, on jobs and server states that
// are made up for it. A fresh object answers each question, since policies may keep what they have
// decided.

#include "sim/study/under_load/policy_probe.h"

#include <algorithm>

#include "sim/scheduling/checked_policies.h"

namespace offcut::study {
namespace {

constexpr Seconds kForever(std::numeric_limits<double>::infinity());
constexpr Seconds kLongGap(1e9);  // Longer than any run: see scenario::kMostSeconds.

/// Returns whether `later`, which comes by `gap` after `earlier`, is served first.
bool overtakes(const scheduling::Choice<scheduling::QueueKind>& queue,
               const scheduling::Job& earlier, scheduling::Job later, Seconds gap) {
  const scheduling::CheckedQueue policy(queue);
  const double first = policy.key(earlier);
  later.request = earlier.request + 1;
  later.device = earlier.device + 1;
  later.queued += gap;
  later.deadline += gap;
  return policy.key(later) < first;
}

/// REQUIRES: if a job overtakes with some gap, it does so with each shorter one.
Seconds longest_overtaking(const scheduling::Choice<scheduling::QueueKind>& queue,
                           const scheduling::Job& earlier, const scheduling::Job& later) {
  constexpr Seconds kShortGap(1e-9);
  constexpr int kHalvings = 60;
  if (!overtakes(queue, earlier, later, kShortGap)) {
    return Seconds(0);
  }
  if (overtakes(queue, earlier, later, kLongGap)) {
    return kForever;
  }
  Seconds low = kShortGap;
  Seconds high = kLongGap;
  for (int i = 0; i < kHalvings; ++i) {
    const Seconds middle = (low + high) / 2;
    (overtakes(queue, earlier, later, middle) ? low : high) = middle;
  }
  return low;
}

/// Returns whether the rule takes the job where `waiting` others wait for cores that are all busy.
bool admits(const scheduling::Choice<scheduling::AdmissionKind>& admission,
            const scheduling::Job& job, Seconds service, std::size_t cores, std::size_t waiting) {
  scheduling::ServerState server;
  server.cores = server.running = server.busy = cores;
  server.waiting = waiting;
  server.waiting_work = service * static_cast<double>(waiting);
  server.running_ends = service * (static_cast<double>(cores) / 2);
  return scheduling::CheckedAdmission(admission).admits(server, job, Seconds(0));
}

}  // namespace

std::vector<std::vector<Seconds>> overtaking(const scheduling::Choice<scheduling::QueueKind>& queue,
                                             const std::vector<scheduling::Job>& jobs) {
  std::vector<std::vector<Seconds>> gaps(jobs.size(), std::vector<Seconds>(jobs.size()));
  if (!queue || queue.kind->shares) {
    return gaps;
  }
  for (std::size_t later = 0; later < jobs.size(); ++later) {
    for (std::size_t earlier = 0; earlier < jobs.size(); ++earlier) {
      gaps[later][earlier] = longest_overtaking(queue, jobs[earlier], jobs[later]);
    }
  }
  return gaps;
}

BatchRule batch_rule(const scheduling::Choice<scheduling::BatchingKind>& batching) {
  if (!batching) {
    return {};
  }
  constexpr int kMostDecisions = 8;
  const scheduling::CheckedBatching policy(batching);
  BatchRule rule{.most = policy.largest(), .at_once = policy.largest(), .delay = kForever};
  for (std::size_t waiting = 1; waiting <= rule.most; ++waiting) {
    if (policy.decide(waiting, Seconds(0), Seconds(0)).take > 0) {
      rule.at_once = waiting;
      break;
    }
  }
  Seconds now;
  for (int i = 0; i < kMostDecisions && now < kLongGap; ++i) {
    const scheduling::BatchDecision decision = policy.decide(1, Seconds(0), now);
    if (decision.take > 0) {
      rule.delay = now;
      break;
    }
    now = decision.again;
  }
  return rule;
}

std::vector<std::size_t> queue_limits(
    const scheduling::Choice<scheduling::AdmissionKind>& admission,
    const std::vector<scheduling::Job>& jobs, Seconds service, std::size_t cores) {
  constexpr std::size_t kMostWaiting = 4096;  // A longer queue is as good as none without a limit.
  std::vector<std::size_t> limits(jobs.size(), kNoLimit);
  for (std::size_t i = 0; admission && i < jobs.size(); ++i) {
    if (admits(admission, jobs[i], service, cores, kMostWaiting)) {
      continue;
    }
    std::size_t low = 0;  // The first limit is in [low, high].
    std::size_t high = kMostWaiting;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (admits(admission, jobs[i], service, cores, middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    limits[i] = low;
  }
  return limits;
}

}  // namespace offcut::study
