// Derives the columns of summary.csv from the predicted delays of all streams. They count as in a
// run: rates are those of answered requests, unless a column says otherwise.

#include "sim/study/answers/system_figures.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "models/base/content_hash.h"
#include "sim/study/under_load/delay_distribution.h"

namespace offcut::study {
namespace {

/// Returns the sum over streams of `value`, each weighted by the rate of its answers.
template <class Value>
double over_answers(const PredictedSystem& system, Value value) {
  double sum = 0;
  for (std::size_t i = 0; i < system.load.streams.size(); ++i) {
    const StreamDelay& delay = system.load.streams[i];
    sum += system.model.streams()[i].rate.si() * (1 - delay.lost) * value(i, delay);
  }
  return sum;
}

double answer_rate(const PredictedSystem& system) {
  return over_answers(system, [](std::size_t, const StreamDelay&) { return 1.0; });
}

double deadline_of(const PredictedSystem& system, std::size_t stream) {
  const std::size_t request_class = system.model.streams()[stream].request_class;
  return system.experiment.scenario.classes[request_class].deadline.si();
}

double in_time_rate(const PredictedSystem& system) {
  return over_answers(system, [&](std::size_t i, const StreamDelay& delay) {
    const double deadline = deadline_of(system, i);
    return std::isfinite(deadline) ? DelayDistribution(delay).below(deadline) : 1.0;
  });
}

std::optional<double> mean_latency(const PredictedSystem& system) {
  const double sum =
      over_answers(system, [](std::size_t, const StreamDelay& delay) { return delay.mean().si(); });
  return sum / answer_rate(system);
}

template <int percent>
std::optional<double> latency_quantile(const PredictedSystem& system) {
  double high = 0;
  std::vector<DelayDistribution> delays;
  for (const StreamDelay& delay : system.load.streams) {
    delays.emplace_back(delay);
    high = std::max(high, delays.back().far());
  }
  return least_reaching(percent / 100.0 * answer_rate(system), high, [&](double latency) {
    return over_answers(
        system, [&](std::size_t i, const StreamDelay&) { return delays[i].below(latency); });
  });
}

std::optional<double> late_requests(const PredictedSystem& system) {
  return (answer_rate(system) - in_time_rate(system)) * system.model.horizon().si();
}

std::optional<double> dropped_requests(const PredictedSystem& system) {
  double rate = 0;
  for (std::size_t i = 0; i < system.load.streams.size(); ++i) {
    rate += system.model.streams()[i].rate.si() * system.load.streams[i].lost;
  }
  return rate * system.model.horizon().si();
}

std::optional<double> energy_per_answer(const PredictedSystem& system) {
  const scenario::Scenario& scenario = system.experiment.scenario;
  double watts = 0;  // Of all devices.
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    const scenario::TierChoice& devices = scenario.tiers[group];
    if (!devices.power.is_known()) {
      return std::nullopt;
    }
    watts += devices.power.idle->si() * static_cast<double>(devices.servers);
  }
  for (const Stream& stream : system.model.streams()) {
    const partition::Cost& cost = system.choice.cuts[stream.model]->plan.cost;
    const bool sends =
        std::find(cost.goes_up.begin(), cost.goes_up.end(), true) != cost.goes_up.end();
    if (sends && !scenario.hops[stream.group].radio) {
      return std::nullopt;
    }
    const double idle = scenario.tiers[stream.group].power.idle->si() * cost.latency().si();
    watts += stream.rate.si() * (cost.energy.si() - idle);
  }
  return watts / answer_rate(system);
}

std::optional<double> money(const PredictedSystem& system) {
  const scenario::Scenario& scenario = system.experiment.scenario;
  const auto has_price = [](const auto& part) { return scenario::has_price(part); };
  if (std::none_of(scenario.tiers.begin(), scenario.tiers.end(), has_price) &&
      std::none_of(scenario.hops.begin(), scenario.hops.end(), has_price)) {
    return std::nullopt;
  }
  double per_second = 0;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    per_second += tier.price * static_cast<double>(tier.servers) / kSecondsPerHour;
  }
  for (const Stream& stream : system.model.streams()) {
    const partition::Cost& cost = system.choice.cuts[stream.model]->plan.cost;
    for (std::size_t level = 0; level < cost.up_bytes.size(); ++level) {
      const std::size_t hop = engine::number_of(level, stream.group, scenario.groups);
      const double bytes = (cost.up_bytes[level] + cost.down_bytes[level]).si();
      per_second += stream.rate.si() * bytes * scenario.hops[hop].price / kBytesPerGigabyte;
    }
  }
  return per_second * system.model.horizon().si();
}

struct KnownFigure {
  const char* name;
  std::optional<double> (*value)(const PredictedSystem&);
};

constexpr KnownFigure kKnown[] = {
    {"latency_mean_s", mean_latency},
    {"latency_p50_s", latency_quantile<50>},
    {"latency_p90_s", latency_quantile<90>},
    {"latency_p95_s", latency_quantile<95>},
    {"latency_p99_s", latency_quantile<99>},
    {"throughput_per_s",
     [](const PredictedSystem& system) { return std::optional(answer_rate(system)); }},
    {"goodput_per_s",
     [](const PredictedSystem& system) { return std::optional(in_time_rate(system)); }},
    {"requests_late", late_requests},
    {"requests_dropped", dropped_requests},
    {"energy_per_answer_j", energy_per_answer},
    {"money", money},
};

}  // namespace

std::vector<std::string> predictable_figures() {
  std::vector<std::string> names;
  for (const KnownFigure& figure : kKnown) {
    names.emplace_back(figure.name);
  }
  return names;
}

std::optional<double> predicted_figure(const std::string& figure, const PredictedSystem& system) {
  const auto* const known =
      std::find_if(std::begin(kKnown), std::end(kKnown),
                   [&](const KnownFigure& one) { return one.name == figure; });
  if (known == std::end(kKnown)) {
    return std::nullopt;
  }
  const std::optional<double> value = known->value(system);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

double inescapable_load(const PredictedSystem& system) {
  const scenario::Scenario& scenario = system.experiment.scenario;
  if (std::any_of(scenario.classes.begin(), scenario.classes.end(),
                  [](const auto& requests) { return requests.time_out.after < engine::kNever; })) {
    return 0;
  }
  double highest = 0;
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    if (!(*system.choice.scheduling)[tier].admission) {
      highest = std::max(highest, system.load.tier_load[tier]);
    }
  }
  for (std::size_t hop = 0; hop < scenario.hops.size(); ++hop) {
    highest = std::max({highest, system.load.up_load[hop], system.load.down_load[hop]});
  }
  return highest;
}

std::uint64_t prediction_hash(const PredictedSystem& system) {
  ContentHash hash;
  for (const StreamDelay& delay : system.load.streams) {
    const double values[] = {delay.idle.si(), delay.wait.si(), delay.variance, delay.lost};
    hash.add(std::as_bytes(std::span(values)));
  }
  return hash.value();
}

}  // namespace offcut::study
