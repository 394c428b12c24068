// The columns of groups.csv.

#include "analysis/tables/group_table.h"

#include <array>

#include "analysis/statistics/energy_totals.h"
#include "analysis/tables/latency_part.h"

namespace offcut::analysis {
namespace {

constexpr auto kGroupColumns = std::to_array<Column<GroupRow>>({
    {"algorithm", "", "The algorithm that made the plans, as in summary.csv.",
     [](const GroupRow& row) { return std::string_view(row.run.algorithm); }},
    {"group", "", "The name of the group.",
     [](const GroupRow& row) { return std::string_view(row.usage.name); }},
    {"devices", "", "The number of its devices.",
     [](const GroupRow& row) { return row.run.record.tiers[row.group].machines; }},
    {"requests_arrived", "",
     "The requests of its devices that arrived: the sum of the next three columns.",
     [](const GroupRow& row) { return row.usage.arrived; }},
    {"requests_completed", "", "Their requests that were answered.",
     [](const GroupRow& row) { return row.usage.completed; }},
    {"requests_dropped", "", "Their requests that were dropped.",
     [](const GroupRow& row) { return row.usage.dropped; }},
    {"requests_in_flight", "",
     "Their requests that had neither been answered nor dropped when the run was stopped.",
     [](const GroupRow& row) { return row.usage.in_flight; }},
    {"requests_late", "", "Their requests that were answered after their deadlines.",
     [](const GroupRow& row) { return row.usage.late; }},
    {"requests_fell_back", "",
     "Their requests that their device computed alone after a failure or a rejection.",
     [](const GroupRow& row) { return row.usage.fell_back; }},
    {"failures", "",
     "Their transfers and computations that were lost because their machine or link went down.",
     [](const GroupRow& row) { return row.usage.failures; }},
    {"goodput_per_s", "1/s",
     "Their requests answered within their deadlines, divided by the run's duration. Without a "
     "deadline, all that were answered.",
     [](const GroupRow& row) { return goodput(row.usage, row.run.record.duration); }},
    {"latency_mean_s", "s", "Mean latency of their answered requests. Empty without an answer.",
     [](const GroupRow& row) { return latency_part(row.latency, &LatencySummary::mean); }},
    {"latency_p50_s", "s",
     "Median latency; quantiles are exact, as in summary.csv. Empty without an answer.",
     [](const GroupRow& row) { return latency_part(row.latency, &LatencySummary::p50); }},
    {"latency_p90_s", "s", "The 90 % quantile of the latency. Empty without an answer.",
     [](const GroupRow& row) { return latency_part(row.latency, &LatencySummary::p90); }},
    {"latency_p95_s", "s", "The 95 % quantile of the latency. Empty without an answer.",
     [](const GroupRow& row) { return latency_part(row.latency, &LatencySummary::p95); }},
    {"latency_p99_s", "s", "The 99 % quantile of the latency. Empty without an answer.",
     [](const GroupRow& row) { return latency_part(row.latency, &LatencySummary::p99); }},
    {"latency_max_s", "s", "The largest latency. Empty without an answer.",
     [](const GroupRow& row) { return latency_part(row.latency, &LatencySummary::max); }},
    {"device_energy_j", "J",
     "The energy of its devices over the run, with their radios. Empty if a power draw is unknown.",
     [](const GroupRow& row) { return device_energy(row.run.record, row.group); }},
    {"energy_per_answer_j", "J",
     "`device_energy_j`, divided by the answered requests. Empty without an answer.",
     [](const GroupRow& row) {
       const auto energy = device_energy(row.run.record, row.group);
       return energy && row.usage.completed > 0
                  ? std::optional(*energy / static_cast<double>(row.usage.completed))
                  : std::nullopt;
     }},
});

constexpr ColumnTable<GroupRow> kGroupTable{
    "groups.csv",
    "A row per run and group of devices, if these are in several groups; otherwise the file is not "
    "written.",
    kGroupColumns,
    "`analysis/tables/group_table.cpp`. Requests are counted in `sim/engine/core/run_books.cpp`, "
    "latencies averaged in `analysis/statistics/latency_statistics.cpp`, energy added up in "
    "`analysis/statistics/energy_totals.cpp`."};

}  // namespace

const ColumnTable<GroupRow>& group_table() { return kGroupTable; }

}  // namespace offcut::analysis
