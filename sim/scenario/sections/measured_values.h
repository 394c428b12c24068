#pragma once

#include <string>
#include <vector>

namespace offcut::scenario {

/// Returns the values of a column of a CSV file, which are numbers from 0 on; an empty name is that
/// of the only column. Throws InputError with the errors of all rows, if there is no such column,
/// and if it has no values.
std::vector<double> read_values(const std::string& path, const std::string& column);

}  // namespace offcut::scenario
