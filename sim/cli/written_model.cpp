#include "sim/cli/written_model.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/base/error.h"

namespace offcut::cli {

void write_model(const Graph& graph, const std::string& path, const std::string& model,
                 const onnx::ExportOptions& options) {
  try {
    onnx::export_onnx(graph, path, options);
  } catch (const std::invalid_argument& error) {
    throw InputError({model}, fmt::format("can't be written as ONNX: {}", error.what()));
  }
}

}  // namespace offcut::cli
