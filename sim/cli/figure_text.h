#pragma once

#include <string>

namespace offcut::cli {

/// Returns a value of a column of summary.csv for people, by the unit in the column's name:
/// "34.2 ms", "1.2 J", "96.40 %" for the accuracy.
std::string figure_text(const std::string& figure, double value);

}  // namespace offcut::cli
