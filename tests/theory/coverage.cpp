// Counts how often intervals cover the mean and the 95 % quantile of the sojourn time of M/M/1,
// which is exponential with the rate mu - lambda (Kleinrock, Queueing Systems I, 1975, section
// 5.6). The random numbers are those of std::mt19937_64 by inversion, alike on all machines.

#include "coverage.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "analysis/statistics/steady_state.h"

namespace offcut::theory_tests {
namespace {

using analysis::SteadyState;
using analysis::WarmUp;

constexpr double kConfidence = 0.95;
constexpr std::size_t kP95 = 2;  // In analysis::kSteadyQuantiles.
/// Replications need more between them than a run, since a bias that each has does not average out.
constexpr double kLeastEffectiveOfReplications = 2000;
constexpr std::size_t kReplications = 10;

void count(CoverageRow& row, const std::optional<analysis::Interval>& interval, double truth) {
  ++row.runs;
  if (!interval) {
    ++row.too_short;
  } else {
    row.covered += interval->covers(truth) ? 1U : 0U;
    row.half_width += interval->half_width();
  }
}

/// The replications' means and quantiles, as a sweep has them.
struct Replications {
  std::vector<double> means, p95s;
  double effective = 0;

  void add(const SteadyState& run) {
    if (run.mean_estimate) {
      means.push_back(*run.mean_estimate);
      p95s.push_back(*run.quantile_estimates[kP95]);
    }
    effective += run.effective;
  }
  /// A replication whose warm-up is not over has no mean, and none may be left out.
  bool is_too_short() const {
    return means.size() < kReplications || effective < kLeastEffectiveOfReplications;
  }
  std::optional<analysis::Interval> interval(const std::vector<double>& values) const {
    return is_too_short() ? std::nullopt : analysis::mean_interval(values, kConfidence);
  }
};

}  // namespace

std::vector<double> mm1_sojourns(double load, std::size_t requests, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto exponential = [&] {
    return -std::log1p(-static_cast<double>(random() >> 11) * 0x1p-53);
  };
  std::vector<double> sojourns(requests);
  double wait = 0;
  for (double& sojourn : sojourns) {
    sojourn = wait + exponential();
    wait = std::max(0.0, sojourn - exponential() / load);
  }
  return sojourns;
}

std::vector<CoverageRow> mm1_coverage(double load, std::size_t requests, std::size_t runs,
                                      std::uint64_t seed) {
  const double mean = 1 / (1 - load), p95 = -std::log(0.05) * mean;
  std::vector<CoverageRow> rows;
  for (const char* method : {"batch means", "batch means, original MSER-5", "replications",
                             "replications, original MSER-5"}) {
    rows.push_back({.method = method, .figure = "mean"});
    rows.push_back({.method = method, .figure = "p95"});
  }
  for (std::size_t run = 0; run < runs; ++run) {
    const std::vector<double> values = mm1_sojourns(load, requests, seed + run);
    const std::size_t part = requests / kReplications;
    std::size_t row = 0;
    for (const bool replicates : {false, true}) {
      for (const WarmUp method : {WarmUp::log_mser5, WarmUp::mser5}) {
        if (!replicates) {
          const SteadyState steady = analysis::steady_state(values, method, kConfidence);
          count(rows[row++], steady.mean, mean);
          count(rows[row++], steady.quantiles[kP95], p95);
          continue;
        }
        Replications all;
        for (std::size_t i = 0; i < kReplications; ++i) {
          all.add(analysis::steady_state(mm1_sojourns(load, part, 1'000'000'007 * (seed + run) + i),
                                         method, kConfidence));
        }
        count(rows[row++], all.interval(all.means), mean);
        count(rows[row++], all.interval(all.p95s), p95);
      }
    }
  }
  return rows;
}

}  // namespace offcut::theory_tests
