// Follows the numbers of requests at a few servers from event to event. With exponential service
// they are a Markov chain, so there are no clocks of single requests; the rule sees predicted work
// in proportion to the requests.

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <numeric>

#include "analysis/theory/queueing.h"
#include "models/base/random.h"
#include "sim/scheduling/checked_policies.h"
#include "sim/study/under_load/policy_probe.h"

namespace offcut::study {
namespace {

constexpr double kLoad = 0.8;
constexpr int kEvents = 20'000;
constexpr std::size_t kMostServers = 256;  // Each event takes a time in proportion to them.

/// Servers with a queue each. The unit of time is a service.
class Servers {
 public:
  Servers(std::size_t count, std::size_t cores)
      : jobs_(count), states_(count, scheduling::ServerState{.cores = cores}), cores_(cores) {}

  const std::vector<scheduling::ServerState>& states(Seconds now) {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      scheduling::ServerState& state = states_[i];
      state.busy = state.running = std::min(jobs_[i], cores_);
      state.waiting = jobs_[i] - state.running;
      state.waiting_work = Seconds(static_cast<double>(state.waiting));
      state.running_ends = (now + Seconds(1)) * static_cast<double>(state.running);
    }
    return states_;
  }
  double waiting() const {
    return std::accumulate(jobs_.begin(), jobs_.end(), 0.0, [&](double sum, std::size_t jobs) {
      return sum + static_cast<double>(jobs - std::min(jobs, cores_));
    });
  }
  std::size_t busy() const {
    return std::accumulate(
        jobs_.begin(), jobs_.end(), std::size_t{0},
        [&](std::size_t sum, std::size_t jobs) { return sum + std::min(jobs, cores_); });
  }
  void arrive(std::size_t server) { ++jobs_[server]; }
  /// The `core`-th busy core is done.
  void finish(std::size_t core) {
    std::size_t server = 0;
    for (; core >= std::min(jobs_[server], cores_); ++server) {
      core -= std::min(jobs_[server], cores_);
    }
    --jobs_[server];
  }

 private:
  std::vector<std::size_t> jobs_;
  std::vector<scheduling::ServerState> states_;
  std::size_t cores_;
};

}  // namespace

double dispatch_gap(const scheduling::Choice<scheduling::DispatchKind>& dispatch,
                    std::size_t servers, std::size_t cores) {
  if (!dispatch || servers < 2) {
    return 0;
  }
  servers = std::min(servers, kMostServers);
  const scheduling::CheckedDispatch rule(dispatch);
  RandomStream stream = random_stream(1, "dispatch gap");
  const double arrivals = kLoad * static_cast<double>(servers * cores);
  Servers state(servers, cores);
  double now = 0, area = 0;
  for (int i = 0; i < kEvents; ++i) {
    const auto busy = static_cast<double>(state.busy());
    const double rate = arrivals + busy;
    const double gap = boost::random::exponential_distribution<double>(rate)(stream);
    area += state.waiting() * gap;
    now += gap;
    const double draw = boost::random::uniform_01<double>()(stream) * rate;
    if (draw >= busy) {
      const scheduling::Job job{.request = i,
                                .device = static_cast<std::size_t>(i),
                                .queued = Seconds(now),
                                .service = Seconds(1)};
      state.arrive(rule.choose(state.states(Seconds(now)), job, Seconds(now), stream));
    } else {
      state.finish(static_cast<std::size_t>(draw));
    }
  }
  const double wait = area / now / arrivals;
  const double pooled = analysis::mmc_wait(PerSecond(arrivals), Seconds(1), servers * cores).si();
  const double split =
      analysis::mmc_wait(PerSecond(arrivals / static_cast<double>(servers)), Seconds(1), cores)
          .si();
  return std::max(0.0, (wait - pooled) / (split - pooled));
}

}  // namespace offcut::study
