#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "models/graph/graph.h"

namespace offcut {

/// A model given by measurements instead of an ONNX file: no math, but layers, bytes and times.
struct LayerTable {
  Graph graph;
  std::map<std::string, std::vector<Seconds>> columns;  // "<name>_s" by <name>: a time per layer
};

/// Reads a CSV file with the columns layer, inputs, output_bytes, param_bytes, macs and any number
/// of <name>_s. The first row is the input, and does nothing; `inputs` are names of rows above,
/// separated by spaces. Layers whose output nobody reads are the network's outputs. Throws
/// InputError with every error found, each with its line.
LayerTable read_layer_table(const std::string& path);

}  // namespace offcut
