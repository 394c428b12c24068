// Pairs runs by their point and seed, compares their figures by the paired t test, and adjusts all
// p-values for their number.

#include "sim/study/answers/figure_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "analysis/statistics/holm.h"
#include "models/base/error.h"

namespace offcut::study {
namespace {

using Kind = ComparedRun::Kind;
using PointValues = std::vector<std::string>;
/// The runs of a side by point and seed.
using RunsBySeed = std::map<std::string, const ComparedRun*>;
using RunsByPoint = std::map<PointValues, RunsBySeed>;

struct Pair {
  const ComparedRun* first;
  const ComparedRun* other;
};

RunsByPoint runs_by_point(const ComparedSide& side) {
  RunsByPoint all;
  for (const ComparedRun& run : side.runs) {
    all[side.points[run.point]].emplace(run.seed, &run);
  }
  return all;
}

std::string names_text(const std::vector<std::string>& names) {
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

void check_parameters(const std::vector<ComparedSide>& sides) {
  std::vector<Diagnostic> diagnostics;
  for (const ComparedSide& side : sides) {
    if (side.parameters != sides.front().parameters) {
      diagnostics.push_back(
          {{side.name},
           fmt::format("varies {}, but {} varies {}: expected sweeps over the same "
                       "parameters",
                       names_text(side.parameters), sides.front().name,
                       names_text(sides.front().parameters))});
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// Returns the pairs of runs with the same seed, and counts those that are left out.
std::vector<Pair> used_pairs(const RunsBySeed& first, const RunsBySeed& other,
                             ComparedPoint& counts) {
  std::vector<Pair> pairs;
  for (const auto& [seed, run] : first) {
    const auto partner = other.find(seed);
    if (partner == other.end()) {
      ++counts.unpaired;
      continue;
    }
    ++counts.pairs;
    const Kind a = run->kind, b = partner->second->kind;
    counts.first_saturated += a == Kind::saturated ? 1U : 0U;
    counts.saturated += b == Kind::saturated ? 1U : 0U;
    counts.without_result += a == Kind::without_result || b == Kind::without_result ? 1U : 0U;
    if (a == Kind::stable && b == Kind::stable) {
      pairs.push_back({run, partner->second});
      ++counts.used;
    }
  }
  counts.unpaired += other.size() - counts.pairs;
  return pairs;
}

std::optional<ComparedFigure> compare_figure(const std::vector<Pair>& pairs, std::size_t figure,
                                             double confidence) {
  std::vector<double> first, other;
  for (const Pair& pair : pairs) {
    const double a = pair.first->values[figure], b = pair.other->values[figure];
    if (std::isfinite(a) && std::isfinite(b)) {
      first.push_back(a);
      other.push_back(b);
    }
  }
  if (first.empty()) {
    return std::nullopt;
  }
  ComparedFigure result{.figure = figure, .pairs = first.size()};
  result.are_equal =
      std::equal(first.begin(), first.end(), other.begin(), analysis::are_equal_but_for_rounding);
  result.paired = analysis::paired_interval(other, first, confidence);
  const auto mean = [&](const std::vector<double>& values) {
    const auto interval = analysis::mean_interval(values, confidence);
    return interval ? interval->estimate : values.front();
  };
  result.first_mean = mean(first);
  result.mean = mean(other);
  return result;
}

/// Adjusts the p-values of all tests for their number.
void adjust(Comparison& comparison) {
  std::vector<double> p_values;
  std::vector<ComparedFigure*> tests;
  for (ComparedPoint& row : comparison.rows) {
    for (ComparedFigure& figure : row.figures) {
      if (figure.paired && !figure.are_equal) {
        tests.push_back(&figure);
        p_values.push_back(figure.paired->p_value);
      }
    }
  }
  const std::vector<double> adjusted = analysis::holm_adjusted(p_values);
  for (std::size_t i = 0; i < tests.size(); ++i) {
    tests[i]->adjusted_p = adjusted[i];
    tests[i]->is_significant = adjusted[i] < 1 - comparison.confidence;
  }
  comparison.tests = tests.size();
}

/// Throws InputError if there is nothing to compare.
void check_common(const std::vector<ComparedSide>& sides, const Comparison& comparison) {
  const std::string& first = sides.front().name;
  std::vector<Diagnostic> diagnostics;
  for (std::size_t side = 1; side < sides.size(); ++side) {
    std::size_t points = 0, pairs = 0, used = 0, figures = 0;
    for (const ComparedPoint& row : comparison.rows) {
      points += row.side == side ? 1 : 0;
      pairs += row.side == side ? row.pairs : 0;
      used += row.side == side ? row.used : 0;
      figures += row.side == side ? row.figures.size() : 0;
    }
    const std::string message =
        points == 0  ? fmt::format("has no point in common with {}", first)
        : pairs == 0 ? fmt::format(
                           "has no run with the seed of one of {}: expected the same seeds, so "
                           "that both have common random numbers",
                           first)
        : used > 0 && figures == 0 ? fmt::format("has none of the figures that {} has of these: {}",
                                                 first, fmt::join(comparison.figures, ", "))
                                   : "";
    if (!message.empty()) {
      diagnostics.push_back({{sides[side].name}, message});
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace

std::optional<double> ComparedFigure::relative_difference() const {
  return first_mean == 0 ? std::nullopt : std::optional(difference() / std::abs(first_mean));
}

Comparison compare_sides(const std::vector<ComparedSide>& sides,
                         const std::vector<std::string>& figures, double confidence) {
  check_parameters(sides);
  Comparison comparison{.figures = figures,
                        .parameters = sides.front().parameters,
                        .points = sides.front().points,
                        .confidence = confidence};
  std::vector<RunsByPoint> runs;
  for (const ComparedSide& side : sides) {
    comparison.sides.push_back(side.name);
    runs.push_back(runs_by_point(side));
  }
  std::set<PointValues> lonely;
  for (std::size_t side = 1; side < sides.size(); ++side) {
    for (const auto& [point, of_other] : runs[side]) {
      if (!runs.front().contains(point)) {
        lonely.insert(point);
      }
    }
    for (std::size_t point = 0; point < comparison.points.size(); ++point) {
      const auto found = runs[side].find(comparison.points[point]);
      const auto own = runs.front().find(comparison.points[point]);
      if (found == runs[side].end() || own == runs.front().end()) {
        lonely.insert(comparison.points[point]);
        continue;
      }
      ComparedPoint row{.point = point, .side = side};
      const std::vector<Pair> pairs = used_pairs(own->second, found->second, row);
      for (std::size_t figure = 0; figure < figures.size(); ++figure) {
        if (const auto compared = compare_figure(pairs, figure, confidence)) {
          row.figures.push_back(*compared);
        }
      }
      comparison.rows.push_back(std::move(row));
    }
  }
  comparison.left_out = lonely.size();
  adjust(comparison);
  check_common(sides, comparison);
  return comparison;
}

}  // namespace offcut::study
