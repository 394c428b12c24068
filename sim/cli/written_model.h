#pragma once

#include <string>

#include "models/onnx/export.h"

namespace offcut::cli {

/// Calls export_onnx(). If an ONNX file cannot hold the graph, throws an InputError that names
/// `model`.
void write_model(const Graph& graph, const std::string& path, const std::string& model,
                 const onnx::ExportOptions& options = {});

}  // namespace offcut::cli
