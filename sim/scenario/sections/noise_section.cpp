// Reads the variation of computing times. Empirical noise draws from the values of a CSV file, with
// or without a header. They are divided by their mean, so that they may be factors or times in any
// unit, and the mean of the computing times stays that of the plan.

#include "sim/scenario/sections/noise_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "models/base/csv_rows.h"
#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr double kMostValue = 1e18;

constexpr KeySpec kNoise[] = {
    {.name = "kind",
     .kind = ValueKind::choice,
     .choices = "none, lognormal, exponential, empirical",
     .noun = "noise",
     .fallback = "none",
     .doc = "The distribution of the computing times. Their mean is the plan's time.",
     .example = "noise: {kind: exponential}"},
    {.name = "cv",
     .kind = ValueKind::number,
     .bounds = {0, 100},
     .absent = "required for `lognormal`, invalid otherwise",
     .doc = "The coefficient of variation: the standard deviation over the mean.",
     .example = "noise: {kind: lognormal, cv: 20 %}"},
    {.name = "file",
     .kind = ValueKind::file,
     .absent = "required for `empirical`, invalid otherwise",
     .doc = "A CSV file of measured times, or factors, one in each row. Each request gets one of "
            "them at random, divided by the mean of all.",
     .example = "noise: {kind: empirical, file: times.csv}"},
    {.name = "column",
     .kind = ValueKind::text,
     .absent = "the only column",
     .doc = "The column of the file. Needed if there are several.",
     .example = "noise: {kind: empirical, file: runs.csv, column: compute_s}"},
};

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

/// Returns the values of the column, of which an empty name is that of the only one, divided by
/// their mean. Throws InputError with the errors of all rows.
std::vector<double> read_factors(const std::string& path, const std::string& column) {
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
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (diagnostics.empty() && !(sum > 0)) {
    diagnostics.push_back({{path}, "has no value above 0"});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  const double mean = sum / static_cast<double>(values.size());
  for (double& value : values) {
    value /= mean;
  }
  return values;
}

void read_empirical(MapReader& reader, ReadSoFar& so_far, engine::Noise& noise) {
  const std::string path = existing_file(reader, "file", so_far.scenario.path);
  const std::string column = reader.raw("column") != nullptr ? reader.text("column") : "";
  if (path.empty()) {
    return;
  }
  try {
    noise.factors = read_factors(path, column);
  } catch (const InputError& error) {
    so_far.add(error);
  }
}

}  // namespace

constinit const KeyTable kNoiseKeys{
    .doc = "The variation of the computing times from request to request.", .keys = kNoise};

engine::Noise read_noise(MapReader& tier, ReadSoFar& so_far) {
  using Kind = engine::Noise::Kind;
  engine::Noise noise;
  MapReader reader = tier.map("noise");
  const auto kind = reader.choice("kind");
  if (!kind) {
    reader.ignore_rest();
    reader.done();
    return noise;
  }
  noise.kind = *kind == "none"          ? Kind::none
               : *kind == "lognormal"   ? Kind::lognormal
               : *kind == "exponential" ? Kind::exponential
                                        : Kind::empirical;
  if (noise.kind == Kind::lognormal) {
    noise.cv = reader.number("cv");
  } else if (reader.raw("cv") != nullptr) {
    reader.error("cv", "only lognormal noise has a coefficient of variation");
  }
  if (noise.kind == Kind::empirical) {
    read_empirical(reader, so_far, noise);
  } else {
    for (const char* key : {"file", "column"}) {
      if (reader.raw(key) != nullptr) {
        reader.error(key, "only empirical noise is drawn from a file");
      }
    }
  }
  reader.done();
  return noise;
}

}  // namespace offcut::scenario
