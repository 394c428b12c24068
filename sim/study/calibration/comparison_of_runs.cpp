// Compares measured and predicted latencies of runs. A quantile of few requests is biased, but in
// the same way in a simulation of as many: so it is compared with the mean of the quantiles of
// replications, and not with a quantile of all their requests.

#include "sim/study/calibration/comparison_of_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "analysis/statistics/block_bootstrap.h"
#include "analysis/statistics/rank_correlation.h"
#include "models/base/quantile.h"
#include "sim/study/calibration/estimates.h"

namespace offcut::study {
namespace {

constexpr std::size_t kResamples = 1000;
constexpr std::array<double, 3> kShares = {0.5, 0.95, 0.99};

double figure_of(std::size_t figure, std::vector<double>& values) {
  return figure < kShares.size() ? quantile_in_place(values, kShares[figure]) : mean_of(values);
}

/// Returns the figure of each replication.
std::vector<double> figures_of(const Prediction& prediction, std::size_t figure) {
  std::vector<double> figures;
  for (std::vector<double> latencies : prediction.latencies) {
    if (!latencies.empty()) {
      figures.push_back(figure_of(figure, latencies));
    }
  }
  return figures;
}

/// Sets the busiest tier or hop by what the fitted scenario gives each request there.
void set_busiest(const ComparableRun& run, const experiment::Experiment& fitted,
                 RunComparison& comparison) {
  const MeasuredPlan plan = plan_of(*run.run, fitted);
  const double rate = run.run->rate();
  const auto note = [&](const std::string& name, double load) {
    if (load > comparison.load_of_busiest) {
      comparison.busiest = name;
      comparison.load_of_busiest = load;
    }
  };
  const scenario::Scenario& scenario = fitted.scenario;
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    const auto cores =
        static_cast<double>(scenario.tiers[tier].servers * scenario.tiers[tier].cores);
    note(scenario.tiers[tier].name, rate * (plan.compute[tier] + plan.per_request[tier]) / cores);
  }
  for (std::size_t hop = 0; hop < plan.up_bytes.size(); ++hop) {
    const scenario::HopChoice& link = scenario.hops[hop];
    note(link.name, rate * plan.up_bytes[hop] / link.hop.rate(true).si());
    note(link.name, rate * plan.down_bytes[hop] / link.hop.rate(false).si());
  }
}

}  // namespace

MeasuredPart RunComparison::part_of_miss() const {
  const double miss = std::accumulate(predicted_parts.begin(), predicted_parts.end(), 0.0) -
                      std::accumulate(measured_parts.begin(), measured_parts.end(), 0.0);
  std::size_t most = 0;
  const auto share = [&](std::size_t part) {
    return (predicted_parts[part] - measured_parts[part]) * (miss < 0 ? -1 : 1);
  };
  for (std::size_t part = 1; part < measured_parts.size(); ++part) {
    most = share(part) > share(most) ? part : most;
  }
  return static_cast<MeasuredPart>(most);
}

RunComparison compare_run(const ComparableRun& run, const Prediction& before,
                          const Prediction& after, const experiment::Experiment& fitted,
                          bool held_out) {
  RunComparison comparison{.name = run.run->name,
                           .load = run.run->load,
                           .cut = run.run->cut,
                           .held_out = held_out,
                           .requests = run.run->requests.size()};
  const std::vector<double> latencies = run.run->latencies();
  for (std::size_t figure = 0; figure < kComparedFigures.size(); ++figure) {
    ComparedLatency& compared = comparison.figures[figure];
    compared.measured = analysis::block_bootstrap(
        latencies, [figure](std::vector<double>& values) { return figure_of(figure, values); },
        kFitConfidence, kResamples, figure);
    compared.predicted = mean_with_interval(figures_of(after, figure));
    compared.before = mean_with_interval(figures_of(before, figure)).estimate;
  }
  comparison.measured_parts = run.run->mean_parts();
  comparison.predicted_parts = after.parts;
  set_busiest(run, fitted, comparison);
  return comparison;
}

ComparisonSummary summarise(const std::vector<RunComparison>& runs) {
  ComparisonSummary summary;
  constexpr std::size_t kP99 = 2;
  constexpr std::size_t kMean = 3;
  for (std::size_t figure = 0; figure < kComparedFigures.size(); ++figure) {
    std::vector<double> errors;
    std::vector<double> before;
    for (const RunComparison& run : runs) {
      if (figure != kP99 || run.has_p99()) {
        errors.push_back(std::abs(run.figures[figure].error()));
        before.push_back(std::abs(run.figures[figure].error_before()));
      }
    }
    if (!errors.empty()) {
      summary.figures[figure] = {.mape = mean_of(errors),
                                 .median = quantile(errors, 0.5),
                                 .median_before = quantile(before, 0.5),
                                 .runs = errors.size()};
    }
  }
  std::map<std::string, std::vector<const RunComparison*>> by_load;
  for (const RunComparison& run : runs) {
    by_load[run.load].push_back(&run);
  }
  std::vector<double> kendalls;
  std::vector<double> spearmans;
  for (const auto& [load, group] : by_load) {
    std::vector<double> measured;
    std::vector<double> predicted;
    for (const RunComparison* run : group) {
      measured.push_back(run->figures[kMean].measured.estimate);
      predicted.push_back(run->figures[kMean].predicted.estimate);
    }
    const auto tau = analysis::kendall(measured, predicted);
    const auto rho = analysis::spearman(measured, predicted);
    const bool differs = std::any_of(group.begin(), group.end(), [&](const RunComparison* run) {
      return run->cut != group.front()->cut;
    });
    if (!differs || !tau || !rho) {
      continue;
    }
    kendalls.push_back(*tau);
    spearmans.push_back(*rho);
    summary.compared_cuts += group.size();
    const auto best = [&](const std::vector<double>& means) {
      return group[static_cast<std::size_t>(std::min_element(means.begin(), means.end()) -
                                            means.begin())]
          ->cut;
    };
    summary.best_cuts.push_back(fmt::format("{}: after {} measured, after {} predicted", load,
                                            best(measured), best(predicted)));
  }
  if (!kendalls.empty()) {
    summary.kendall = mean_of(kendalls);
    summary.spearman = mean_of(spearmans);
  }
  return summary;
}

}  // namespace offcut::study
