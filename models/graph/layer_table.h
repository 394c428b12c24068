#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "models/graph/graph.h"

namespace offcut {

/// A model given by measurements instead of an ONNX file: layers, bytes and times, without math.
struct LayerTable {
  Graph graph;
  std::map<std::string, std::vector<Seconds>>
      columns;  // Column <name>_s by <name>, a time a layer.
};

/// Reads a CSV file with the columns layer, inputs, output_bytes, param_bytes, macs and any number
/// of <name>_s. The first row is the input, which has no work; `inputs` are names of earlier rows,
/// separated by spaces. Layers whose output no layer reads are the network's outputs. Throws
/// InputError with every error found, each with its line.
LayerTable read_layer_table(const std::string& path);

}  // namespace offcut
