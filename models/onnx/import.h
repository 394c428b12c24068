#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "models/ops/operator.h"

namespace offcut::onnx {

struct ImportOptions {
  /// Extents of the inputs' named dimensions. A first dimension that has no extent, neither here
  /// nor in the file, is the batch: 1.
  std::map<std::string, std::int64_t> bind;
};

/// Reads an ONNX model (opset 7 to 17). Layers that lead to no output are dropped. Identity
/// becomes another name of its tensor; Constant, Shape and layers that read nothing but constants
/// become parameters, which are decoded or computed when first needed. A layer that makes an output
/// always stays one. Every type is inferred twice, by our operators and by ONNX's own
/// library, and must come out the same.
///
/// Whatever is wrong with the file is an InputError that names the file and, where there is one,
/// the layer; missing operators are all reported at once.
/// REQUIRES: `operators` outlives the graph.
Graph import_onnx(const std::string& path, const Registry<ops::Operator>& operators,
                  const ImportOptions& options = {});

/// The same from memory. `file` stands in the errors; the graph is named after it.
Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                        const Registry<ops::Operator>& operators,
                        const ImportOptions& options = {});

}  // namespace offcut::onnx
