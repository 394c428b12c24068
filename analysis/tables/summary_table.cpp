// The columns of summary.csv, but for those of intervals and of training.

#include "analysis/tables/summary_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "analysis/statistics/bottleneck.h"
#include "analysis/statistics/energy_totals.h"
#include "analysis/tables/latency_part.h"
#include "analysis/tables/summary_intervals.h"
#include "analysis/tables/summary_training.h"
#include "sim/scenario/policy_text.h"

namespace offcut::analysis {
namespace {

/// A value of the run. Its field is empty if the algorithm declined or failed, since there was no
/// run.
template <class Value>
struct OfRun {
  auto operator()(const SummaryRow& row) const {
    using Result = decltype(Value{}(row.run));
    return row.run.has_run() ? std::optional<Result>(Value{}(row.run)) : std::nullopt;
  }
};

template <class Value>
constexpr OfRun<Value> of_run(Value /*value*/) {
  return {};
}

/// A figure of the latencies of all answered requests.
template <double LatencySummary::*kPart>
struct OfLatency {
  auto operator()(const SummaryRow& row) const { return latency_part(row.run.latency, kPart); }
};

/// A sum of the run's energy, see energy_totals.h.
template <std::optional<Joules> (*kSum)(const engine::RunRecord&)>
struct OfEnergy {
  std::optional<Joules> operator()(const SummaryRow& row) const {
    return row.run.has_run() ? kSum(row.run.record) : std::nullopt;
  }
};

/// The energy of the devices in one state.
std::optional<Joules> energy_in_state(const SummaryRow& row, std::string_view state) {
  return row.run.has_run() ? device_state_energy(row.run.record, state) : std::nullopt;
}

/// A figure of the run's batteries; empty without any.
template <class Value>
struct OfBatteries {
  auto operator()(const SummaryRow& row) const {
    const bool any = std::any_of(row.scenario.tiers.begin(), row.scenario.tiers.end(),
                                 [](const auto& tier) { return tier.battery.has_value(); });
    return row.run.has_run() && any ? std::optional(Value()(row.run.record.batteries))
                                    : std::nullopt;
  }
};

template <class Value>
constexpr OfBatteries<Value> of_batteries(Value /*value*/) {
  return {};
}

std::optional<Joules> energy_per_answer(const SummaryRow& row) {
  const engine::RunRecord& record = row.run.record;
  const auto energy = row.run.has_run() ? device_energy(record) : std::nullopt;
  return energy && record.completed > 0
             ? std::optional(*energy / static_cast<double>(record.completed))
             : std::nullopt;
}

/// Returns the policies of all tiers that are not the default, tier by tier.
std::string policies_text(const scenario::Scenario& scenario) {
  std::string text;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    const std::string policies = scenario::policies_text(tier.scheduling);
    if (!policies.empty()) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", tier.name, policies);
    }
  }
  return text;
}

/// Returns the codecs of all models' plans, each once, in alphabetical order.
std::string codecs_text(const RunSummary& run) {
  std::set<std::string> names;
  for (const partition::Plan& plan : run.plans) {
    for (const auto& [tensor, codec] : plan.codecs) {
      names.insert(codec);
    }
  }
  return fmt::format("{}", fmt::join(names, " "));
}

/// Returns the bytes that the devices' hops carried one way.
Bytes carried(const RunSummary& run, Bytes engine::HopUsage::*way) {
  Bytes sum;
  for (const engine::HopUsage& hop : run.record.hops) {
    sum += hop.leaves_device ? hop.*way : Bytes(0);
  }
  return sum;
}

std::string outcome_of(const RunSummary& run) {
  if (!run.failed.empty()) {
    return "failed: " + run.failed;
  }
  return run.declined.empty() ? "completed" : "declined: " + run.declined;
}

std::optional<Seconds> planned_latency(const RunSummary& run) {
  return run.plans.size() == 1 ? std::optional(run.plans.front().latency()) : std::nullopt;
}

std::string bottleneck_text(const RunSummary& run) {
  const auto found = bottleneck(run.record);
  return found ? found->name : "";
}

/// Returns the mean age of the requests in flight, or that of the oldest.
std::optional<Seconds> age_of_in_flight(const RunSummary& run, bool oldest) {
  const engine::RunRecord& record = run.record;
  if (record.in_flight == 0) {
    return std::nullopt;
  }
  return oldest ? record.oldest_in_flight
                : record.in_flight_age / static_cast<double>(record.in_flight);
}

/// A figure of the run's adaptation; empty without beliefs and adaptation.
template <class Value>
struct OfAdaptation {
  auto operator()(const SummaryRow& row) const {
    const auto& figures = row.run.adaptation;
    return figures ? std::optional(Value()(*figures)) : std::nullopt;
  }
};

template <class Value>
constexpr OfAdaptation<Value> of_adaptation(Value /*value*/) {
  return {};
}

constexpr auto kRunColumns = std::to_array<Column<SummaryRow>>({
    {"scenario", "", "The scenario's name: that of its file, without `.yaml`.",
     [](const SummaryRow& row) { return std::string_view(row.scenario.name); }},
    {"seed", "", "The seed of all random numbers of the run.",
     [](const SummaryRow& row) { return static_cast<std::int64_t>(row.scenario.seed); }},
    {"algorithm", "",
     "The algorithm that made the plan. If the models have different algorithms, their names "
     "joined by `+`, as in `exact+multi-tier`.",
     [](const SummaryRow& row) { return std::string_view(row.run.algorithm); }},
    {"requests_arrived", "", "Requests that arrived: the sum of the next three columns.",
     of_run([](const RunSummary& run) { return run.record.arrived; })},
    {"requests_completed", "", "Requests that were answered.",
     of_run([](const RunSummary& run) { return run.record.completed; })},
    {"requests_dropped", "", "Requests that were dropped; `drops` has the reasons.",
     of_run([](const RunSummary& run) { return run.record.dropped; })},
    {"requests_in_flight", "",
     "Requests that had neither been answered nor dropped when the run was stopped.",
     of_run([](const RunSummary& run) { return run.record.in_flight; })},
    {"duration_s", "s", "The simulated time until the last request ended or the run was stopped.",
     of_run([](const RunSummary& run) { return run.record.duration; })},
    {"throughput_per_s", "1/s", "Answered requests, divided by `duration_s`.",
     of_run([](const RunSummary& run) { return run.throughput(); })},
    {"latency_mean_s", "s",
     "Mean latency of answered requests, from arrival to answer. Empty without an answer.",
     OfLatency<&LatencySummary::mean>{}},
    {"latency_p50_s", "s",
     "Median latency. Quantiles are exact, with linear interpolation between neighbours (Hyndman "
     "and Fan's type 7). Empty without an answer.",
     OfLatency<&LatencySummary::p50>{}},
    {"latency_p90_s", "s", "The 90 % quantile of the latency. Empty without an answer.",
     OfLatency<&LatencySummary::p90>{}},
    {"latency_p95_s", "s", "The 95 % quantile of the latency. Empty without an answer.",
     OfLatency<&LatencySummary::p95>{}},
    {"latency_p99_s", "s", "The 99 % quantile of the latency. Empty without an answer.",
     OfLatency<&LatencySummary::p99>{}},
    {"latency_max_s", "s", "The largest latency. Empty without an answer.",
     OfLatency<&LatencySummary::max>{}},
    {"upload_bytes", "bytes",
     "Bytes that the devices' hops carried outward, without messages that were lost. 0 without a "
     "hop.",
     of_run([](const RunSummary& run) { return carried(run, &engine::HopUsage::up); })},
    {"download_bytes", "bytes",
     "Bytes that the devices' hops carried back, without messages that were lost. 0 without a hop.",
     of_run([](const RunSummary& run) { return carried(run, &engine::HopUsage::down); })},
    {"accuracy", "",
     "The share of answers whose predicted label is the true one. Empty unless the math ran on "
     "inputs with labels.",
     of_run([](const RunSummary& run) { return run.accuracy(); })},
    {"outcome", "",
     "`completed`, or `declined: ` and the reason why the algorithm made no plan, or `failed: ` "
     "and "
     "the error in the algorithm. Without a plan, there is no run, and all figures are empty.",
     [](const SummaryRow& row) { return outcome_of(row.run); }},
    {"planned_latency_s", "s",
     "The latency that the plan predicts for one request in an idle system, without waiting for a "
     "batch to fill. Empty with several models or groups of devices: classes.csv has it for each "
     "class.",
     of_run([](const RunSummary& run) { return planned_latency(run); })},
    {"device_wait_mean_s", "s",
     "Mean wait in the device's queue. This column, the six that follow, `lost_mean_s`, "
     "`team_mean_s` and `handover_mean_s` add up to `latency_mean_s`; requests.csv explains each. "
     "Empty without an "
     "answer.",
     OfLatency<&LatencySummary::device_wait>{}},
    {"device_compute_mean_s", "s", "Mean computing time on the device. Empty without an answer.",
     OfLatency<&LatencySummary::device_compute>{}},
    {"upload_wait_mean_s", "s",
     "Mean wait until the device had sent its earlier messages. Empty without an answer.",
     OfLatency<&LatencySummary::upload_wait>{}},
    {"upload_mean_s", "s",
     "Mean transmission time outward, over all hops. Empty without an answer.",
     OfLatency<&LatencySummary::upload>{}},
    {"server_wait_mean_s", "s", "Mean wait on all later tiers. Empty without an answer.",
     OfLatency<&LatencySummary::server_wait>{}},
    {"server_compute_mean_s", "s",
     "Mean computing time on all later tiers. Empty without an answer.",
     OfLatency<&LatencySummary::server_compute>{}},
    {"download_mean_s", "s",
     "Mean transmission time of the answer's way back. Empty without an answer.",
     OfLatency<&LatencySummary::download>{}},
    {"codec", "", "The codecs of the tensors that cross, each once. Empty if all cross unencoded.",
     of_run([](const RunSummary& run) { return codecs_text(run); })},
    {"lost_mean_s", "s",
     "Mean time that failures cost an answered request, as `lost_s` in requests.csv. Empty without "
     "an answer.",
     OfLatency<&LatencySummary::lost>{}},
    {"requests_late", "", "Requests that were answered after their deadlines.",
     of_run([](const RunSummary& run) { return run.late(); })},
    {"requests_fell_back", "",
     "Requests that their device computed alone after a failure or a rejection.",
     of_run([](const RunSummary& run) { return run.fell_back(); })},
    {"failures", "",
     "Transfers and computations that were lost because their machine or link went down. A request "
     "that finds its machine or link already down loses only time (`lost_mean_s`), or is dropped.",
     of_run([](const RunSummary& run) { return run.failures(); })},
    {"goodput_per_s", "1/s",
     "Requests answered within their deadlines, divided by `duration_s`. Without deadlines, the "
     "throughput. Empty for a training without requests.",
     [](const SummaryRow& row) {
       const bool has_requests = row.run.has_run() &&
                                 (!row.scenario.training || row.run.record.arrived > 0);
       return has_requests ? std::optional(row.run.goodput()) : std::nullopt;
     }},
    {"fairness", "",
     "Jain's index (Jain, Chiu, Hawe 1984) of the share of its requests that each device got "
     "answered within the deadline: 1 if all devices have the same share or none got an answer, 1 "
     "/ n if one of n devices got all answers. Devices without requests do not count.",
     of_run([](const RunSummary& run) { return run.record.fairness; })},
    {"latency_fairness", "",
     "Jain's index of the mean latency of each device. Devices without an answer do not count.",
     of_run([](const RunSummary& run) { return run.record.latency_fairness; })},
    {"drops", "",
     "Dropped requests by reason, as in `edge rejects: 852; edge failed: 342`. Empty if none was "
     "dropped.",
     of_run([](const RunSummary& run) { return drops_text(run.record); })},
    {"verdict", "",
     "The worst verdict of all tiers (tiers.csv) and links (links.csv): `stable`, `backlogged` or "
     "`overloaded`. Means of a run that is not stable depend on its length.",
     of_run([](const RunSummary& run) { return verdict_text(verdict(run.record)); })},
    {"bottleneck", "",
     "The tier or links with the highest offered load of those that are not stable, such as "
     "`edge`, `device-edge up`, or of uplinks `device-edge site up`. Empty if all are stable.",
     [](const SummaryRow& row) { return bottleneck_text(row.run); }},
    {"in_flight_age_mean_s", "s",
     "Mean age, when the run was stopped, of the requests in flight. Empty if there was none.",
     [](const SummaryRow& row) { return age_of_in_flight(row.run, false); }},
    {"in_flight_age_max_s", "s",
     "The age of the oldest request in flight when the run was stopped. Empty if there was none.",
     [](const SummaryRow& row) { return age_of_in_flight(row.run, true); }},
    {"in_flight_late", "",
     "Requests in flight that were past their deadlines when the run was stopped. They are not in "
     "`requests_late`, which has answered ones.",
     of_run([](const RunSummary& run) { return run.record.in_flight_late; })},
    {"device_energy_j", "J",
     "The energy of all devices over the run: computing, idle and radio, with the tails that "
     "outlast the run. Empty if the power draw of the device, or of a radio that was used, is "
     "unknown. energy.csv has the time and energy of each state.",
     OfEnergy<device_energy>{}},
    {"device_compute_j", "J",
     "The part of it that the devices took while busy. Empty if the power draw is unknown.",
     [](const SummaryRow& row) { return energy_in_state(row, "busy"); }},
    {"device_idle_j", "J",
     "The part of it that the devices took while idle. Empty if the power draw is unknown.",
     [](const SummaryRow& row) { return energy_in_state(row, "idle"); }},
    {"radio_energy_j", "J",
     "The part of it that the radios took, in addition to idle devices: promotion, transfer, "
     "waiting for answers, tails. Empty if the power draw is unknown.",
     OfEnergy<radio_energy>{}},
    {"energy_per_answer_j", "J",
     "`device_energy_j`, divided by the answered requests. Empty without an answer.",
     [](const SummaryRow& row) { return energy_per_answer(row); }},
    {"planned_energy_j", "J",
     "The energy that the plan predicts for the device and one request in an idle system: it is "
     "idle while the request is elsewhere, and its radio is promoted, waits for the answer and "
     "passes through its whole tail. Empty with several models or groups of devices, for work on "
     "several devices, and if a power draw is unknown.",
     [](const SummaryRow& row) {
       return row.run.plans.size() == 1 ? planned_energy(row.scenario, row.run.plans.front())
                                        : std::nullopt;
     }},
    {"server_energy_j", "J",
     "The energy of the machines of all later tiers over the run, with their PUE. Empty without "
     "such a tier, and if a power draw is unknown.",
     OfEnergy<server_energy>{}},
    {"money", "",
     "The price of all machines, by the hour for which they exist, and of the traffic of all hops, "
     "in the scenario's currency. Empty if nothing has a price.",
     [](const SummaryRow& row) {
       return row.run.has_run() ? run_money(row.scenario, row.run.record) : std::nullopt;
     }},
    {"battery_life_s", "s",
     "The time for which a full battery of a device lasts at the mean power draw of all devices "
     "over the run, for as long as their batteries were not empty; of several groups of devices, "
     "the "
     "shortest. Empty without a battery.",
     [](const SummaryRow& row) {
       return row.run.has_run() ? battery_life(row.scenario, row.run.record) : std::nullopt;
     }},
    {"planned_money", "",
     "The price that the plan predicts for one request: the traffic, and the machines only for the "
     "time for which they compute it. Empty with several models or groups of devices, and for work "
     "on several devices.",
     [](const SummaryRow& row) {
       const auto cost = row.run.plans.size() == 1 ? row.run.plans.front().request_cost()
                                                   : std::optional<partition::Cost>();
       return cost ? std::optional(cost->money) : std::nullopt;
     }},
    {"batteries_empty", "", "The devices whose batteries were empty at the end. Empty without any.",
     of_batteries([](const engine::BatteryUsage& usage) { return usage.empty; })},
    {"first_empty_s", "s", "The time at which the first of them was empty. Empty if none was.",
     [](const SummaryRow& row) {
       const engine::BatteryUsage& usage = row.run.record.batteries;
       return usage.empty > 0 ? std::optional(usage.first_empty) : std::nullopt;
     }},
    {"battery_left", "",
     "The share of the batteries' capacity that was left at the end, averaged over devices. Empty "
     "without a battery.",
     of_batteries([](const engine::BatteryUsage& usage) { return usage.left; })},
    {"tier_basis", "",
     "The basis of the layers' times on each tier, as in `device: measured; edge: datasheet (47 % "
     "in the median)`: `measured` for the model itself, `fitted` to other networks with the median "
     "error of those that the fit had not seen, or figures of a `datasheet` that nobody compared "
     "with a measurement.",
     [](const SummaryRow& row) { return scenario::tier_bases(row.scenario); }},
    {"link_basis", "",
     "The basis of the bandwidths of each hop, as in `device-edge: published`: `measured` on the "
     "link, `published` for links of its kind, or `assumed`. Empty without a hop.",
     [](const SummaryRow& row) { return scenario::link_bases(row.scenario); }},
    {"team_mean_s", "s",
     "Mean time of messages between devices that work on a request together, as `team_s` in "
     "requests.csv. Empty without an answer.",
     OfLatency<&LatencySummary::team>{}},
    {"makespan_s", "s",
     "The time from the first arrival until the devices had computed and sent all requests that "
     "were answered, whatever follows on other tiers. Empty without an answer.",
     of_run([](const RunSummary& run) { return run.makespan(); })},
    {"period_s", "s",
     "The mean time between two answers: from the first to the last one, divided by their number "
     "less one. Empty without two answers.",
     of_run([](const RunSummary& run) { return run.period(); })},
    {"measure", "",
     "The figure by which the algorithm judges its plan: `latency`, `mean latency` over unlike "
     "requests, `longest latency` of any of them, `makespan` of requests that all arrive at the "
     "start, or `period` of requests that follow each other closely. Empty with several models.",
     of_run([](const RunSummary& run) {
       return run.plans.size() == 1 ? partition::name_of(run.plans.front().measure) : "";
     })},
    {"measure_planned_s", "s",
     "The figure as the plan predicts it for an idle system. Empty with several models.",
     of_run([](const RunSummary& run) {
       return run.plans.size() == 1 ? std::optional(run.plans.front().promise) : std::nullopt;
     })},
    {"measure_simulated_s", "s",
     "The same figure in the run: `latency_mean_s`, `latency_max_s`, `makespan_s` or `period_s`. "
     "Empty with several models, or without an answer.",
     of_run([](const RunSummary& run) {
       return run.plans.size() == 1 ? run.measured(run.plans.front().measure) : std::nullopt;
     })},
    {"policies", "",
     "The policies of the tiers that are not the default, as in `edge: queue edf, batch timeout "
     "(max 8, delay 2 ms)`. Empty if all are. If they were chosen under load, those of all runs "
     "are "
     "the chosen ones.",
     [](const SummaryRow& row) { return policies_text(row.scenario); }},
    {"handovers", "", "The handovers that began. 0 if devices do not move.",
     of_run([](const RunSummary& run) { return run.record.handovers.handovers; })},
    {"interruption_s", "s",
     "The time for which handovers interrupted devices, summed over devices.",
     of_run([](const RunSummary& run) { return run.record.handovers.interruption; })},
    {"handover_mean_s", "s",
     "Mean time that handovers cost an answered request, as `handover_s` in requests.csv. Empty "
     "without an answer.",
     OfLatency<&LatencySummary::handover>{}},
    {"taken_along", "", "Requests and answers that followed their device over the backbone.",
     of_run([](const RunSummary& run) { return run.record.handovers.taken_along; })},
    {"models_pulled", "", "Models that a site pulled over the backbone.",
     of_run([](const RunSummary& run) { return run.record.handovers.pulls; })},
    {"backbone_bytes", "bytes",
     "Bytes that crossed the backbone between sites: requests, answers, states and models.",
     of_run([](const RunSummary& run) { return run.record.handovers.backbone; })},
    {"replans", "",
     "Decisions of devices to look up the best plan, or of policies that learn to choose one. "
     "Empty "
     "without `beliefs` and `adapt`.",
     of_adaptation([](const experiment::AdaptationFigures& f) { return f.replans; })},
    {"switches", "",
     "Changes of the plan that serves a class's requests at a device. Empty without `beliefs` and "
     "`adapt`.",
     of_adaptation([](const experiment::AdaptationFigures& f) { return f.switches; })},
    {"regret_mean_s", "s",
     "Mean `regret_s` (requests.csv) of the requests that arrived and have one. Empty without one.",
     [](const SummaryRow& row) {
       return row.run.adaptation ? row.run.adaptation->mean_regret() : std::nullopt;
     }},
    {"best_plan_share", "",
     "The share of these requests whose regret is 0: they were given a best plan. Empty without "
     "one.",
     [](const SummaryRow& row) {
       const auto& f = row.run.adaptation;
       return f && f->judged > 0 ? std::optional(static_cast<double>(f->followed_best) /
                                                 static_cast<double>(f->judged))
                                 : std::nullopt;
     }},
    {"probe_bytes", "bytes",
     "The bytes of probes that left their devices. Empty without `beliefs` and `adapt`.",
     of_adaptation([](const experiment::AdaptationFigures& f) { return f.probe_bytes; })},
    {"weight_bytes", "bytes",
     "The bytes of weights that devices uploaded for new plans. Empty without `beliefs` and "
     "`adapt`.",
     of_adaptation([](const experiment::AdaptationFigures& f) { return f.weight_bytes; })},
    {"believed_latency_s", "s",
     "The latency of one request in an idle system under the plan at the start, as the planner "
     "believes; `planned_latency_s` has the true one. Empty without `beliefs`, and with several "
     "models or groups of devices.",
     [](const SummaryRow& row) { return row.run.believed_latency; }},
    {"latency_p999_s", "s", "The 99.9 % quantile of the latency. Empty without an answer.",
     OfLatency<&LatencySummary::p999>{}},
});

/// The columns of the run, after them those of intervals, and then those of training.
const std::vector<Column<SummaryRow>>& all_columns() {
  static const std::vector<Column<SummaryRow>> all = [] {
    std::vector<Column<SummaryRow>> columns(kRunColumns.begin(), kRunColumns.end());
    const auto intervals = interval_columns();
    columns.insert(columns.end(), intervals.begin(), intervals.end());
    const auto training = training_columns();
    columns.insert(columns.end(), training.begin(), training.end());
    return columns;
  }();
  return all;
}

}  // namespace

const ColumnTable<SummaryRow>& summary_table() {
  static const ColumnTable<SummaryRow> table{
      "summary.csv",
      "A row per run: that of the chosen plan first, then those of the algorithms that it is "
      "compared with. Of an algorithm that declined, only `scenario`, `seed`, `algorithm`, "
      "`outcome` "
      "and the basis are filled in.",
      all_columns(),
      "`analysis/tables/summary_table.cpp`, `analysis/tables/summary_intervals.cpp`, "
      "`analysis/tables/summary_training.cpp`. Requests, failures and fairness are counted in "
      "`sim/engine/core/run_books.cpp`, rates derived from them in "
      "`analysis/statistics/run_summary.cpp`. Latencies and their parts are averaged in "
      "`analysis/statistics/latency_statistics.cpp`, their intervals computed in "
      "`analysis/statistics/steady_state.cpp`, the verdict in "
      "`analysis/statistics/bottleneck.cpp`. The plan's latency, energy and money come from "
      "`partition/evaluation.cpp`; energy and money of the run from `sim/engine/energy` and "
      "`analysis/statistics/energy_totals.cpp`."};
  return table;
}

std::vector<std::string> figures_of_summary() {
  std::vector<std::string> names;
  for (const Column<SummaryRow>& column : all_columns()) {
    if (!column.is_text && column.name != "seed") {
      names.emplace_back(column.name);
    }
  }
  return names;
}

std::string drops_text(const engine::RunRecord& record) {
  std::string text;
  for (const engine::DropCount& drop : record.drops) {
    if (drop.requests > 0) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", drop.reason, drop.requests);
    }
  }
  return text;
}

}  // namespace offcut::analysis
