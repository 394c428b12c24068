// Reads latencies of whole networks from a CSV file. A network may stand there once for each batch
// size and precision, so that a repeated measurement does not count twice by accident.
#include "models/cost/latency_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "models/base/csv_table.h"

namespace offcut::cost {
namespace {

constexpr std::int64_t kMostBatch = 65'536;
constexpr double kLeastSeconds = 1e-9;
constexpr double kMostSeconds = 1e6;  // More is a wrong unit.

const std::vector<std::string>& precisions() {
  static const std::vector<std::string> names = {"fp32", "tf32", "fp16", "bf16", "int8"};
  return names;
}

LatencyRow read_latency(CsvTable& table, const CsvRow& row) {
  LatencyRow read{.network = table.field(row, "network"),
                  .latency = {},
                  .place = table.place_of(row, "network")};
  if (read.network.empty()) {
    table.error(row, "network", "the network has no name");
  }
  if (table.has("batch")) {
    read.batch = table.whole_number(row, "batch", 1, kMostBatch).value_or(0);
  }
  if (table.has("precision")) {
    read.precision = table.field(row, "precision");
    if (std::find(precisions().begin(), precisions().end(), read.precision) == precisions().end()) {
      table.error(row, "precision",
                  fmt::format("unknown precision {}{}", in_quotes(read.precision),
                              suggestion(read.precision, precisions())));
    }
  }
  read.latency = Seconds(table.number(row, "latency_s", kLeastSeconds, kMostSeconds).value_or(1));
  return read;
}

}  // namespace

std::vector<LatencyRow> read_latencies(const std::string& path) {
  CsvTable table(path, "a table of latencies",
                 {.required = {"network", "latency_s"}, .optional = {"batch", "precision"}});
  std::vector<LatencyRow> rows;
  std::map<std::tuple<std::string, std::int64_t, std::string>, int> lines;
  for (const CsvRow& row : table.rows()) {
    if (!table.is_whole(row)) {
      continue;
    }
    const LatencyRow& read = rows.emplace_back(read_latency(table, row));
    const auto [before, is_new] =
        lines.emplace(std::tuple(read.network, read.batch, read.precision), read.place.line);
    if (!is_new && !read.network.empty() && read.batch > 0) {  // 0: it has an error of its own.
      table.error(row, "network",
                  fmt::format("{} at batch {} in {} stands in line {}, too",
                              in_quotes(read.network), read.batch, read.precision, before->second));
    }
  }
  table.stop_on_diagnostics();
  if (rows.empty()) {
    throw InputError({path}, "contains no latencies");
  }
  return rows;
}

}  // namespace offcut::cost
