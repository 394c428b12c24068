// Estimates the length of a run before it starts, from the rates of arrivals and failures, and
// handles the overrides of the command line. Rates of closed loops come from the latency in an idle
// system.

#include "sim/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/random.h"
#include "models/base/readable.h"

namespace offcut::scenario {
namespace {

/// The earliest time after which a request may be dropped for another reason than a time-out, so
/// that its device issues the next one; kNever if it is not dropped before its answer.
Seconds soonest_loss(const ClassChoice& requests, const Scenario& scenario,
                     const IdleTimes& times) {
  const network::FailurePolicy& policy = requests.failures;
  const bool is_quick = policy.retries == 0 || policy.backoff == Seconds(0);
  const bool gives_up = is_quick && policy.then == network::FailurePolicy::Then::drop;
  Seconds soonest = engine::kNever;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    const TierChoice& device = scenario.tiers[group];
    // Nothing waits for what has failed for good.
    const bool device_is_lost =
        gives_up ? device.faults.any_outages() : is_quick && device.faults.any_for_good();
    if (device_is_lost || (device.scheduling.admission && !policy.local_when_rejected)) {
      return Seconds(0);
    }
    if (scenario.hops.empty()) {
      continue;
    }
    const network::Faults& faults = scenario.hops[group].faults;
    const bool link_is_lost = gives_up ? faults.any_outages()
                                       : is_quick &&
                                             policy.then != network::FailurePolicy::Then::local &&
                                             faults.any_for_good();
    soonest = link_is_lost ? times.until_sent : soonest;
  }
  return soonest;
}

/// Returns the mean share of time for which the devices of the class are there.
double presence_of(const ClassChoice& requests, const Scenario& scenario) {
  double devices = 0, present = 0;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    const TierChoice& tier = scenario.tiers[group];
    const std::vector<std::size_t>& from = requests.from;
    if (!from.empty() && std::find(from.begin(), from.end(), group) == from.end()) {
      continue;
    }
    devices += static_cast<double>(tier.servers);
    present += tier.availability.empty() ? static_cast<double>(tier.servers) : 0;
    for (const auto& availability : tier.availability) {
      present += availability->share();
    }
  }
  return devices > 0 ? present / devices : 1;
}

/// Requests per second of a class from all devices; 0 if their number is finite.
double rate_of(const ClassChoice& requests, const Scenario& scenario, Seconds latency) {
  const double sources =
      requests.in_total ? 1 : static_cast<double>(device_count(scenario, requests));
  const workload::ArrivalKind& arrivals = *requests.arrival_kind;
  if (!arrivals.closed_loop) {
    return sources * arrivals.rate(requests.parameters).si() * presence_of(requests, scenario);
  }
  constexpr int kDraws = 100;
  const auto process = arrivals.make(requests.parameters);
  workload::ArrivalSource source{.stream = random_stream(scenario.seed, "length of the run")};
  Seconds gaps(0);
  for (int i = 0; i < kDraws; ++i) {
    gaps += process->next(Seconds(0), source);
  }
  return sources / (gaps.si() / kDraws + latency.si());
}

/// Failures per second of all machines and links, without those at given times, and with those of
/// devices that leave.
double failure_rate(const Scenario& scenario) {
  double rate = 0;
  const auto add = [&](const network::Faults& faults, std::size_t count) {
    if (faults.exponential) {
      rate += static_cast<double>(count) /
              (faults.exponential->up.si() + faults.exponential->down.si());
    }
    for (const auto& presence : faults.presence) {
      rate += static_cast<double>(presence->changes()) / 2 / presence->period();
    }
  };
  for (const TierChoice& tier : scenario.tiers) {
    add(tier.faults, tier.servers);
  }
  const network::Attachment attachment =
      engine::attachment_of(scenario.tiers, scenario.hops, scenario.groups);
  for (std::size_t i = 0; i < scenario.hops.size(); ++i) {
    add(scenario.hops[i].faults, attachment.links(i));
  }
  return rate;
}

/// Decisions of all autoscalers per second.
double decision_rate(const Scenario& scenario) {
  double rate = 0;
  for (const TierChoice& tier : scenario.tiers) {
    if (tier.autoscaler) {
      rate += static_cast<double>(tier.sites) / tier.autoscaler->interval.si();
    }
  }
  return rate;
}

/// Rows of series.csv per second: one for all requests, and one for each tier and hop.
double sample_row_rate(const Scenario& scenario) {
  const auto rows = static_cast<double>(1 + scenario.tiers.size() + scenario.hops.size());
  return scenario.series_interval ? rows / scenario.series_interval->si() : 0;
}

/// Returns an error if failures, the decisions of autoscalers or samples are too many; otherwise an
/// empty text.
std::string reason_too_many_events(const Scenario& scenario, double seconds) {
  const double failures = failure_rate(scenario) * seconds;
  if (failures > kMostFailures) {
    return fmt::format(
        "machines and links would fail about {:.3g} times in {}; at most {:.0g} failures can be "
        "run",
        failures, to_readable(Seconds(seconds)), kMostFailures);
  }
  const double decisions = decision_rate(scenario) * seconds;
  if (decisions > kMostDecisions) {
    return fmt::format(
        "autoscalers would decide about {:.3g} times in {}; at most {:.0g} decisions can be run: "
        "expected a longer 'interval'",
        decisions, to_readable(Seconds(seconds)), kMostDecisions);
  }
  const double rows = sample_row_rate(scenario) * seconds;
  if (rows > kMostSampleRows) {
    return fmt::format(
        "series.csv would have about {:.3g} rows after {}; at most {:.0g} can be written: expected "
        "an 'output.series.interval' of at least {}",
        rows, to_readable(Seconds(seconds)), kMostSampleRows,
        to_readable(*scenario.series_interval * (rows / kMostSampleRows)));
  }
  return "";
}

}  // namespace

Registries::Registries() {
  ops::register_operators(operators);
  zoo::register_networks(networks);
  partition::register_algorithms(algorithms);
  workload::register_arrivals(arrivals);
  network::register_rate_kinds(rates);
  network::register_trace_formats(trace_formats);
  codec::register_codecs(codecs);
  scheduling::register_queues(queues);
  scheduling::register_batching(batching);
  scheduling::register_dispatch(dispatch);
  scheduling::register_admission(admission);
  scheduling::register_autoscaling(autoscaling);
  network::register_mobility(mobility);
  adapt::register_estimators(estimators);
  adapt::register_loads(loads);
  adapt::register_policies(replanning);
  train::register_gradients(gradients);
  train::register_losses(losses);
  train::register_optimizers(optimizers);
  train::register_schedules(schedules);
  dataset::register_augmentations(augmentations);
  dataset::register_sets(datasets);
  compress::register_passes(passes);
  training::register_strategies(strategies);
  training::register_aggregators(aggregators);
  training::register_selections(selections);
  training::register_splits(splits);
}

std::string Adaptation::name() const {
  return policy.kind->uses_estimates ? fmt::format("{}/{}", policy.kind->name, estimator.kind->name)
                                     : policy.kind->name;
}

bool PlanChoice::keeps_exits() const {
  return !exits.empty() && algorithm != nullptr &&
         (!algorithm->takes.exits ||
          std::any_of(exits.begin(), exits.end(),
                      [](const ExitChoice& exit) { return exit.rule.has_value(); }));
}

bool moves_between_uplinks(const Scenario& scenario) {
  return scenario.mobility &&
         std::any_of(scenario.hops.begin(), scenario.hops.end(),
                     [](const HopChoice& hop) { return hop.site.has_value(); });
}

Diagnostic PlanChoice::refusal(const partition::Outcome& outcome) const {
  if (const auto* declined = std::get_if<partition::Declined>(&outcome)) {
    if (const auto place = parameter_places.find(declined->parameter);
        place != parameter_places.end()) {
      return {place->second,
              fmt::format("{}.{}: {}", section, declined->parameter, declined->reason)};
    }
  }
  return {algorithm_place, fmt::format("{}.algorithm: '{}' {}", section, algorithm->name,
                                       partition::refusal_text(outcome))};
}

std::string PlanChoice::path_of(const std::string& key) const {
  return fmt::format("{}.{}{}{}", section, key, model.empty() ? "" : ": ", model);
}

Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError({"--set " + shortened(text)},
                     "expected path=value such as tiers.device.count=10");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Override bind_override(const std::string& name, std::int64_t extent) {
  return {"model.bind", std::to_string(extent), name};
}

std::vector<std::string> Override::keys() const {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    all.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  if (!dimension.empty()) {
    all.push_back(dimension);
  }
  return all;
}

std::string Override::option() const {
  if (!given.empty()) {
    return fmt::format("{} {}", given, shortened(value));
  }
  return fmt::format(
      "{}={}", dimension.empty() ? "--set " + shortened(path) : "--bind " + shortened(dimension),
      shortened(value));
}

bool has_price(const TierChoice& tier) {
  return tier.machines.empty() ? tier.price > 0
                               : std::any_of(tier.machines.begin(), tier.machines.end(),
                                             [](const TierChoice& own) { return own.price > 0; });
}

std::size_t device_count(const Scenario& scenario) {
  std::size_t devices = 0;
  for (std::size_t group = 0; group < std::min(scenario.groups, scenario.tiers.size()); ++group) {
    devices += scenario.tiers[group].servers;
  }
  return devices;
}

std::size_t device_count(const Scenario& scenario, const ClassChoice& requests) {
  if (requests.from.empty()) {
    return device_count(scenario);
  }
  std::size_t devices = 0;
  for (const std::size_t group : requests.from) {
    devices += scenario.tiers[group].servers;
  }
  return devices;
}

std::string reason_too_long(const Scenario& scenario, const std::vector<IdleTimes>& times) {
  double rate = 0;
  bool may_end_early = false;  // A class has a finite number of requests.
  bool loops = false;          // A device issues its next request as soon as one is dropped.
  for (const ClassChoice& requests : scenario.classes) {
    const IdleTimes& idle = times.at(requests.model_index());
    const Seconds drop =
        requests.arrival_kind->closed_loop
            ? std::min(soonest_loss(requests, scenario, idle), requests.time_out.after)
            : engine::kNever;
    const double class_rate = rate_of(requests, scenario, std::min(idle.latency, drop));
    loops = loops || drop < idle.latency;
    rate += class_rate;
    may_end_early = may_end_early || class_rate == 0;
  }
  if (scenario.stop.after) {
    const double requests = scenario.stop.after->si() * rate;
    return requests <= kMostRequests
               ? reason_too_many_events(scenario, scenario.stop.after->si())
               : fmt::format("{} requests {} arrive in {}; at most {:.0g} can be run{}",
                             std::isinf(requests) ? "infinitely many"
                                                  : fmt::format("about {:.3g}", requests),
                             loops ? "could" : "would", to_readable(*scenario.stop.after),
                             kMostRequests,
                             loops ? ": a dropped request is soon followed by the next, "
                                     "expected a longer 'think'"
                                   : "");
  }
  if (!scenario.stop.requests) {  // The training ends the run.
    return "";
  }
  const double seconds = static_cast<double>(*scenario.stop.requests) / rate;
  if (may_end_early) {
    return "";
  }
  return seconds <= kMostSeconds
             ? reason_too_many_events(scenario, seconds)
             : fmt::format(
                   "{} would take about {:.3g} s to arrive; at most {:.0g} s can be "
                   "simulated exactly",
                   counted(*scenario.stop.requests, "request"), seconds, kMostSeconds);
}

}  // namespace offcut::scenario
