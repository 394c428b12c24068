#pragma once

#include <functional>
#include <string>

#include "models/onnx/export.h"

namespace offcut::cli {

/// export_onnx(), with what ONNX files can't hold as an InputError that names `model`.
void write_model(const Graph& graph, const std::string& path, const std::string& model,
                 const onnx::ExportOptions& options = {});

/// Calls `write` with a path beside `path`, then moves what it wrote into place: what stood there
/// stays until the new file is whole, and nothing half-written is left. A link stays one. What is
/// no regular file (a pipe, a device) is written to as it is.
void write_beside(const std::string& path, const std::function<void(const std::string&)>& write);

}  // namespace offcut::cli
