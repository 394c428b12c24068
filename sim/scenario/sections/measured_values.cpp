// Reads a column of measured values from a CSV file, with or without a header, and checks every
// row.

#include "sim/scenario/sections/measured_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "models/base/csv_rows.h"

namespace offcut::scenario {
namespace {

constexpr double kMostValue = 1e18;

std::optional<double> parse_value(const std::string& text) {
  double value = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, value);
  const bool fits = error == std::errc() && end == text_end && value >= 0 && value <= kMostValue;
  return fits ? std::optional(value) : std::nullopt;
}

/// Returns the position of the column in the header.
std::size_t column_in(const CsvFile& file, const std::string& column) {
  const CsvRow& header = file.rows.front();
  if (column.empty()) {
    if (header.fields.size() == 1) {
      return 0;
    }
    throw InputError(file.place_of(header, 0),
                     fmt::format("has {} columns: expected one, or 'column' beside 'file', which "
                                 "is one of {}",
                                 header.fields.size(), fmt::join(header.fields, ", ")));
  }
  const auto found = std::find(header.fields.begin(), header.fields.end(), column);
  if (found == header.fields.end()) {
    throw InputError(file.place_of(header, 0), fmt::format("has no column {}{}", in_quotes(column),
                                                           suggestion(column, header.fields)));
  }
  return static_cast<std::size_t>(found - header.fields.begin());
}

/// Returns the error of a row that has no valid value.
Diagnostic error_in(const CsvFile& file, const CsvRow& row, std::size_t position) {
  const std::size_t fields = file.rows.front().fields.size();
  return row.fields.size() == fields
             ? Diagnostic{file.place_of(row, position),
                          fmt::format("expected a number from 0 to {:g}, got {}", kMostValue,
                                      in_quotes(row.fields[position]))}
             : Diagnostic{file.place_of(row, 0),
                          fmt::format("{} fields, expected {}", row.fields.size(), fields)};
}

}  // namespace

std::vector<double> read_values(const std::string& path, const std::string& column) {
  const CsvFile file = read_csv(path, "a table of times");
  const CsvRow& first = file.rows.front();
  const bool has_header =
      !column.empty() || first.fields.size() != 1 || !parse_value(first.fields.front());
  const std::size_t position = has_header ? column_in(file, column) : 0;
  std::vector<Diagnostic> diagnostics;
  std::vector<double> values;
  for (std::size_t i = has_header ? 1 : 0; i < file.rows.size(); ++i) {
    const CsvRow& row = file.rows[i];
    const auto value =
        row.fields.size() == first.fields.size() ? parse_value(row.fields[position]) : std::nullopt;
    if (value) {
      values.push_back(*value);
    } else {
      diagnostics.push_back(error_in(file, row, position));
    }
  }
  if (diagnostics.empty() && values.empty()) {
    diagnostics.push_back({{path}, "has no values"});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return values;
}

}  // namespace offcut::scenario
