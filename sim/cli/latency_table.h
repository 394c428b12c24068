#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "models/base/units.h"

namespace offcut::cli {

/// A predicted latency of a whole model.
struct LatencyRow {
  std::string model;
  std::string device;
  std::string precision;
  std::string runtime;  // Empty: the device states none.
  int batch = 1;
  Seconds latency;
};

/// Writes them as CSV.
void write_latencies(const std::vector<LatencyRow>& rows, const std::string& path);

/// Describes the columns.
TableText latency_table_text();

}  // namespace offcut::cli
