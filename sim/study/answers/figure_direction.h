#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace offcut::study {

/// Which values of a figure are better.
enum class Direction { lower, higher, neither };

/// Returns the direction of a column of summary.csv: lower for latencies and their parts, energy,
/// money, late, dropped and lost requests; higher for throughput, goodput, accuracy, fairness and
/// battery life.
Direction direction_of(std::string_view figure);

/// The figures that are compared unless others are chosen. Each has a direction.
std::vector<std::string> compared_figures();

}  // namespace offcut::study
