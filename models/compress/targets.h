#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/graph/graph.h"

namespace offcut::compress {

/// A tensor of weights that passes change: a kernel, a matrix or a table of embeddings. Biases and
/// the scales of normalisations are none: they take few bytes, and much accuracy hangs on them.
struct Target {
  TensorId tensor = 0;
  std::string name;              // Of the parameter.
  std::string layer;             // The first layer that reads it.
  std::size_t channel_axis = 0;  // The axis of output channels.
};

/// Returns the targets whose own name or layer matches one of the patterns, which are those of a
/// shell and are separated by commas; all if the text is empty. Throws std::invalid_argument if a
/// pattern matches none, or if the network has none.
std::vector<Target> targets_of(const Graph& graph, const std::string& patterns);

/// The parameter of passes that chooses targets.
ParameterSpec targets_parameter();

}  // namespace offcut::compress
