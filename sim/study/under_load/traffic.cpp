#include "sim/study/under_load/traffic.h"

#include <algorithm>
#include <cmath>

namespace offcut::study {
namespace {

/// Returns the squared coefficient of variation of the gaps of one source.
double gap_scv(const scenario::ClassChoice& requests) {
  constexpr int kGaps = 2000;
  const auto process = requests.arrival_kind->make(requests.parameters);
  workload::ArrivalSource source{.stream = random_stream(1, "gaps between arrivals")};
  Seconds last = process->next(Seconds(0), source);
  double sum = 0, squares = 0;
  for (int i = 0; i < kGaps; ++i) {
    const Seconds next = process->next(last, source);
    const double gap = (next - last).si();
    last = next;
    if (!std::isfinite(gap)) {
      return 1;
    }
    sum += gap;
    squares += gap * gap;
  }
  return sum > 0 ? std::max(0.0, kGaps * squares / (sum * sum) - 1) : 1;
}

/// Returns whether devices of the group send requests of the class.
bool comes_from(const scenario::ClassChoice& requests, std::size_t group) {
  return requests.from.empty() ||
         std::find(requests.from.begin(), requests.from.end(), group) != requests.from.end();
}

}  // namespace

std::vector<Stream> streams_of(const experiment::Experiment& experiment) {
  const scenario::Scenario& scenario = experiment.scenario;
  std::vector<Stream> streams;
  for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
    const scenario::ClassChoice& requests = scenario.classes[i];
    const PerSecond source_rate = requests.arrival_kind->rate(requests.parameters);
    const double scv = gap_scv(requests);
    const auto senders = static_cast<double>(scenario::device_count(scenario, requests));
    for (std::size_t m = 0; m < experiment.models.size(); ++m) {
      const experiment::PreparedModel& model = experiment.models[m];
      if (model.choice != requests.model_index() || !comes_from(requests, model.group)) {
        continue;
      }
      const std::size_t count = scenario.tiers[model.group].servers;
      const double share = static_cast<double>(count) / senders;
      // One source for all devices gives each a random part (Whitt 1983, eq. 36).
      streams.push_back(
          {.request_class = i,
           .model = m,
           .group = model.group,
           .devices = model.devices,
           .device_count = count,
           .rate = requests.in_total ? source_rate * share : source_rate * double(count),
           .scv = requests.in_total ? 1 + (scv - 1) / senders : scv});
    }
  }
  return streams;
}

}  // namespace offcut::study
