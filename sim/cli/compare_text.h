#pragma once

#include <optional>
#include <string>

#include "sim/study/answers/figure_comparison.h"

namespace offcut::cli {

/// Returns the side that is better in a figure, 0 or the row's; none if the difference is not
/// significant, or neither direction of the figure is better.
std::optional<std::size_t> better_side(const study::Comparison& comparison,
                                       const study::ComparedPoint& row,
                                       const study::ComparedFigure& figure);

/// Returns a table for each side and point, the first ones if they are many, and what follows from
/// them.
std::string comparison_text(const study::Comparison& comparison);

}  // namespace offcut::cli
