#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "models/compress/sensitivity.h"
#include "models/compress/size.h"

namespace offcut::cli {

/// A row of compression.csv: the network after a step.
struct CompressionRow {
  std::string step;         // "given", a pass, or "fine-tuned".
  std::int64_t epochs = 0;  // Of training in this step.
  compress::Size size;
  std::size_t file_bytes = 0;
  std::optional<double> accuracy;
  std::optional<double> loss;
};

const ColumnTable<CompressionRow>& compression_table();
const ColumnTable<compress::LayerSize>& layer_size_table();
const ColumnTable<compress::SensitivityRow>& sensitivity_table();

/// Formats the rows for people. The first row is the network as it was given.
std::string compression_text(const std::vector<CompressionRow>& rows);

/// Formats the layers' sizes for people.
std::string layer_sizes_text(const std::vector<compress::LayerSize>& layers);

/// Formats accuracies for people: a table for each pass, a row for each layer, a column for each
/// setting.
std::string sensitivity_text(const std::vector<compress::SensitivityRow>& rows);

}  // namespace offcut::cli
