// Parses the output of TFLite's benchmark_model with --enable_op_profiling and
// --profiling_output_csv_file: several tables with titles between them. The table "Run Order" of
// the regular runs, which comes after that of the initialisation, has the times:
//   node type, start, first, avg_ms, %, cdf%, mem KB, times called, name
// (without "start" in newer versions). Commas in names are replaced.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include "models/base/error.h"
#include "models/cost/foreign_profile.h"

namespace offcut::cost {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream parts(line);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t first = part.find_first_not_of(" \t\r");
    const std::size_t last = part.find_last_not_of(" \t\r");
    fields.push_back(first == std::string::npos ? "" : part.substr(first, last - first + 1));
  }
  return fields;
}

std::optional<std::size_t> index_of(const std::vector<std::string>& header,
                                    std::string_view column) {
  const auto found = std::find(header.begin(), header.end(), column);
  return found == header.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - header.begin()));
}

}  // namespace

std::vector<ForeignEntry> parse_tflite(const std::string& path, const std::string& text) {
  constexpr double kMillisecond = 1e-3;
  std::vector<ForeignEntry> entries;
  std::vector<std::string> header;
  bool in_run_order = false;  // The last title was that of a table in the order of the run.
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::vector<std::string> fields = fields_of(line);
    if (line.find("=====") != std::string::npos) {
      in_run_order = line.find("Run Order") != std::string::npos;
      header.clear();
    } else if (in_run_order && line.starts_with("node type")) {
      header = fields;
      entries.clear();  // Drops the entries of the initialisation.
    } else if (fields.size() <= 1) {
      header.clear();  // The table ends here.
    } else if (!header.empty()) {
      const auto time = index_of(header, "avg_ms");
      const auto name = index_of(header, "name");
      double milliseconds = -1;
      if (time && name && fields.size() == header.size()) {
        const std::string& value = fields[*time];
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), milliseconds);
        milliseconds = error == std::errc() && end == value.data() + value.size() &&
                               std::isfinite(milliseconds)
                           ? milliseconds
                           : -1;
      }
      if (milliseconds < 0) {
        throw InputError({path, number, 1},
                         fmt::format("expected {} fields as in the header, with a time of at "
                                     "least 0 under 'avg_ms', got {}",
                                     header.size(), in_quotes(line)));
      }
      entries.push_back({.name = fields[*name], .seconds = milliseconds * kMillisecond});
    }
  }
  return entries;
}

}  // namespace offcut::cost
