#pragma once

#include <string_view>

namespace offcut::fuzz {

/// Reads the bytes as an ONNX model, from a file, and builds its small parameters. A proper refusal
/// is as good as success; anything else is a finding.
void read_any_model(std::string_view bytes);

}  // namespace offcut::fuzz
