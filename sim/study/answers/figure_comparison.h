#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/interval.h"
#include "sim/study/answers/figure_direction.h"

namespace offcut::study {

/// A run of one of the sides of a comparison.
struct ComparedRun {
  std::size_t point = 0;  // In ComparedSide::points.
  std::string seed;       // Runs of two sides with the same point and seed are a pair.
  enum class Kind { stable, saturated, without_result };
  Kind kind = Kind::stable;
  std::vector<double> values;  // By figure; NaN: it has none.
};

/// The runs of a folder of results, of one of its variants, or of a scenario.
struct ComparedSide {
  std::string name;
  std::vector<std::string> parameters;           // Names of what varies between points.
  std::vector<std::vector<std::string>> points;  // Values of the parameters. Never empty.
  std::vector<ComparedRun> runs;
};

/// A figure of a side, compared with that of the first side at the same point.
struct ComparedFigure {
  std::size_t figure = 0;  // In Comparison::figures.
  std::size_t pairs = 0;
  double first_mean = 0, mean = 0;  // Over the pairs.
  /// The difference with its interval and p-value; none for a single pair.
  std::optional<analysis::PairedDifference> paired;
  bool are_equal = false;  // All pairs are.
  double adjusted_p = 1;   // For the number of tests; see holm_adjusted().
  bool is_significant = false;

  double difference() const { return mean - first_mean; }
  /// Returns the difference as a share of the first mean; none if that is 0.
  std::optional<double> relative_difference() const;
};

/// The comparison of a side with the first one at a point.
struct ComparedPoint {
  std::size_t point = 0;                           // In Comparison::points.
  std::size_t side = 0;                            // In the order of the sides; not 0.
  std::size_t pairs = 0;                           // Of runs with the same seed, used or not.
  std::size_t used = 0;                            // Pairs of which both runs are stable.
  std::size_t first_saturated = 0, saturated = 0;  // Runs of the pairs.
  std::size_t without_result = 0;                  // Pairs of which a run failed or was declined.
  std::size_t unpaired = 0;  // Runs of either side whose seed the other one does not have.
  std::vector<ComparedFigure> figures;
};

struct Comparison {
  std::vector<std::string> sides;
  std::vector<std::string> figures;
  std::vector<std::string> parameters;
  std::vector<std::vector<std::string>> points;  // Those of the first side.
  std::vector<ComparedPoint> rows;               // By side, then by point.
  std::size_t left_out = 0;                      // Points that not all sides have.
  std::size_t tests = 0;                         // The number that the p-values are adjusted for.
  double confidence = 0;
};

/// Compares each side with the first one, figure by figure, by the paired t test. Runs that are not
/// stable, and figures that a run does not have, are left out with their pairs. Tests are all
/// figures, points and sides of which some pair differs: equal ones cannot be significant, so that
/// they do not count (Tarone, Biometrics 46(2), 1990). Throws InputError if the sides do not have
/// the same parameters, a common point, a common seed or a common figure.
Comparison compare_sides(const std::vector<ComparedSide>& sides,
                         const std::vector<std::string>& figures, double confidence);

}  // namespace offcut::study
