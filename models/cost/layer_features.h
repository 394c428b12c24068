#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// The properties of a layer that its time depends on: the features of nn-Meter (Zhang et al.,
/// MobiSys 2021) and Neurosurgeon (Kang et al., ASPLOS 2017), as far as a graph has them.
struct LayerFeatures {
  std::string op;       // ONNX's name of the operator.
  std::string follows;  // The operators before it that it may be fused with, the nearest first,
                        // joined by '<'; at most two.
  std::string feeds;    // The first operator that reads the result and may be fused after it.
  double macs = 0;
  double parameter_bytes = 0;
  double activation_bytes = 0;
  double input_channels = 0;   // Channels of the first input; the depth of a matrix product.
  double output_channels = 0;  // Channels of the output; the columns of a matrix product.
  double output_places = 0;    // Elements of each output channel, over the whole batch.
  double kernel_size = 1;      // Elements of the window.
  double stride = 1;           // Input positions per output position: the product of the strides.
  double groups = 1;
  double model_bytes = 0;  // Parameters of the whole model, which pass through the caches.
};

/// Returns the features of each layer, indexed by id.
std::vector<LayerFeatures> layer_features(const Graph& graph);

}  // namespace offcut::cost
