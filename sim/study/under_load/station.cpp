// Predicts queues and processor sharing. The load of each flow gives the wait in the order of
// arrival, which is then distributed over the flows as the queue's order demands.

#include "sim/study/under_load/station.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/theory/queueing.h"
#include "sim/study/under_load/policy_probe.h"

namespace offcut::study {
namespace {

// At this load, the waits of a run are bounded by its length and no longer by the closed form.
constexpr double kFullLoad = 0.9999;
// Waits of unlike flows need a load below 1: overloads are scaled to this one.
constexpr double kMostOrdered = 0.98;

/// The flows of a station together.
struct Total {
  PerSecond arrivals;
  Seconds service;  // Mean.
  double scv = 0;   // Of service.
  double load = 0;
};

Total total_of(const Station& station, const std::vector<JobFlow>& flows) {
  Total total;
  double work = 0, second = 0;
  for (const JobFlow& flow : flows) {
    const double service = flow.service.front().si();
    total.arrivals += flow.rate;
    work += flow.rate.si() * service;
    second += flow.rate.si() * service * service * (1 + flow.cv * flow.cv);
  }
  total.service = Seconds(work / total.arrivals.si());
  total.scv = std::max(0.0, second * total.arrivals.si() / (work * work) - 1);
  total.load = work / static_cast<double>(station.all_cores());
  return total;
}

/// Returns the mean wait in a run of finite length, in the stationary state or on the way there. A
/// random walk with steps of that variability has come about so far after the run; beyond a load of
/// 1, work piles up all the time.
Seconds bounded_wait(Seconds stationary, double load, double variability, Seconds service,
                     std::size_t cores, Seconds horizon) {
  const Seconds reached(
      0.5 * std::sqrt(variability * service.si() * horizon.si() / static_cast<double>(cores)));
  return std::min(stationary, reached) + horizon * (std::max(0.0, load - 1) / 2);
}

/// Returns the share of time at each level, [n] waiting requests while all cores are busy, if
/// `admitted[n]` requests per second join at level n. `offered` is the load in cores.
std::vector<double> queue_levels(double offered, std::size_t cores, double service_rate,
                                 const std::vector<double>& admitted) {
  std::vector<double> levels = {1};
  for (const double rate : admitted) {
    levels.push_back(levels.back() * rate / service_rate);
  }
  double sum = std::accumulate(levels.begin(), levels.end(), 0.0);
  double weight = 1;
  for (std::size_t n = cores; n > 0; --n) {  // The states with a free core.
    weight *= static_cast<double>(n) / offered;
    sum += weight;
  }
  for (double& level : levels) {
    level /= sum;
  }
  return levels;
}

/// Fills in the losses and returns the mean wait of those that are admitted.
Seconds wait_with_losses(const Station& station, const std::vector<JobFlow>& flows,
                         const Total& total, StationLoad& result) {
  constexpr std::size_t kMostLevels = 4096;
  constexpr double kNegligible = 1e-12;
  constexpr double kEndless = 1e100;  // The queue of those without a limit grows without end.
  std::vector<scheduling::Job> jobs;
  for (const JobFlow& flow : flows) {
    jobs.push_back(flow.job);
  }
  const bool has_queues = static_cast<bool>(station.policies->dispatch);  // One for each server.
  const std::vector<std::size_t> limits =
      queue_limits(station.policies->admission, jobs, total.service,
                   has_queues ? station.cores : station.all_cores());
  const double queues = has_queues ? static_cast<double>(station.servers) : 1;
  const auto joins = [&](std::size_t flow, std::size_t level) {
    return static_cast<double>(level) < static_cast<double>(limits[flow]) * queues;
  };
  std::vector<double> admitted;
  const double service_rate = static_cast<double>(station.all_cores()) / total.service.si();
  double reach = 1;  // The weight of the level, relative to the first one.
  while (admitted.size() < kMostLevels && reach > kNegligible && reach < kEndless) {
    double rate = 0;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      rate += joins(i, admitted.size()) ? flows[i].rate.si() : 0;
    }
    admitted.push_back(rate);
    reach *= rate / service_rate;
  }
  const std::vector<double> levels =
      queue_levels(total.load * static_cast<double>(station.all_cores()), station.all_cores(),
                   service_rate, admitted);
  double waiting = 0, entering = 0;
  for (std::size_t n = 0; n < levels.size(); ++n) {
    waiting += static_cast<double>(n) * levels[n];
    for (std::size_t i = 0; i < flows.size(); ++i) {
      result.loss[i] += joins(i, n) ? 0 : levels[n];
    }
  }
  for (std::size_t i = 0; i < flows.size(); ++i) {
    entering += flows[i].rate.si() * (1 - result.loss[i]);
  }
  const double variability = (station.arrival_scv + total.scv) / 2;
  return Seconds(entering > 0 ? waiting / entering * variability : 0);
}

/// Returns the variances of waits that are exponential for those that wait at all, and more spread
/// out where later requests go first (Takacs 1963: second moments then grow by 1 / (1 - their
/// load)).
std::vector<double> variances(const std::vector<Seconds>& waits, const std::vector<double>& loads,
                              double waiting, const std::vector<std::vector<Seconds>>& overtaking) {
  std::vector<double> all;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    double passing = 0;
    for (std::size_t j = 0; j < waits.size() && waits[i] > Seconds(0); ++j) {
      passing += loads[j] * std::min(1.0, overtaking[j][i].si() / waits[i].si());
    }
    const double second = 2 / waiting / (1 - std::min(passing, kMostOrdered));
    all.push_back(waits[i].si() * waits[i].si() * std::max(0.0, second - 1));
  }
  return all;
}

}  // namespace

Seconds queue_wait(const Station& station, PerSecond arrivals, Seconds service, double scv) {
  const auto wait_of = [&](std::size_t cores, PerSecond rate, double arrival_scv) {
    const double load = rate * service / static_cast<double>(cores);
    const PerSecond most(std::min(load, kFullLoad) * static_cast<double>(cores) / service.si());
    const Seconds stationary =
        analysis::ggc_wait(most, service, std::sqrt(arrival_scv), std::sqrt(scv), cores);
    return bounded_wait(stationary, load, arrival_scv + scv, service, cores, station.horizon);
  };
  const Seconds pooled = wait_of(station.all_cores(), arrivals, station.arrival_scv);
  if (station.dispatch_gap == 0 || station.servers == 1) {
    return pooled;
  }
  const auto servers = static_cast<double>(station.servers);
  // Each server gets a random part of the stream (Whitt 1983, eq. 36).
  const Seconds split =
      wait_of(station.cores, arrivals / servers, 1 + (station.arrival_scv - 1) / servers);
  return pooled + (split - pooled) * station.dispatch_gap;
}

std::vector<Seconds> ordered_waits(const std::vector<double>& loads, Seconds fifo,
                                   const std::vector<std::vector<Seconds>>& overtaking) {
  constexpr int kMostRounds = 5000;
  constexpr double kSmallStep = 1e-12;
  const double load = std::accumulate(loads.begin(), loads.end(), 0.0);
  const double scale = std::min(1.0, kMostOrdered / load);
  const double residual = fifo.si() * (1 - std::min(load, kMostOrdered));
  std::vector<double> waits(loads.size(), fifo.si());
  for (int round = 0; round < kMostRounds; ++round) {
    double step = 0;
    for (std::size_t k = 0; k < waits.size(); ++k) {
      double wait = residual;
      for (std::size_t j = 0; j < waits.size(); ++j) {
        wait += scale * loads[j] *
                (std::max(0.0, waits[j] - overtaking[k][j].si()) +
                 std::min(waits[k], overtaking[j][k].si()));
      }
      step = std::max(step, std::abs(wait - waits[k]));
      waits[k] = wait;
    }
    if (step <= kSmallStep * fifo.si()) {
      break;
    }
  }
  return {waits.begin(), waits.end()};
}

StationLoad predict_sharing(const Station& station, const std::vector<JobFlow>& flows) {
  const Total total = total_of(station, flows);
  StationLoad result{.load = total.load};
  // Sharing is insensitive to the distribution of service: it counts as exponential.
  const Seconds wait = queue_wait(station, total.arrivals, total.service, 1);
  for (const JobFlow& flow : flows) {
    const Seconds own = flow.service.front() * (wait / total.service);
    result.wait.push_back(own);
    result.variance.push_back(own.si() * own.si());
    result.loss.push_back(0);
  }
  result.departure_scv = station.arrival_scv;
  return result;
}

StationLoad predict_station(const Station& station, const std::vector<JobFlow>& flows) {
  if (flows.empty()) {
    return {};
  }
  const scheduling::Scheduling& policies = *station.policies;
  if (policies.batching) {
    return predict_batches(station, flows);
  }
  if (policies.queue && policies.queue.kind->shares) {
    return predict_sharing(station, flows);
  }
  const Total total = total_of(station, flows);
  StationLoad result{.load = total.load, .loss = std::vector<double>(flows.size())};
  Seconds fifo = queue_wait(station, total.arrivals, total.service, total.scv);
  if (policies.admission) {
    fifo = std::min(fifo, wait_with_losses(station, flows, total, result));
  }
  std::vector<double> loads;
  std::vector<scheduling::Job> jobs;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    loads.push_back(flows[i].rate * flows[i].service.front() * (1 - result.loss[i]) /
                    static_cast<double>(station.all_cores()));
    jobs.push_back(flows[i].job);
  }
  const std::vector<std::vector<Seconds>> overtaking = study::overtaking(policies.queue, jobs);
  result.wait = ordered_waits(loads, fifo, overtaking);
  const double busy = std::min(total.load, kFullLoad);
  result.variance =
      variances(result.wait, loads, analysis::erlang_c(station.all_cores(), busy), overtaking);
  result.departure_scv =
      analysis::departure_scv(station.arrival_scv, total.scv, busy, station.all_cores());
  return result;
}

}  // namespace offcut::study
