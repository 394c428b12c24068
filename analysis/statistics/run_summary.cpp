// Derives rates and shares from the record of a run, and carries the record as JSON from the
// process of the run to its parent.

#include "analysis/statistics/run_summary.h"

#include <algorithm>
#include <numeric>

#include "analysis/statistics/quantity_json.h"
#include "analysis/statistics/training_json.h"

namespace offcut::partition {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Hop, up, down, latency)
}  // namespace offcut::partition

namespace offcut::engine {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MachineGroupUsage, name, machines, servers, busy, served, waited,
                                   batches, lost, loads, loading, mean_running, tasks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TierUsage, name, servers, busy, served, waited, batches,
                                   rejected, lost, loads, loading, offered, capacity, blocked,
                                   most_waiting, mean_jobs, verdict, left, stranded, queues, worst,
                                   saturated, machines, parts, is_scaled, existing, most_cores,
                                   starts, cold_starts, warming, groups, tasks, task_work)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LinkLoad, offered, held, capacity, worst, saturated, most,
                                   verdict)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Traffic, in_part, waited, mean_messages, left, stranded,
                                   update_bytes, update_messages, update_part, task_bytes,
                                   task_messages)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HopUsage, name, links, leaves_device, hop, site_links, site_up,
                                   site_down, up, down, up_messages, down_messages, up_lost,
                                   down_lost, up_is_ours, down_is_ours, up_one_at_a_time,
                                   up_traffic, down_traffic, up_load, down_load, site_up_load,
                                   site_down_load)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ClassUsage, name, arrived, completed, dropped, in_flight, late,
                                   fell_back, failures)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DropCount, reason, requests)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EnergyState, tier, group, of_radio, name, time, energy, is_known)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BatteryUsage, devices, low, empty, first_empty, left)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HandoverUsage, handovers, interruption, taken_along, pulls,
                                   backbone)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TaskRecord, handed_out, done, lost, unfinished)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RunRecord, arrived, completed, dropped, in_flight, duration,
                                   tiers, hops, teams, classes, groups, drops, fairness,
                                   latency_fairness, in_flight_age, oldest_in_flight,
                                   in_flight_late, energy, batteries, handovers, tasks)
}  // namespace offcut::engine

namespace offcut::experiment {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AdaptationFigures, replans, switches, probe_bytes, weight_bytes,
                                   regret, judged, followed_best)
}  // namespace offcut::experiment

namespace offcut::analysis {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LatencySummary, mean, p50, p90, p95, p99, p999, max, device_wait,
                                   device_compute, upload_wait, upload, server_wait, server_compute,
                                   download, lost, team, handover)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Interval, estimate, low, high, confidence, values)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ExitUsage, request_class, model, way, name, odds, requests,
                                   labelled, correct, latency)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Pace, first_arrival, last_left, first_answer, last_answer,
                                   answers)

namespace {

double share(double used, double capacity) { return capacity > 0 ? used / capacity : 0; }

std::int64_t total(const engine::RunRecord& record, std::int64_t engine::ClassUsage::*count) {
  return std::accumulate(
      record.classes.begin(), record.classes.end(), std::int64_t{0},
      [&](std::int64_t sum, const engine::ClassUsage& requests) { return sum + requests.*count; });
}

nlohmann::json steady_json(const SteadyState& steady) {
  nlohmann::json intervals = nlohmann::json::array(), estimates = nlohmann::json::array();
  for (std::size_t i = 0; i < kSteadyQuantiles.size(); ++i) {
    intervals.push_back(optional_json(steady.quantiles[i]));
    estimates.push_back(optional_json(steady.quantile_estimates[i]));
  }
  return {{"warm_up", steady.warm_up},
          {"effective", steady.effective},
          {"mean", optional_json(steady.mean)},
          {"quantiles", intervals},
          {"mean_estimate", optional_json(steady.mean_estimate)},
          {"quantile_estimates", estimates},
          {"too_short", steady.too_short},
          {"tail_too_short", steady.tail_too_short}};
}

SteadyState steady_of(const nlohmann::json& json) {
  SteadyState steady;
  steady.warm_up = json.at("warm_up");
  steady.effective = json.at("effective");
  steady.mean = optional_value<Interval>(json.at("mean"));
  steady.mean_estimate = optional_value<double>(json.at("mean_estimate"));
  for (std::size_t i = 0; i < kSteadyQuantiles.size(); ++i) {
    steady.quantiles[i] = optional_value<Interval>(json.at("quantiles").at(i));
    steady.quantile_estimates[i] = optional_value<double>(json.at("quantile_estimates").at(i));
  }
  steady.too_short = json.at("too_short");
  steady.tail_too_short = json.at("tail_too_short");
  return steady;
}

}  // namespace

void Pace::add(const engine::RequestRecord& request) {
  const Seconds left = request.sent >= request.arrival ? request.sent : request.completion;
  if (answers++ == 0) {
    first_arrival = request.arrival;
    first_answer = request.completion;
  }
  first_arrival = std::min(first_arrival, request.arrival);
  last_left = std::max(last_left, left);
  last_answer = request.completion;  // Requests come in the order of their ends.
}

void ExitUsage::add(const engine::RequestRecord& request,
                    const std::optional<runtime::Prediction>& prediction) {
  ++requests;
  latency += request.latency();
  if (prediction && prediction->label) {
    ++labelled;
    correct += prediction->predicted == *prediction->label ? 1 : 0;
  }
}

std::optional<double> RunSummary::accuracy() const {
  return labelled > 0 ? std::optional(static_cast<double>(correct) / static_cast<double>(labelled))
                      : std::nullopt;
}

double RunSummary::throughput() const {
  return share(static_cast<double>(record.completed), record.duration.si());
}

std::optional<Seconds> RunSummary::makespan() const {
  return pace.answers > 0 ? std::optional(pace.last_left - pace.first_arrival) : std::nullopt;
}

std::optional<Seconds> RunSummary::period() const {
  return pace.answers > 1 ? std::optional((pace.last_answer - pace.first_answer) /
                                          static_cast<double>(pace.answers - 1))
                          : std::nullopt;
}

std::optional<Seconds> RunSummary::measured(partition::Measure measure) const {
  switch (measure) {
    case partition::Measure::latency:
    case partition::Measure::mean_latency:
      break;
    case partition::Measure::longest_latency:
      return latency ? std::optional(Seconds(latency->max)) : std::nullopt;
    case partition::Measure::makespan:
      return makespan();
    case partition::Measure::period:
      return period();
  }
  return latency ? std::optional(Seconds(latency->mean)) : std::nullopt;
}

std::int64_t RunSummary::late() const { return total(record, &engine::ClassUsage::late); }

std::int64_t RunSummary::fell_back() const { return total(record, &engine::ClassUsage::fell_back); }

std::int64_t RunSummary::failures() const { return total(record, &engine::ClassUsage::failures); }

double RunSummary::goodput() const {
  return share(static_cast<double>(record.completed - late()), record.duration.si());
}

double goodput(const engine::ClassUsage& requests, Seconds duration) {
  return share(static_cast<double>(requests.completed - requests.late), duration.si());
}

double utilisation(const engine::TierUsage& tier, Seconds duration) {
  return share(tier.busy.si(), tier.is_scaled ? tier.existing.si()
                                              : static_cast<double>(tier.servers) * duration.si());
}

Seconds machine_time(const engine::TierUsage& tier, Seconds duration) {
  const auto machines = static_cast<double>(tier.machines) / static_cast<double>(tier.parts);
  return tier.is_scaled ? tier.existing * machines / static_cast<double>(tier.servers)
                        : duration * machines;
}

std::size_t most_machines(const engine::TierUsage& tier) {
  return tier.is_scaled ? tier.most_cores * tier.machines / tier.servers : tier.machines;
}

double offered_load(const engine::TierUsage& tier) {
  return share(tier.offered.si(), tier.capacity.si());
}

double link_utilisation(Bytes crossed, BytesPerSecond bandwidth, std::size_t links,
                        Seconds duration) {
  if (bandwidth <= BytesPerSecond(0)) {  // The run ended while the links carried nothing.
    return 0;
  }
  return share(crossed / bandwidth / Seconds(1), static_cast<double>(links) * duration.si());
}

double up_utilisation(const engine::HopUsage& hop, Seconds duration) {
  return link_utilisation(hop.up + hop.up_traffic.in_part, hop.hop.up, hop.links, duration);
}

double down_utilisation(const engine::HopUsage& hop, Seconds duration) {
  return link_utilisation(hop.down + hop.down_traffic.in_part, hop.hop.down, hop.links, duration);
}

std::string to_json(const RunSummary& summary) {
  nlohmann::json classes = nlohmann::json::array(), groups = nlohmann::json::array();
  for (const auto& latency : summary.class_latency) {
    classes.push_back(optional_json(latency));
  }
  for (const auto& latency : summary.group_latency) {
    groups.push_back(optional_json(latency));
  }
  return nlohmann::json{
      {"record", summary.record},
      {"latency", optional_json(summary.latency)},
      {"class_latency", classes},
      {"group_latency", groups},
      {"steady", steady_json(summary.steady)},
      {"pace", summary.pace},
      {"labelled", summary.labelled},
      {"correct", summary.correct},
      {"exits", summary.exits},
      {"training", summary.training ? json_of(*summary.training) : nlohmann::json()},
      {"timeline", summary.timeline},
      {"adaptation", summary.adaptation ? nlohmann::json(*summary.adaptation) : nlohmann::json()}}
      .dump();
}

void from_json(const std::string& text, RunSummary& summary) {
  const nlohmann::json json = nlohmann::json::parse(text);
  summary.record = json.at("record");
  summary.latency = optional_value<LatencySummary>(json.at("latency"));
  for (const nlohmann::json& latency : json.at("class_latency")) {
    summary.class_latency.push_back(optional_value<LatencySummary>(latency));
  }
  for (const nlohmann::json& latency : json.at("group_latency")) {
    summary.group_latency.push_back(optional_value<LatencySummary>(latency));
  }
  summary.steady = steady_of(json.at("steady"));
  summary.pace = json.at("pace");
  summary.labelled = json.at("labelled");
  summary.correct = json.at("correct");
  if (const nlohmann::json& adaptation = json.at("adaptation"); !adaptation.is_null()) {
    summary.adaptation = adaptation.get<experiment::AdaptationFigures>();
  }
  summary.timeline = json.at("timeline");
  summary.exits = json.at("exits");
  if (const nlohmann::json& training = json.at("training"); !training.is_null()) {
    summary.training = training_summary_of(training);
  }
}

}  // namespace offcut::analysis
