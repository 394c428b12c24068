// The columns of classes.csv.

#include "analysis/tables/class_table.h"

#include <array>

#include "analysis/tables/latency_part.h"

namespace offcut::analysis {
namespace {

constexpr auto kClassColumns = std::to_array<Column<ClassRow>>({
    {"algorithm", "", "The algorithm that planned, as in summary.csv.",
     [](const ClassRow& row) { return std::string_view(row.run.algorithm); }},
    {"class", "", "The class; `all` if the scenario has no `classes`.",
     [](const ClassRow& row) { return std::string_view(row.usage.name); }},
    {"model", "", "The model that its requests run.",
     [](const ClassRow& row) { return std::string_view(row.model); }},
    {"requests_arrived", "", "Its requests that arrived: the sum of the next three columns.",
     [](const ClassRow& row) { return row.usage.arrived; }},
    {"requests_completed", "", "Those that were answered.",
     [](const ClassRow& row) { return row.usage.completed; }},
    {"requests_dropped", "", "Those that were dropped.",
     [](const ClassRow& row) { return row.usage.dropped; }},
    {"requests_in_flight", "", "Those that were still in flight when the run was stopped.",
     [](const ClassRow& row) { return row.usage.in_flight; }},
    {"requests_late", "", "Those that were answered after their deadlines.",
     [](const ClassRow& row) { return row.usage.late; }},
    {"requests_fell_back", "",
     "Those that their device computed alone, after a failure or a rejection.",
     [](const ClassRow& row) { return row.usage.fell_back; }},
    {"failures", "", "Its transfers and computations that were lost with a machine or link.",
     [](const ClassRow& row) { return row.usage.failures; }},
    {"goodput_per_s", "1/s",
     "Its answers within their deadlines over the run's duration; without deadlines, all answers.",
     [](const ClassRow& row) { return goodput(row.usage, row.run.record.duration); }},
    {"planned_latency_s", "s",
     "The latency that the plan for its model predicts for one request in an idle system that "
     "waits for no batch.",
     [](const ClassRow& row) { return row.plan.cost.latency(); }},
    {"latency_mean_s", "s", "Mean latency of its answers. Empty without one, like the next five.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::mean); }},
    {"latency_p50_s", "s", "Median latency; quantiles are exact, as in summary.csv.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p50); }},
    {"latency_p90_s", "s", "The 90 % quantile of the latency.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p90); }},
    {"latency_p95_s", "s", "The 95 % quantile of the latency.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p95); }},
    {"latency_p99_s", "s", "The 99 % quantile of the latency.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p99); }},
    {"latency_max_s", "s", "The largest latency.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::max); }},
});

constexpr ColumnTable<ClassRow> kClassTable{"classes.csv", "A row per run and class of requests.",
                                            kClassColumns};

}  // namespace

const ColumnTable<ClassRow>& class_table() { return kClassTable; }

}  // namespace offcut::analysis
