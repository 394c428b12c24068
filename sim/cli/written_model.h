#pragma once

#include <cstdint>
#include <string>

#include "models/onnx/export.h"
#include "models/ops/operator.h"

namespace offcut::cli {

/// Calls export_onnx(). If an ONNX file cannot hold the graph, throws an InputError that names
/// `model`.
void write_model(const Graph& graph, const std::string& path, const std::string& model,
                 const onnx::ExportOptions& options = {});

/// Returns the path of the data file that write_model_beside() writes for a model at `path`.
std::string data_file_beside(const std::string& path);

/// Writes the model so that `path`, and the data file beside it if it needs one, appear when both
/// are complete. Prints nothing. Throws InputError, also if `path` is a pipe or a device and the
/// model needs a data file.
void write_model_beside(const Graph& graph, const std::string& path, const std::string& model,
                        const onnx::ExportOptions& options = {});

/// Does so with an open batch, where the model can have one.
void write_model_open(const Graph& graph, const std::string& path, const std::string& model,
                      const Registry<ops::Operator>& operators, bool external_data);

/// Returns the bytes of the files that write_model_open() would write. Throws InputError that names
/// `model` if an ONNX file cannot hold the graph.
std::uint64_t open_model_bytes(const Graph& graph, const std::string& path,
                               const std::string& model, const Registry<ops::Operator>& operators,
                               bool external_data);

}  // namespace offcut::cli
