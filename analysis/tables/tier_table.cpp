// The columns of tiers.csv.

#include "analysis/tables/tier_table.h"

#include <array>
#include <optional>

#include "analysis/statistics/bottleneck.h"
#include "analysis/statistics/energy_totals.h"

namespace offcut::analysis {
namespace {

/// A figure that is known of a whole tier only, and not of a group of its machines.
template <class Value>
std::optional<Value> of_tier(const TierRow& row, Value value) {
  return row.group ? std::nullopt : std::optional(std::move(value));
}

std::optional<double> mean(double total, std::int64_t count) {
  return count > 0 ? std::optional(total / static_cast<double>(count)) : std::nullopt;
}

constexpr auto kTierColumns = std::to_array<Column<TierRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const TierRow& row) { return std::string_view(row.run.algorithm); }},
    {"tier", "",
     "The tier's name. Groups of unlike machines have rows of their own below that of their tier, "
     "with a dot and the name of the group, in which figures of queues and arrivals are empty.",
     [](const TierRow& row) { return std::string_view(row.tier.name); }},
    {"servers", "",
     "The number of cores of all its machines together. With an autoscaler, that of the most "
     "machines that it may start; `machines_mean` is the number of machines that existed.",
     [](const TierRow& row) { return row.tier.servers; }},
    {"requests_served", "",
     "Computations that were completed: one for each time that a request was served here.",
     [](const TierRow& row) { return row.tier.served; }},
    {"busy_s", "s", "The time for which cores were busy, summed over cores.",
     [](const TierRow& row) { return row.tier.busy; }},
    {"utilisation", "",
     "The share of the cores' time that they were busy, over the whole run, whether their machines "
     "were up or down. With an autoscaler, the time for which their machines existed.",
     [](const TierRow& row) { return utilisation(row.tier, row.run.record.duration); }},
    {"wait_mean_s", "s",
     "Mean wait of the served requests, in the queue and until their model was loaded. Empty if "
     "none was served.",
     [](const TierRow& row) { return mean(row.tier.waited.si(), row.tier.served); }},
    {"batches", "", "Batches that were computed. Without batching, each request counts as one.",
     [](const TierRow& row) { return row.tier.batches; }},
    {"batch_size_mean", "", "Mean number of requests in a batch. Empty if none was computed.",
     [](const TierRow& row) {
       return mean(static_cast<double>(row.tier.served), row.tier.batches);
     }},
    {"rejected", "", "Requests that the admission rule rejected.",
     [](const TierRow& row) { return of_tier(row, row.tier.rejected); }},
    {"lost", "",
     "How often a request was lost because a machine went down: while it was computed or, if no "
     "machine of its queue was left, while it waited.",
     [](const TierRow& row) { return row.tier.lost; }},
    {"loads", "", "How often a model was loaded into the memory of a machine.",
     [](const TierRow& row) { return row.tier.loads; }},
    {"loading_s", "s", "The part of `busy_s` that went into loading models.",
     [](const TierRow& row) { return row.tier.loading; }},
    {"offered_s", "s",
     "The predicted computing time of all requests that reached the tier, 0 if none did. A request "
     "that may be batched counts with its share of the best batch, so `busy_s` can be more. A "
     "computation that is repeated after a failure counts once.",
     [](const TierRow& row) { return of_tier(row, row.tier.offered); }},
    {"offered_load", "",
     "The offered load: `offered_s`, divided by the core time that was available until the last "
     "request reached the tier, without the time for which machines were down. Above 1, queues "
     "grow for as long as it lasts. 0 if no request reached the tier.",
     [](const TierRow& row) { return of_tier(row, offered_load(row.tier)); }},
    {"blocked_s", "s",
     "Head-of-line blocking: the part of the waiting, summed over requests, during which a core of "
     "the queue computed another class.",
     [](const TierRow& row) { return of_tier(row, row.tier.blocked); }},
    {"most_waiting", "",
     "The largest number of requests that waited in one queue at the same time. Under "
     "`processor-sharing`, which has no queue, those on a server beyond the number of its cores.",
     [](const TierRow& row) { return of_tier(row, row.tier.most_waiting); }},
    {"jobs_mean", "",
     "The number of requests that waited or were computed, averaged over time; in the row of a "
     "group of machines, of those that it computed.",
     [](const TierRow& row) { return row.tier.mean_jobs; }},
    {"verdict", "",
     "`stable`; `backlogged` if the capacity was sufficient, but the work that waited when the "
     "last request arrived would have taken more than a twentieth of the run's duration; "
     "`overloaded` if there was such a backlog and the offered work, with the loading of models, "
     "exceeded the capacity. With fewer than 100 requests, the load must "
     "exceed it by four standard deviations of their number; fewer than 10 count as stable. "
     "Tasks of a training are no requests.",
     [](const TierRow& row) {
       return of_tier(row, std::string_view(verdict_text(row.tier.verdict)));
     }},
    {"in_flight", "", "Requests that waited or were computed when the run was stopped.",
     [](const TierRow& row) { return of_tier(row, row.tier.left); }},
    {"queues", "",
     "The number of queues: one for each device and site, or with `dispatch` for each server.",
     [](const TierRow& row) { return of_tier(row, row.tier.queues); }},
    {"offered_load_worst", "",
     "The highest offered load of one queue, each with its part of the core time.",
     [](const TierRow& row) { return of_tier(row, row.tier.worst); }},
    {"queues_overloaded", "",
     "The number of queues that are overloaded by themselves. Since some queues are offered more "
     "than others by chance, their offered load must exceed 1 by four standard deviations of the "
     "number of their requests, as if these came in a Poisson process. One such queue makes the "
     "tier `overloaded`.",
     [](const TierRow& row) { return of_tier(row, row.tier.saturated); }},
    {"energy_j", "J",
     "The energy of its machines over the run, busy and idle, with the PUE; without the devices' "
     "radios. energy.csv has its parts. Empty if the power draw is unknown.",
     [](const TierRow& row) {
       return row.group ? machine_energy(row.run.record, row.number, *row.group)
                        : machine_energy(row.run.record, row.number);
     }},
    {"money", "",
     "The price of its machines, by the hour for which they exist, in the scenario's currency. "
     "Empty without a price.",
     [](const TierRow& row) {
       return row.choice != nullptr && scenario::has_price(*row.choice)
                  ? std::optional(machine_money(*row.choice, row.tier, row.run.record.duration))
                  : std::nullopt;
     }},
    {"machines_mean", "",
     "The number of machines that existed, averaged over time. With an autoscaler, it includes "
     "those that start, and those that finish what they have begun. Empty if no time passed.",
     [](const TierRow& row) {
       const Seconds duration = row.run.record.duration;
       return duration > Seconds(0) ? std::optional(machine_time(row.tier, duration) / duration)
                                    : std::nullopt;
     }},
    {"machines_most", "", "The largest number of machines that existed at once.",
     [](const TierRow& row) { return most_machines(row.tier); }},
    {"machine_starts", "", "How often an autoscaler began to start a machine.",
     [](const TierRow& row) { return of_tier(row, row.tier.starts); }},
    {"machine_hours", "h",
     "The time for which machines existed, summed over machines: what they are paid for, busy or "
     "not.",
     [](const TierRow& row) {
       return machine_time(row.tier, row.run.record.duration).si() / kSecondsPerHour;
     }},
    {"cold_starts", "", "How often a cold machine started for a request.",
     [](const TierRow& row) { return of_tier(row, row.tier.cold_starts); }},
    {"cold_start_s", "s",
     "The part of `busy_s` for which cores waited until their machine was warm.",
     [](const TierRow& row) { return of_tier(row, row.tier.warming); }},
});

constexpr auto kTierTaskColumns = std::to_array<Column<TierRow>>({
    {"tasks", "",
     "Computations of training that were done. They count in `busy_s`, in `offered_load`, and "
     "among those that wait or run, but not as `served`. Only with `training`.",
     [](const TierRow& row) { return row.tier.tasks; }},
    {"task_s", "s", "Their computing time. Empty of a group of machines. Only with `training`.",
     [](const TierRow& row) { return of_tier(row, row.tier.task_work); }},
});

constexpr ColumnTable<TierRow> kTierTable{
    "tiers.csv", "A row per run and tier, and per group of unlike machines.", kTierColumns,
    "`analysis/tables/tier_table.cpp`, from `TierUsage` in `sim/engine/run_record.h`. The figures "
    "are counted in `sim/engine/tiers/computing.cpp` and closed, with the verdict, in "
    "`sim/engine/tiers/tier_books.cpp`."};

}  // namespace

engine::TierUsage usage_of_group(const engine::TierUsage& tier, std::size_t group) {
  const engine::MachineGroupUsage& own = tier.groups[group];
  engine::TierUsage usage;
  usage.name = tier.name + "." + own.name;
  usage.machines = own.machines;
  usage.servers = own.servers;
  usage.most_cores = own.servers;
  usage.busy = own.busy;
  usage.served = own.served;
  usage.waited = own.waited;
  usage.batches = own.batches;
  usage.lost = own.lost;
  usage.loads = own.loads;
  usage.loading = own.loading;
  usage.mean_jobs = own.mean_running;
  usage.tasks = own.tasks;
  return usage;
}

const ColumnTable<TierRow>& tier_table() { return kTierTable; }

std::span<const Column<TierRow>> tier_columns_of_tasks() { return kTierTaskColumns; }

TableText tier_table_text() {
  TableText text = text_of_table(kTierTable);
  text.columns.insert(text.columns.end(), kTierTaskColumns.begin(), kTierTaskColumns.end());
  return text;
}

}  // namespace offcut::analysis
