// The table that `offcut predict --out FILE` writes.

#include "sim/cli/latency_table.h"

#include <array>

namespace offcut::cli {
namespace {

constexpr auto kLatencyColumns = std::to_array<Column<LatencyRow>>({
    {"model", "", "The model's name.",
     [](const LatencyRow& row) { return std::string_view(row.model); }},
    {"device", "", "The device of the catalogue.",
     [](const LatencyRow& row) { return std::string_view(row.device); }},
    {"precision", "", "The precision in which it computes.",
     [](const LatencyRow& row) { return std::string_view(row.precision); }},
    {"runtime", "", "The software; empty if the device states none.",
     [](const LatencyRow& row) { return std::string_view(row.runtime); }},
    {"batch", "", "The number of inputs of a call.",
     [](const LatencyRow& row) { return row.batch; }},
    {"latency_s", "s", "The predicted time of a call.",
     [](const LatencyRow& row) { return row.latency; }},
});

constexpr ColumnTable<LatencyRow> kLatencyTable{
    "latencies.csv",
    "A row per model, precision, runtime and batch, written by `offcut predict --out FILE`.",
    kLatencyColumns,
    "`sim/cli/latency_table.cpp`. The times are those of `models/cost/roofline.cpp`."};

}  // namespace

void write_latencies(const std::vector<LatencyRow>& rows, const std::string& path) {
  TableWriter<LatencyRow> file(path, kLatencyTable.columns);
  for (const LatencyRow& row : rows) {
    file.add(row);
  }
  file.close();
}

TableText latency_table_text() { return text_of_table(kLatencyTable); }

}  // namespace offcut::cli
