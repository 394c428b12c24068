#include "sim/study/under_load/delay_goal.h"

#include <algorithm>
#include <numeric>

#include "sim/study/under_load/delay_distribution.h"

namespace offcut::study {
namespace {

constexpr double kMissedFactor = 10;

/// A stream as its delays count.
struct CountedStream {
  DelayDistribution delays;
  double rate;
  double lost;
  double deadline, missed;
  double lost_delay;  // As which rejected requests count.

  double mean() const {
    const double late = 1 - delays.below(deadline);
    const double extra = std::max(0.0, missed - std::max(deadline, delays.mean()));
    return (1 - lost) * (delays.mean() + (late > 0 ? late * extra : 0)) + lost * lost_delay;
  }
  /// Returns the share of requests that count as at most `delay`.
  double below(double delay) const {
    const double in_time = delays.below(delay >= missed ? delay : std::min(delay, deadline));
    return (1 - lost) * in_time + (delay >= lost_delay ? lost : 0);
  }
};

}  // namespace

Seconds DelayGoal::counted(std::size_t request_class, Seconds delay, bool is_answered) const {
  return is_answered && delay <= deadline[request_class] ? delay
                                                         : std::max(delay, missed[request_class]);
}

DelayGoal delay_goal(const experiment::Experiment& experiment, const LoadModel& model,
                     const std::vector<const Cut*>& idle) {
  const scenario::Scenario& scenario = experiment.scenario;
  DelayGoal goal{.is_p95 = scenario.under_load && scenario.under_load->minimises_p95,
                 .missed = std::vector<Seconds>(scenario.classes.size()),
                 .local = std::vector<std::optional<Seconds>>(scenario.classes.size())};
  for (const scenario::ClassChoice& requests : scenario.classes) {
    goal.deadline.push_back(requests.deadline);
  }
  for (const Stream& stream : model.streams()) {
    const std::size_t i = stream.request_class;
    const bool has_deadline = goal.deadline[i] < engine::kNever;
    const Seconds alone = idle[stream.model]->plan.cost.latency();
    // A deadline that nothing keeps must not make a rejection cheaper than an answer.
    const Seconds scale = has_deadline ? std::max(goal.deadline[i], alone) : alone;
    goal.missed[i] = std::max(goal.missed[i], scale * kMissedFactor);
    if (scenario.classes[i].failures.local_when_rejected) {
      const partition::Problem& problem = experiment.models[stream.model].problem;
      const std::vector<Seconds>& times = problem.seconds.front();
      const Seconds local = std::accumulate(times.begin(), times.end(), problem.per_request_on(0));
      goal.local[i] = std::max(goal.local[i].value_or(local), local);
    }
  }
  return goal;
}

PredictedDelay predicted_delay(const DelayGoal& goal, const LoadModel& model,
                               const SystemLoad& load) {
  std::vector<CountedStream> streams;
  double rate = 0, mean = 0, high = 0;
  for (std::size_t i = 0; i < load.streams.size(); ++i) {
    const Stream& stream = model.streams()[i];
    const std::size_t c = stream.request_class;
    const Seconds lost = goal.local[c] ? goal.counted(c, *goal.local[c], true) : goal.missed[c];
    streams.push_back({DelayDistribution(load.streams[i]), stream.rate.si(), load.streams[i].lost,
                       goal.deadline[c].si(), goal.missed[c].si(), lost.si()});
    rate += stream.rate.si();
    mean += stream.rate.si() * streams.back().mean();
    high = std::max({high, streams.back().delays.far(), goal.missed[c].si()});
  }
  const double p95 = least_reaching(kDelayQuantile * rate, high, [&](double delay) {
    double below = 0;
    for (const CountedStream& stream : streams) {
      below += stream.rate * stream.below(delay);
    }
    return below;
  });
  return {Seconds(mean / rate), Seconds(p95)};
}

}  // namespace offcut::study
