#pragma once

#include <string>
#include <vector>

#include "models/compress/pass.h"
#include "models/onnx/constant_layers.h"

namespace offcut::compress {

/// A parameter that a file stores as integers, but that is read as floats.
struct UndoneForm {
  std::string parameter;
  std::string reason;
};

/// A network as its file stores it.
struct StoredForms {
  Network network;
  std::vector<UndoneForm> undone;
};

/// Returns the network of a file with rules and grids for the parameters that the file stores in
/// few bits, as if passes had just left them, so that training and other passes keep the form:
///
/// - integers with a DequantizeLinear: a grid of as many bits as the integers need;
/// - kernels that a Gather takes from a codebook of at most 256 values: their clusters, and a mask
///   of those that are 0;
/// - sparse ones (ScatterElements): a mask of the places that are 0.
///
/// Integers that reach a parameter in another way are undone, with the reason. Values stay, bit for
/// bit. `layers` are those of the import that gave the graph.
StoredForms with_stored_forms(Graph graph, const onnx::ConstantLayers& layers);

}  // namespace offcut::compress
