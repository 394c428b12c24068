#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/graph/graph.h"
#include "models/graph/measured_times.h"

namespace offcut {

/// A model given by measurements instead of an ONNX file: layers, bytes and times, without math.
struct LayerTable {
  Graph graph;
  std::map<std::string, MeasuredTimes> columns;  // Columns <name>_s and <name>_s@N by <name>.
};

/// The largest batch that a column of a layer table may have.
inline constexpr std::int64_t kLargestTableBatch = 65'536;

/// Reads a CSV file with the columns layer, inputs, output_bytes, param_bytes, macs and any number
/// of <name>_s, the seconds of each layer for a single request; <name>_s@N has those for a batch of
/// N requests, from 2 to kLargestTableBatch. The first row is the input, which has no work;
/// `inputs` are names of earlier rows, separated by spaces. Layers whose output no layer reads are
/// the network's outputs. Throws InputError with every error found, each with its line.
LayerTable read_layer_table(const std::string& path);

}  // namespace offcut
