#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// What of a layer its time depends on: the features of nn-Meter (Zhang et al., MobiSys 2021) and
/// Neurosurgeon (Kang et al., ASPLOS 2017), as far as a graph tells them.
struct LayerFeatures {
  std::string op;       // ONNX's name of the operator
  std::string follows;  // the operators before it that it may be fused with, the nearest first,
                        // joined by '<'; at most two
  std::string feeds;    // the operator that reads the result first, and may be fused behind
  double macs = 0;
  double parameter_bytes = 0;
  double activation_bytes = 0;
  double input_channels = 0;   // of the first input; of a product, the depth
  double output_channels = 0;  // of a product, the columns
  double output_places = 0;    // the output's elements in each channel, over the batch
  double kernel_size = 1;      // places of its window
  double stride = 1;           // input places per output place, by the strides
  double groups = 1;
  double model_bytes = 0;  // parameters of the whole model: what passes through the caches
};

/// The features of each layer, by id.
std::vector<LayerFeatures> layer_features(const Graph& graph);

}  // namespace offcut::cost
