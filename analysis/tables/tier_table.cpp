// The columns of tiers.csv.

#include "analysis/tables/tier_table.h"

#include <array>
#include <optional>

namespace offcut::analysis {
namespace {

const char* to_text(engine::Verdict verdict) {
  switch (verdict) {
    case engine::Verdict::stable:
      return "stable";
    case engine::Verdict::backlogged:
      return "backlogged";
    case engine::Verdict::overloaded:
      return "overloaded";
  }
  return "";
}

std::optional<double> mean(double total, std::int64_t count) {
  return count > 0 ? std::optional(total / static_cast<double>(count)) : std::nullopt;
}

constexpr auto kTierColumns = std::to_array<Column<TierRow>>({
    {"algorithm", "", "The algorithm that planned, as in summary.csv.",
     [](const TierRow& row) { return std::string_view(row.run.algorithm); }},
    {"tier", "", "The tier's name.",
     [](const TierRow& row) { return std::string_view(row.tier.name); }},
    {"servers", "", "The cores of all its machines.",
     [](const TierRow& row) { return row.tier.servers; }},
    {"requests_served", "", "Computations of requests that were completed.",
     [](const TierRow& row) { return row.tier.served; }},
    {"busy_s", "s", "The time for which cores were busy, summed over cores.",
     [](const TierRow& row) { return row.tier.busy; }},
    {"utilisation", "", "The busy share of the cores' time, over the whole run, up or down.",
     [](const TierRow& row) { return utilisation(row.tier, row.run.record.duration); }},
    {"wait_mean_s", "s",
     "Mean wait of the served requests, in the queue and until their model was loaded. Empty if "
     "none was served.",
     [](const TierRow& row) { return mean(row.tier.waited.si(), row.tier.served); }},
    {"batches", "", "Batches that were computed; without batching, requests.",
     [](const TierRow& row) { return row.tier.batches; }},
    {"batch_size_mean", "", "Mean requests per batch. Empty without a batch.",
     [](const TierRow& row) {
       return mean(static_cast<double>(row.tier.served), row.tier.batches);
     }},
    {"rejected", "", "Requests that the admission rule rejected.",
     [](const TierRow& row) { return row.tier.rejected; }},
    {"lost", "",
     "How often a request was lost with a machine: computed or, with a queue's last machine, "
     "waiting.",
     [](const TierRow& row) { return row.tier.lost; }},
    {"loads", "", "How often a model was loaded into memory.",
     [](const TierRow& row) { return row.tier.loads; }},
    {"loading_s", "s", "The part of `busy_s` that loading took.",
     [](const TierRow& row) { return row.tier.loading; }},
    {"offered_s", "s",
     "The predicted work of all requests that came. A request that may be batched counts its part "
     "at the best batch size, so `busy_s` can be more; work repeated after a failure counts once.",
     [](const TierRow& row) { return row.tier.offered; }},
    {"offered_load", "",
     "The offered work over what the cores could do, while their machines were up, until the last "
     "request came. Above 1, queues grow for as long as it lasts.",
     [](const TierRow& row) { return offered_load(row.tier); }},
    {"blocked_s", "s",
     "Head-of-line blocking: the part of the waiting, summed over requests, during which a core of "
     "the queue was busy with another class.",
     [](const TierRow& row) { return row.tier.blocked; }},
    {"most_waiting", "", "The most requests that waited in one queue at one moment.",
     [](const TierRow& row) { return row.tier.most_waiting; }},
    {"jobs_mean", "", "Requests waiting or computed, the mean over time.",
     [](const TierRow& row) { return row.tier.mean_jobs; }},
    {"verdict", "",
     "`stable`; `backlogged`: the tier's capacity was sufficient, but when its last request came, "
     "waiting work exceeded a twentieth of the run's length; `overloaded`: the offered load, with "
     "the models that it had to load, exceeded the capacity.",
     [](const TierRow& row) { return to_text(row.tier.verdict); }},
});

constexpr ColumnTable<TierRow> kTierTable{"tiers.csv", "A row per run and tier.", kTierColumns};

}  // namespace

const ColumnTable<TierRow>& tier_table() { return kTierTable; }

}  // namespace offcut::analysis
