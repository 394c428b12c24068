#pragma once

#include <string_view>

namespace offcut::fuzz {

/// Reads the bytes as an ONNX model, from a file, and makes its small parameters. A model that is
/// refused as it should be is as good as one that is read; whatever else happens is a finding.
void read_any_model(std::string_view bytes);

}  // namespace offcut::fuzz
