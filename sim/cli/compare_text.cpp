// The comparison of results for people. Sides have letters, so that a table fits into 80 columns.

#include "sim/cli/compare_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "models/base/readable.h"
#include "sim/cli/figure_text.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

using study::ComparedFigure;
using study::ComparedPoint;
using study::Comparison;
using study::Direction;

constexpr std::size_t kMostComparisons = 20;

std::string letter_of(std::size_t side) {
  constexpr std::size_t kLetters = 26;
  return side < kLetters ? std::string(1, static_cast<char>('A' + side))
                         : fmt::format("side {}", side + 1);
}

std::string sides_text(const Comparison& comparison) {
  std::string text;
  for (std::size_t side = 0; side < comparison.sides.size(); ++side) {
    text += fmt::format("{}: {}\n", letter_of(side), comparison.sides[side]);
  }
  return text;
}

/// Returns "+12.3 %", or the difference itself where there is no share.
std::string difference_text(const std::string& name, const ComparedFigure& figure) {
  const auto relative = figure.relative_difference();
  const std::string sign = figure.difference() > 0 ? "+" : "";
  if (figure.are_equal) {
    return "none";
  }
  if (!relative) {
    return sign + figure_text(name, figure.difference());
  }
  return fmt::format("{}{}", sign, percent(*relative, 3));
}

/// Returns the half-width of the interval in the same unit; 0 if only rounding makes it wider.
std::string half_width_text(const std::string& name, const ComparedFigure& figure) {
  constexpr double kRounding = 1e-12;
  if (!figure.paired || figure.are_equal) {
    return "";
  }
  const double width = figure.paired->difference.half_width();
  const double half = width < kRounding * std::abs(figure.difference()) ? 0 : width;
  return figure.first_mean == 0 ? figure_text(name, half)
                                : percent(half / std::abs(figure.first_mean), 2);
}

std::string p_text(const ComparedFigure& figure) {
  constexpr double kLeast = 0.001;
  if (!figure.paired || figure.are_equal) {
    return "";
  }
  return figure.adjusted_p < kLeast ? "<0.001" : fmt::format("{:.3f}", figure.adjusted_p);
}

std::string verdict_text(const Comparison& comparison, const ComparedPoint& row,
                         const ComparedFigure& figure) {
  if (figure.are_equal) {
    return "equal";
  }
  if (!figure.paired) {
    return "";
  }
  if (!figure.is_significant) {
    return "-";
  }
  const auto better = better_side(comparison, row, figure);
  return better ? letter_of(*better) : figure.difference() < 0 ? "lower" : "higher";
}

std::string point_text(const Comparison& comparison, std::size_t point) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < comparison.parameters.size(); ++i) {
    parts.push_back(fmt::format("{} = {}", comparison.parameters[i], comparison.points[point][i]));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string table_of(const Comparison& comparison, const ComparedPoint& row) {
  TextTable table(
      {"figure", ">A", ">" + letter_of(row.side), ">difference", ">+-", ">p", "better"});
  table.set_least_important({"+-", "p"});
  for (const ComparedFigure& figure : row.figures) {
    const std::string& name = comparison.figures[figure.figure];
    table.add({name, figure_text(name, figure.first_mean), figure_text(name, figure.mean),
               difference_text(name, figure), half_width_text(name, figure), p_text(figure),
               verdict_text(comparison, row, figure)});
  }
  table.drop_empty_columns();
  return table.text();
}

/// Returns "latency_mean_s by 9.4 %" for each figure in which this side is the better one.
std::string changes_text(const Comparison& comparison, const ComparedPoint& row,
                         std::size_t better) {
  std::vector<std::string> changes;
  for (const ComparedFigure& figure : row.figures) {
    if (better_side(comparison, row, figure) == better) {
      const auto relative = figure.relative_difference();
      const std::string& name = comparison.figures[figure.figure];
      changes.push_back(fmt::format("{} by {}", name,
                                    relative ? percent(std::abs(*relative), 3)
                                             : figure_text(name, std::abs(figure.difference()))));
    }
  }
  return fmt::format("{}", fmt::join(changes, ", "));
}

/// Returns what follows from the table of a side and point.
std::string answer_text(const Comparison& comparison, const ComparedPoint& row) {
  std::string text;
  const bool has_intervals =
      std::any_of(row.figures.begin(), row.figures.end(),
                  [](const ComparedFigure& figure) { return figure.paired.has_value(); });
  if (row.figures.empty()) {
    return "";
  }
  if (!has_intervals) {
    return "one run each: there is no interval, and a difference may be chance. Compare "
           "replications (offcut sweep --replications 10), or the scenarios\n";
  }
  for (const std::size_t side : {row.side, std::size_t{0}}) {
    const std::string changes = changes_text(comparison, row, side);
    if (!changes.empty()) {
      text += fmt::format("{} is {} than {}: {}\n", letter_of(row.side),
                          side == 0 ? "worse" : "better", letter_of(0), changes);
    }
  }
  return text.empty()
             ? fmt::format("{} and {}: no significant difference that is better or worse\n",
                           letter_of(0), letter_of(row.side))
             : text;
}

/// Returns which runs are not in the means.
std::string left_out_text(const Comparison& comparison, const ComparedPoint& row) {
  std::string text;
  const auto add_saturated = [&](std::size_t side, std::size_t runs) {
    if (runs > 0) {
      text += fmt::format(
          "saturated: {} of {} of {} ({}). {} not compared, since {} means depend on "
          "the length of the run\n",
          runs, counted(row.pairs, "run"), letter_of(side), comparison.sides[side],
          runs == 1 ? "It is" : "They are", runs == 1 ? "its" : "their");
    }
  };
  add_saturated(0, row.first_saturated);
  add_saturated(row.side, row.saturated);
  if (row.without_result > 0) {
    text += fmt::format("{} not compared: a run failed, or its algorithm declined\n",
                        counted(row.without_result, "pair"));
  }
  if (row.unpaired > 0) {
    text += fmt::format("{} not compared: the other side has no run with the same seed\n",
                        counted(row.unpaired, "run"));
  }
  return text;
}

std::string row_text(const Comparison& comparison, const ComparedPoint& row) {
  const std::string point = point_text(comparison, row.point);
  std::string text =
      fitted(fmt::format("\n{} with {}{}: {}\n", letter_of(row.side), letter_of(0),
                         point.empty() ? "" : ", " + point, counted(row.pairs, "pair")));
  if (!row.figures.empty()) {
    text += table_of(comparison, row);
  }
  return text + fitted(left_out_text(comparison, row) + answer_text(comparison, row));
}

}  // namespace

std::optional<std::size_t> better_side(const Comparison& comparison, const ComparedPoint& row,
                                       const ComparedFigure& figure) {
  const Direction direction = study::direction_of(comparison.figures[figure.figure]);
  if (!figure.is_significant || direction == Direction::neither) {
    return std::nullopt;
  }
  const bool is_lower = figure.difference() < 0;
  return is_lower == (direction == Direction::lower) ? row.side : 0;
}

std::string comparison_text(const Comparison& comparison) {
  std::string text = fitted(sides_text(comparison));
  for (std::size_t i = 0; i < std::min(kMostComparisons, comparison.rows.size()); ++i) {
    text += row_text(comparison, comparison.rows[i]);
  }
  if (comparison.rows.size() > kMostComparisons) {
    text += fmt::format("\n... and {} more comparisons, which --out has\n",
                        comparison.rows.size() - kMostComparisons);
  }
  if (comparison.left_out > 0) {
    text += fitted(fmt::format("\n{} not compared, since not all sides have them\n",
                               counted(comparison.left_out, "point")));
  }
  if (comparison.tests > 0) {
    text += fitted(
        fmt::format("\n+-: {} interval of the difference, by Student's t over pairs of runs with "
                    "the same seed. "
                    "p: the probability of such a difference by chance, corrected for {} (Holm); a "
                    "difference is significant below {}, and otherwise '-'\n",
                    percent(comparison.confidence, 4), counted(comparison.tests, "test"),
                    significant(1 - comparison.confidence, 3)));
  }
  return text;
}

}  // namespace offcut::cli
