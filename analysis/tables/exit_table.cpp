// The columns of exits.csv.

#include "analysis/tables/exit_table.h"

#include <algorithm>
#include <array>

#include "partition/solvers/exit_ways.h"

namespace offcut::analysis {
namespace {

using Measure = scenario::ExitRule::Measure;

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Returns the share of the class's answers that left here; none without an answer.
std::optional<double> share_of(const ExitRow& row) {
  std::int64_t all = 0;
  for (const ExitUsage& exit : row.run.exits) {
    const bool is_alike =
        exit.request_class == row.exit.request_class && exit.model == row.exit.model;
    all += is_alike ? exit.requests : 0;
  }
  return all > 0 ? std::optional(ratio(row.exit.requests, all)) : std::nullopt;
}

/// Returns the farthest tier that computes for a request that leaves here.
std::string_view tier_of(const ExitRow& row) {
  const partition::Variant& way = row.variant();
  std::size_t last = 0;
  for (LayerId layer = 0; layer < way.tier_of.size(); ++layer) {
    const bool is_run = !std::binary_search(way.skipped.begin(), way.skipped.end(), layer);
    last = is_run ? std::max(last, way.tier_of[layer]) : last;
  }
  return row.model().tiers[last].name;
}

/// Returns the output's name, also of the end.
std::string output_of(const ExitRow& row) {
  const partition::Problem& problem = row.model().problem;
  return row.exit.name == partition::kLastWay
             ? problem.tensors[partition::exits_in_order(problem).back()].name
             : row.exit.name;
}

/// Returns the threshold of the class's rule here, if it is of that kind.
std::optional<double> threshold_of(const ExitRow& row, Measure measure) {
  const scenario::Scenario& scenario = row.experiment.scenario;
  const std::string output = output_of(row);
  std::optional<scenario::ExitRule> rule;
  for (const scenario::ExitChoice& exit : scenario.models[row.model().choice].plan.exits) {
    rule = exit.statistics.output == output ? exit.rule : rule;
  }
  for (const scenario::ClassExitChoice& exit : scenario.classes[row.exit.request_class].exits) {
    rule = exit.output == output && exit.rule ? exit.rule : rule;
  }
  return rule && rule->measure == measure ? std::optional(rule->threshold) : std::nullopt;
}

std::optional<double> planned_accuracy(const ExitRow& row) {
  const std::string output = output_of(row);
  for (const partition::ExitStatistics& exit : row.model().problem.extras.exits) {
    if (exit.output == output) {
      return exit.accuracy;
    }
  }
  return std::nullopt;
}

constexpr auto kExitColumns = std::to_array<Column<ExitRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const ExitRow& row) { return std::string_view(row.run.algorithm); }},
    {"class", "", "The name of the class; `all` if the scenario has no `classes`.",
     [](const ExitRow& row) {
       return std::string_view(row.experiment.scenario.classes[row.exit.request_class].name);
     }},
    {"group", "", "The group of the devices. Empty if they are in one.",
     [](const ExitRow& row) {
       return row.model().group_name.empty()
                  ? std::nullopt
                  : std::optional<std::string_view>(row.model().group_name);
     }},
    {"exit", "", "The output at which the requests left; `end` for the last one.",
     [](const ExitRow& row) { return std::string_view(row.exit.name); }},
    {"tier", "", "The tier that computed it.", [](const ExitRow& row) { return tier_of(row); }},
    {"confidence", "",
     "The largest probability from which inputs leave here. Empty without such a rule.",
     [](const ExitRow& row) { return threshold_of(row, Measure::probability); }},
    {"entropy_nats", "", "The entropy up to which inputs leave here. Empty without such a rule.",
     [](const ExitRow& row) { return threshold_of(row, Measure::entropy); }},
    {"planned_share", "",
     "The share of the class's requests that leaves here: counted on the inputs with the math on, "
     "and otherwise from the probabilities of the class or the plan.",
     [](const ExitRow& row) { return row.exit.odds; }},
    {"requests", "", "The answered requests that left here.",
     [](const ExitRow& row) { return row.exit.requests; }},
    {"share", "", "Their share of those that left at all exits. Empty without an answer.",
     [](const ExitRow& row) { return share_of(row); }},
    {"planned_latency_s", "s", "The latency that the plan predicts for them in an idle system.",
     [](const ExitRow& row) { return row.variant().cost.latency(); }},
    {"latency_mean_s", "s", "Their mean latency. Empty without an answer.",
     [](const ExitRow& row) {
       return row.exit.requests > 0
                  ? std::optional(row.exit.latency / static_cast<double>(row.exit.requests))
                  : std::nullopt;
     }},
    {"planned_accuracy", "",
     "The share of right answers here, as the plan has it or as measured on the inputs, with the "
     "plan's own rule. Empty if it is unknown.",
     [](const ExitRow& row) { return planned_accuracy(row); }},
    {"requests_labelled", "", "The requests that left here whose input the math read with a label.",
     [](const ExitRow& row) { return row.exit.labelled; }},
    {"accuracy", "", "The share of right answers among them. Empty if there are none.",
     [](const ExitRow& row) {
       return row.exit.labelled > 0 ? std::optional(ratio(row.exit.correct, row.exit.labelled))
                                    : std::nullopt;
     }},
});

constexpr ColumnTable<ExitRow> kExitTable{
    "exits.csv",
    "A row per run, class and exit of its model's network, if requests leave at exits; otherwise "
    "the file is not written. Requests that fell back left at none.",
    kExitColumns,
    "`analysis/tables/exit_table.cpp`. Requests are counted in `analysis/request_log.cpp`; the "
    "rules are those of `sim/experiment/exits.cpp`, planned latencies come from "
    "`partition/solvers/exit_ways.cpp`, or from the algorithm that counts with exits itself."};

}  // namespace

const ColumnTable<ExitRow>& exit_table() { return kExitTable; }

}  // namespace offcut::analysis
