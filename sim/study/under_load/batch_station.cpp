// Predicts a station that computes batches. The size of a class's batches and the wait of its
// oldest request depend on each other: requests gather while it waits, and larger batches take less
// time per request. Their common solution is found by bisection, since a longer wait makes larger
// batches, and these a lighter load and so a shorter wait.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/study/under_load/policy_probe.h"
#include "sim/study/under_load/station.h"

namespace offcut::study {
namespace {

/// The batches of one flow.
struct Batches {
  double cap = 1;      // The largest.
  double forming = 0;  // Seconds for which the oldest request waits for others.
  double rate = 0;     // Requests per second at one queue.
};

/// Returns the time of a batch whose size need not be whole.
double service_of(const JobFlow& flow, double size) {
  const double most = static_cast<double>(flow.service.size());
  const double at = std::clamp(size, 1.0, most) - 1;
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, flow.service.size() - 1);
  const double part = at - static_cast<double>(below);
  return (1 - part) * flow.service[below].si() + part * flow.service[above].si();
}

/// Returns the largest batch of a flow: the policy's, or the largest that takes no longer than its
/// objective.
double largest_batch(const JobFlow& flow, const BatchRule& rule,
                     const scheduling::Choice<scheduling::BatchingKind>& batching) {
  double most = static_cast<double>(std::min(rule.most, flow.service.size()));
  if (batching.kind->objective != nullptr) {
    const Seconds objective = batching.kind->objective(batching.parameters);
    while (most > 1 && Seconds(service_of(flow, most)) > objective) {
      --most;
    }
  }
  return most;
}

class BatchStation {
 public:
  BatchStation(const Station& station, const std::vector<JobFlow>& flows)
      : station_(station), flows_(flows) {
    const auto& batching = station.policies->batching;
    const BatchRule rule = batch_rule(batching);
    const double queues = station.policies->dispatch ? static_cast<double>(station.servers) : 1;
    for (const JobFlow& flow : flows) {
      Batches batches{.cap = largest_batch(flow, rule, batching), .rate = flow.rate.si() / queues};
      const double full =
          (std::min(batches.cap, static_cast<double>(rule.at_once)) - 1) / batches.rate;
      batches.forming = std::min(rule.delay.si(), full);
      batches_.push_back(batches);
    }
  }

  /// Returns the size of the flow's batches if their oldest requests wait for a core for `wait`.
  double size(std::size_t flow, double wait) const {
    const Batches& batches = batches_[flow];
    return std::min(batches.cap, 1 + batches.rate * (batches.forming + wait));
  }
  double load(std::size_t flow, double wait) const {
    const double batch = size(flow, wait);
    return flows_[flow].rate.si() * service_of(flows_[flow], batch) / batch /
           static_cast<double>(station_.all_cores());
  }
  /// Returns the wait for a core of batches of these sizes.
  double wait_for_core(double wait) const {
    double rate = 0, work = 0, second = 0, requests = 0;
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      const double batch = size(i, wait);
      const double service = service_of(flows_[i], batch);
      const double batches = flows_[i].rate.si() / batch;
      rate += batches;
      requests += flows_[i].rate.si();
      work += batches * service;
      second += batches * service * service * (1 + flows_[i].cv * flows_[i].cv);
    }
    Station batched = station_;
    // A batch that is full after a number of requests comes as regularly as their sum.
    batched.arrival_scv = station_.arrival_scv * rate / requests;
    return queue_wait(batched, PerSecond(rate), Seconds(work / rate),
                      std::max(0.0, second * rate / (work * work) - 1))
        .si();
  }
  /// Returns the wait for a core at which sizes and waits agree.
  double solve() const {
    constexpr int kHalvings = 100;  // The first wait may be that of a long overload.
    double low = 0, high = std::max(wait_for_core(0), 1e-12);
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      (wait_for_core(middle) > middle ? low : high) = middle;
    }
    return (low + high) / 2;
  }
  /// Returns the mean wait of a flow's requests, with the time by which a batch is longer than one
  /// request alone.
  Seconds request_wait(std::size_t flow, double wait) const {
    const Batches& batches = batches_[flow];
    const double oldest = batches.forming + wait;
    const double gather = std::min(oldest, (batches.cap - 1) / batches.rate);
    const double batch = size(flow, wait);
    // The requests after the oldest one come at any time while the batch gathers.
    return Seconds(oldest - gather + gather * (batch + 1) / (2 * batch) +
                   service_of(flows_[flow], batch) - service_of(flows_[flow], 1));
  }

 private:
  const Station& station_;
  const std::vector<JobFlow>& flows_;
  std::vector<Batches> batches_;
};

}  // namespace

StationLoad predict_batches(const Station& station, const std::vector<JobFlow>& flows) {
  const BatchStation batches(station, flows);
  const double wait = batches.solve();
  StationLoad result{.loss = std::vector<double>(flows.size())};
  std::vector<double> loads;
  std::vector<scheduling::Job> jobs;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    loads.push_back(batches.load(i, wait));
    jobs.push_back(flows[i].job);
  }
  result.load = std::accumulate(loads.begin(), loads.end(), 0.0);
  const std::vector<Seconds> for_core =
      ordered_waits(loads, Seconds(wait), overtaking(station.policies->queue, jobs));
  for (std::size_t i = 0; i < flows.size(); ++i) {
    result.wait.push_back(batches.request_wait(i, for_core[i].si()));
    // Waits of a batch's requests are about uniform, those for a core exponential.
    const double formed = result.wait.back().si() - for_core[i].si();
    result.variance.push_back(formed * formed / 3 + for_core[i].si() * for_core[i].si());
  }
  result.departure_scv = 1;
  return result;
}

}  // namespace offcut::study
