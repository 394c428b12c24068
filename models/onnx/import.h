#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "models/onnx/constant_layers.h"
#include "models/ops/operator.h"

namespace offcut::onnx {

struct ImportOptions {
  /// Extents of the inputs' dimensions that have none in the file, by name, or as INPUT:AXIS (axes
  /// count from 0) if they have no name. A first dimension without an extent, here or in the file,
  /// is the batch, see below.
  std::map<std::string, std::int64_t> bind;

  /// The extent of a batch that neither `bind` nor the file gives.
  std::int64_t batch = 1;

  /// Values of inputs, which become constants of the network: a sample rate that chooses a branch,
  /// or a number of passes. All elements of the input get the value.
  std::map<std::string, double> fix;

  /// Each Identity of a constant is a parameter of its own. Exporters merge equal initialisers and
  /// put an Identity in the place of the others (PyTorch those of all fresh BatchNormalization
  /// layers); they are different weights in training.
  bool untie = false;

  /// If not null, gets the layers on constants that were computed: they tell in which form the file
  /// stores a parameter.
  ConstantLayers* constant_layers = nullptr;
};

/// Reads an ONNX model (opset 1 to 26, see opset.h). Layers that lead to no output are dropped.
/// Identity becomes another name of its tensor; Constant, Shape and layers that read only constants
/// become parameters, which are decoded or computed on first use. A layer that makes an output
/// always stays a layer, and an output that is a constant becomes an Identity of it. Every type is
/// inferred twice, by our operators and by ONNX's own library, and both must agree.
///
/// Every error in the file is an InputError with the file's name and, if there is one, the layer's;
/// all missing operators are reported at once.
/// REQUIRES: `operators` outlives the graph.
Graph import_onnx(const std::string& path, const Registry<ops::Operator>& operators,
                  const ImportOptions& options = {});

/// Reads a model from memory. Errors refer to `file`, and the graph is named after it.
Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                        const Registry<ops::Operator>& operators,
                        const ImportOptions& options = {});

}  // namespace offcut::onnx
