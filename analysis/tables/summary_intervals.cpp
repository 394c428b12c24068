// The columns of summary.csv on latencies after the warm-up: estimates, the ends of their
// intervals, and why there are none.

#include "analysis/tables/summary_intervals.h"

#include <array>

namespace offcut::analysis {
namespace {

/// A bound of the interval of the run's mean latency; empty if the run is too short for one.
template <double Interval::*kPart>
struct OfSteadyMean {
  std::optional<Seconds> operator()(const SummaryRow& row) const {
    const auto& mean = row.run.steady.mean;
    return mean ? std::optional(Seconds((*mean).*kPart)) : std::nullopt;
  }
};

/// A bound of the interval of a quantile, by its index in kSteadyQuantiles.
template <std::size_t kIndex, double Interval::*kPart>
struct OfSteadyQuantile {
  std::optional<Seconds> operator()(const SummaryRow& row) const {
    const auto& quantile = row.run.steady.quantiles[kIndex];
    return quantile ? std::optional(Seconds((*quantile).*kPart)) : std::nullopt;
  }
};

template <std::size_t kIndex>
struct OfQuantileEstimate {
  std::optional<Seconds> operator()(const SummaryRow& row) const {
    const std::optional<double>& estimate = row.run.steady.quantile_estimates[kIndex];
    return estimate ? std::optional(Seconds(*estimate)) : std::nullopt;
  }
};

std::string steady_note(const SteadyState& steady) {
  return !steady.too_short.empty() ? "no interval: " + steady.too_short : steady.tail_too_short;
}

constexpr std::string_view kLowerEndDoc =
    "The lower end of its interval. Empty if the run is too short, or has too few requests in this "
    "tail.";
constexpr std::string_view kUpperEndDoc =
    "The upper end of the interval. Empty like the lower one.";

constexpr auto kIntervalColumns = std::to_array<Column<SummaryRow>>({
    {"warmup_requests", "",
     "The answered requests at the start that the figures below leave out, by the scenario's "
     "`statistics` (docs/statistics.md). Empty if the run is not stable, or its warm-up takes more "
     "than half of it.",
     [](const SummaryRow& row) {
       const SteadyState& steady = row.run.steady;
       return steady.mean_estimate ? std::optional(steady.warm_up) : std::nullopt;
     }},
    {"effective_requests", "",
     "The number of independent latencies whose mean would be as precise as that of these. A run "
     "needs 400 for an interval. Empty with fewer than 400 requests.",
     [](const SummaryRow& row) {
       return row.run.steady.effective > 0 ? std::optional(row.run.steady.effective) : std::nullopt;
     }},
    {"steady_mean_s", "s", "Mean latency after the warm-up. Empty like `warmup_requests`.",
     [](const SummaryRow& row) {
       const std::optional<double>& mean = row.run.steady.mean_estimate;
       return mean ? std::optional(Seconds(*mean)) : std::nullopt;
     }},
    {"steady_mean_low_s", "s",
     "The lower end of its confidence interval, which covers the mean of an endless run with the "
     "scenario's `confidence`. Empty if the run is too short (`steady_note`).",
     OfSteadyMean<&Interval::low>{}},
    {"steady_mean_high_s", "s", kUpperEndDoc, OfSteadyMean<&Interval::high>{}},
    {"steady_p50_s", "s", "Median of the latency after the warm-up. Empty like `warmup_requests`.",
     OfQuantileEstimate<0>{}},
    {"steady_p50_low_s", "s", kLowerEndDoc, OfSteadyQuantile<0, &Interval::low>{}},
    {"steady_p50_high_s", "s", kUpperEndDoc, OfSteadyQuantile<0, &Interval::high>{}},
    {"steady_p90_s", "s",
     "The 90 % quantile of the latency after the warm-up. Empty like `warmup_requests`.",
     OfQuantileEstimate<1>{}},
    {"steady_p90_low_s", "s", kLowerEndDoc, OfSteadyQuantile<1, &Interval::low>{}},
    {"steady_p90_high_s", "s", kUpperEndDoc, OfSteadyQuantile<1, &Interval::high>{}},
    {"steady_p95_s", "s",
     "The 95 % quantile of the latency after the warm-up. Empty like `warmup_requests`.",
     OfQuantileEstimate<2>{}},
    {"steady_p95_low_s", "s", kLowerEndDoc, OfSteadyQuantile<2, &Interval::low>{}},
    {"steady_p95_high_s", "s", kUpperEndDoc, OfSteadyQuantile<2, &Interval::high>{}},
    {"steady_p99_s", "s",
     "The 99 % quantile of the latency after the warm-up. Empty like `warmup_requests`.",
     OfQuantileEstimate<3>{}},
    {"steady_p99_low_s", "s", kLowerEndDoc, OfSteadyQuantile<3, &Interval::low>{}},
    {"steady_p99_high_s", "s", kUpperEndDoc, OfSteadyQuantile<3, &Interval::high>{}},
    {"steady_p999_s", "s",
     "The 99.9 % quantile of the latency after the warm-up. Empty like `warmup_requests`.",
     OfQuantileEstimate<4>{}},
    {"steady_p999_low_s", "s", kLowerEndDoc, OfSteadyQuantile<4, &Interval::low>{}},
    {"steady_p999_high_s", "s", kUpperEndDoc, OfSteadyQuantile<4, &Interval::high>{}},
    {"steady_note", "",
     "The reason why the run has no intervals, or the first quantile without one and the requests "
     "that it needs. Empty if all have one.",
     [](const SummaryRow& row) {
       return row.run.has_run() ? std::optional(steady_note(row.run.steady)) : std::nullopt;
     }},
});

}  // namespace

std::span<const Column<SummaryRow>> interval_columns() { return kIntervalColumns; }

}  // namespace offcut::analysis
