// Fits the computing times of a tier. Noise keeps the mean of the scenario's times, so that the
// scale is the mean of the factors, without interruptions, and not their median.

#include "sim/study/calibration/tier_fit.h"

#include <algorithm>

#include "analysis/statistics/block_bootstrap.h"
#include "models/base/quantile.h"
#include "sim/study/calibration/estimates.h"

namespace offcut::study {
namespace {

constexpr std::size_t kScaleResamples = 500;
constexpr std::size_t kFewestQueued = 20;
constexpr double kLeastPlanned = 1e-7;  // Below, a tier runs no layers.

/// Returns the computing times of requests that were computed alone.
std::vector<double> times_of(const MeasuredRun& run, std::size_t tier) {
  std::vector<double> times;
  for (const MeasuredRequest& request : run.requests) {
    const MeasuredStage& stage = request.tiers[tier];
    if (!std::isnan(stage.end) && !std::isnan(stage.start) && stage.batch <= 1) {
      times.push_back(std::max(0.0, stage.end - stage.start));
    }
  }
  return times;
}

/// Adds the times that pass before computations begin, of requests that waited and of others.
void add_gaps(const MeasuredRun& run, std::size_t tier, bool is_single, std::vector<double>& waited,
              std::vector<double>& others) {
  std::vector<MeasuredStage> stages;
  for (const MeasuredRequest& request : run.requests) {
    const MeasuredStage& stage = request.tiers[tier];
    if (!std::isnan(stage.start) && !std::isnan(stage.last_byte) && stage.batch <= 1) {
      stages.push_back(stage);
    }
  }
  std::stable_sort(
      stages.begin(), stages.end(),
      [](const MeasuredStage& a, const MeasuredStage& b) { return a.start < b.start; });
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const bool waits = is_single && i > 0 && stages[i].last_byte < stages[i - 1].end;
    const double since = waits ? stages[i - 1].end : stages[i].last_byte;
    (waits ? waited : others).push_back(std::max(0.0, stages[i].start - since));
  }
}

/// The mean factor of a run.
struct RunFactor {
  double rate, factor, weight;
};

/// Fits a line over the rate, and returns its value without load as a share of that at `rate`.
double idle_share_of(const std::vector<RunFactor>& runs, double rate) {
  double weights = 0;
  double rates = 0;
  double factors = 0;
  for (const RunFactor& run : runs) {
    weights += run.weight;
    rates += run.weight * run.rate;
    factors += run.weight * run.factor;
  }
  double squares = 0;
  double products = 0;
  for (const RunFactor& run : runs) {
    const double away = run.rate - rates / weights;
    squares += run.weight * away * away;
    products += run.weight * away * (run.factor - factors / weights);
  }
  if (!(squares > 0)) {
    return 1;
  }
  // Load makes nothing quicker: a negative slope is noise.
  const double slope = std::max(0.0, products / squares);
  const double idle = factors / weights - slope * rates / weights;
  return std::clamp(idle / (idle + slope * rate), 0.0, 1.0);
}

}  // namespace

double TierFit::growth(double other_rate) const {
  return rate > 0 ? idle_share + (1 - idle_share) * std::min(other_rate / rate, kFarthestRate) : 1;
}

TierFit fit_tier(std::size_t tier, const std::vector<TierSample>& samples, bool is_single) {
  TierFit fit;
  fit.is_loaded = std::any_of(samples.begin(), samples.end(),
                              [](const TierSample& sample) { return !sample.run->is_closed; });
  std::vector<double> idle;
  std::vector<RunFactor> runs;
  bool is_one_cut = true;
  std::vector<double> waited;
  std::vector<double> others;
  for (const TierSample& sample : samples) {
    const bool counts = sample.run->is_closed != fit.is_loaded;
    if (counts) {
      add_gaps(*sample.run, tier, is_single, waited, others);
    }
    std::vector<double> factors = times_of(*sample.run, tier);
    if (factors.empty() || sample.planned < kLeastPlanned) {
      continue;
    }
    const double longest = kLongest * quantile(factors, 0.5);
    for (double& factor : factors) {
      fit.cut_off += counts && factor > longest ? 1 : 0;
      factor = std::min(factor, longest) / sample.planned;
      if (sample.run->is_closed) {
        idle.push_back(factor);
      }
    }
    runs.push_back({sample.rate(), mean_of(factors), static_cast<double>(factors.size())});
    is_one_cut = is_one_cut && sample.planned == samples.front().planned;
    if (counts) {
      fit.factors.insert(fit.factors.end(), factors.begin(), factors.end());
    }
  }
  if (!idle.empty()) {
    fit.idle_scale = mean_of(idle);
  }
  if (fit.factors.size() >= kFewestMeasured) {
    fit.scale = analysis::block_bootstrap(
        fit.factors, [](std::vector<double>& values) { return mean_of(values); }, kFitConfidence,
        kScaleResamples, tier);
  }
  if (fit.is_loaded && is_one_cut && fit.scale) {
    double weights = 0;
    for (const RunFactor& run : runs) {
      fit.rate += run.rate > 0 ? run.weight * run.rate : 0;
      weights += run.rate > 0 ? run.weight : 0;
    }
    fit.rate = weights > 0 ? fit.rate / weights : 0;
    fit.idle_share = idle_share_of(runs, fit.rate);
  }
  fit.per_request_from_queue = waited.size() >= kFewestQueued;
  const std::vector<double>& gaps = fit.per_request_from_queue ? waited : others;
  if (gaps.size() >= kFewestMeasured) {
    fit.per_request = quantile_with_interval(gaps, 0.5);
  }
  return fit;
}

}  // namespace offcut::study
