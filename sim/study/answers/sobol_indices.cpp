// Variance-based sensitivity indices from the values of a function at the rows of two matrices and
// their mixtures, with a bootstrap over rows.

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>

#include "models/base/quantile.h"
#include "models/base/random.h"
#include "sim/study/answers/screening.h"
#include "sim/study/sweep/design.h"

namespace offcut::study {
namespace {

/// The values of a row: of both matrices, and of the first one with each factor from the second.
struct IndexRow {
  double a = 0, b = 0;
  std::vector<double> mixed;
};

struct RowIndices {
  std::vector<double> first, total;  // By factor.
};

/// Returns the indices of some of the rows, which may be repeated; nothing if all values are equal.
std::optional<RowIndices> indices_of(const std::vector<IndexRow>& rows,
                                     const std::vector<std::size_t>& chosen) {
  const auto count = static_cast<double>(chosen.size());
  double mean = 0, squares = 0;
  for (const std::size_t row : chosen) {
    mean += (rows[row].a + rows[row].b) / (2 * count);
  }
  for (const std::size_t row : chosen) {
    for (const double value : {rows[row].a, rows[row].b}) {
      squares += (value - mean) * (value - mean);
    }
  }
  const double variance = squares / (2 * count);
  if (!(variance > 0)) {
    return std::nullopt;
  }
  RowIndices indices;
  for (std::size_t factor = 0; factor < rows.front().mixed.size(); ++factor) {
    double first = 0, total = 0;
    for (const std::size_t row : chosen) {
      const IndexRow& r = rows[row];
      // The mean is subtracted from b, which leaves the expectation and lowers the variance.
      first += (r.b - mean) * (r.mixed[factor] - r.a);
      total += (r.a - r.mixed[factor]) * (r.a - r.mixed[factor]) / 2;
    }
    indices.first.push_back(first / count / variance);
    indices.total.push_back(total / count / variance);
  }
  return indices;
}

analysis::Interval percentile_interval(double estimate, const std::vector<double>& values,
                                       double confidence, std::size_t rows) {
  return {.estimate = estimate,
          .low = std::min(estimate, quantile(values, (1 - confidence) / 2)),
          .high = std::max(estimate, quantile(values, (1 + confidence) / 2)),
          .confidence = confidence,
          .values = rows};
}

/// Returns all points: row by row the one of A, the one of B, and the mixtures.
std::vector<std::vector<double>> points_of(std::size_t factors, std::size_t samples) {
  const auto all = designs();
  const Design& sobol = *std::find_if(all.begin(), all.end(),
                                      [](const Design& design) { return design.name == "sobol"; });
  std::vector<std::vector<double>> points;
  for (const std::vector<double>& row : sobol.points(samples, 2 * factors, 0)) {
    const auto middle = row.begin() + static_cast<std::ptrdiff_t>(factors);
    const std::vector<double> a(row.begin(), middle), b(middle, row.end());
    points.push_back(a);
    points.push_back(b);
    for (std::size_t factor = 0; factor < factors; ++factor) {
      points.push_back(a);
      points.back()[factor] = b[factor];
    }
  }
  return points;
}

std::vector<IndexRow> rows_of(const std::vector<std::optional<double>>& values,
                              std::size_t factors) {
  std::vector<IndexRow> rows;
  for (std::size_t begin = 0; begin < values.size(); begin += factors + 2) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto end = at + static_cast<std::ptrdiff_t>(factors) + 2;
    if (std::all_of(at, end, [](const auto& value) { return value.has_value(); })) {
      IndexRow& row = rows.emplace_back();
      row.a = **at;
      row.b = **(at + 1);
      std::transform(at + 2, end, std::back_inserter(row.mixed), [](const auto& v) { return *v; });
    }
  }
  return rows;
}

}  // namespace

std::vector<SobolIndices> sobol_indices(std::size_t factors, const SobolOptions& options,
                                        const ScreenedFunction& function, std::size_t& used) {
  const std::vector<IndexRow> rows =
      rows_of(function(points_of(factors, options.samples)), factors);
  used = rows.size();
  std::vector<std::size_t> chosen(rows.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  const auto found = rows.size() < 2 ? std::nullopt : indices_of(rows, chosen);
  if (!found) {
    return {};
  }
  RandomStream stream = random_stream(options.seed, "bootstrap");
  boost::random::uniform_int_distribution<std::size_t> any(0, rows.size() - 1);
  std::vector<std::vector<double>> firsts(factors), totals(factors);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    std::generate(chosen.begin(), chosen.end(), [&] { return any(stream); });
    if (const auto again = indices_of(rows, chosen)) {
      for (std::size_t factor = 0; factor < factors; ++factor) {
        firsts[factor].push_back(again->first[factor]);
        totals[factor].push_back(again->total[factor]);
      }
    }
  }
  std::vector<SobolIndices> indices;
  for (std::size_t factor = 0; factor < factors; ++factor) {
    indices.push_back(
        {percentile_interval(found->first[factor], firsts[factor], options.confidence, rows.size()),
         percentile_interval(found->total[factor], totals[factor], options.confidence,
                             rows.size())});
  }
  return indices;
}

}  // namespace offcut::study
