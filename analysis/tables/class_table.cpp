// The columns of classes.csv.

#include "analysis/tables/class_table.h"

#include <array>

#include "analysis/tables/latency_part.h"

namespace offcut::analysis {
namespace {

constexpr auto kClassColumns = std::to_array<Column<ClassRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const ClassRow& row) { return std::string_view(row.run.algorithm); }},
    {"class", "", "The name of the class; `all` if the scenario has no `classes`.",
     [](const ClassRow& row) { return std::string_view(row.usage.name); }},
    {"model", "", "The model that its requests run.",
     [](const ClassRow& row) { return std::string_view(row.model); }},
    {"requests_arrived", "",
     "The requests of the class that arrived: the sum of the next three columns.",
     [](const ClassRow& row) { return row.usage.arrived; }},
    {"requests_completed", "", "Its requests that were answered.",
     [](const ClassRow& row) { return row.usage.completed; }},
    {"requests_dropped", "", "Its requests that were dropped.",
     [](const ClassRow& row) { return row.usage.dropped; }},
    {"requests_in_flight", "",
     "Its requests that had neither been answered nor dropped when the run was stopped.",
     [](const ClassRow& row) { return row.usage.in_flight; }},
    {"requests_late", "", "Its requests that were answered after their deadlines.",
     [](const ClassRow& row) { return row.usage.late; }},
    {"requests_fell_back", "",
     "Its requests that their device computed alone after a failure or a rejection.",
     [](const ClassRow& row) { return row.usage.fell_back; }},
    {"failures", "",
     "Its transfers and computations that were lost because their machine or link went down.",
     [](const ClassRow& row) { return row.usage.failures; }},
    {"goodput_per_s", "1/s",
     "Its requests answered within their deadlines, divided by the run's duration. Without a "
     "deadline, all that were answered.",
     [](const ClassRow& row) { return goodput(row.usage, row.run.record.duration); }},
    {"planned_latency_s", "s",
     "The latency that the plan for its model predicts for one request in an idle system, without "
     "waiting for a batch to fill; with several groups of devices, from the first one that sends "
     "its requests.",
     [](const ClassRow& row) { return row.plan.latency(); }},
    {"latency_mean_s", "s", "Mean latency of its answered requests. Empty without an answer.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::mean); }},
    {"latency_p50_s", "s",
     "Median latency; quantiles are exact, as in summary.csv. Empty without an answer.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p50); }},
    {"latency_p90_s", "s", "The 90 % quantile of the latency. Empty without an answer.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p90); }},
    {"latency_p95_s", "s", "The 95 % quantile of the latency. Empty without an answer.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p95); }},
    {"latency_p99_s", "s", "The 99 % quantile of the latency. Empty without an answer.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::p99); }},
    {"latency_max_s", "s", "The largest latency. Empty without an answer.",
     [](const ClassRow& row) { return latency_part(row.latency, &LatencySummary::max); }},
});

constexpr ColumnTable<ClassRow> kClassTable{
    "classes.csv", "A row per run and class of requests.", kClassColumns,
    "`analysis/tables/class_table.cpp`. Requests are counted in `sim/engine/core/run_books.cpp`, "
    "latencies averaged in `analysis/statistics/latency_statistics.cpp`. The plan's latency comes "
    "from `partition/evaluation.cpp`."};

}  // namespace

const ColumnTable<ClassRow>& class_table() { return kClassTable; }

}  // namespace offcut::analysis
