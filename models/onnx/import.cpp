// The steps of an import: read, sort the layers, check the structure, drop unused layers, bind and
// fix the inputs, check the constants, check each layer with ONNX's own checker, build the graph,
// drop the layers whose only readers were folded. Errors of all steps become InputErrors with the
// file's name.
#include "models/onnx/import.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <stdexcept>

#include "models/graph/prune.h"
#include "models/onnx/bind.h"
#include "models/onnx/build.h"
#include "models/onnx/fix.h"
#include "models/onnx/functions.h"
#include "models/onnx/opset.h"
#include "models/onnx/read.h"
#include "models/onnx/second_opinion.h"
#include "models/onnx/sort.h"
#include "models/onnx/structure.h"

namespace offcut::onnx {
namespace {

/// Escapes control characters: names in a file may have any byte, but an error must stay on one
/// line.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < ' ' ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return line;
}

void require_none(const std::string& file, const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return;
  }
  std::vector<Diagnostic> diagnostics;
  diagnostics.reserve(texts.size());
  for (const std::string& text : texts) {
    diagnostics.push_back({Place{file}, one_line(text)});
  }
  throw InputError(std::move(diagnostics));
}

/// Returns the errors in the options, or those in the inputs.
std::vector<std::string> bind_and_fix(::onnx::GraphProto& nodes, const ImportOptions& options) {
  std::vector<std::string> errors = bind_dimensions(nodes, options);
  if (errors.empty()) {
    errors = fix_inputs(nodes, options);
  }
  return errors;
}

Graph graph_of(::onnx::ModelProto& model, Weights& weights, const std::string& file,
               const Registry<ops::Operator>& operators, const ImportOptions& options) {
  if (!model.has_graph()) {
    throw std::invalid_argument("is not an ONNX model: it has no graph");
  }
  const int opset = opset_of(model);
  ::onnx::GraphProto& nodes = *model.mutable_graph();
  inline_functions(model);
  unify_domains(nodes);
  name_layers(nodes);
  sort_layers(nodes);
  check_structure(model);
  drop_dead(nodes);
  std::vector<std::string> errors = missing_operators(nodes, operators);
  if (const std::string error = opset_error(model); !error.empty()) {
    errors.insert(errors.begin(), error);
  }
  const std::vector<std::string> invalid_inputs = bind_and_fix(nodes, options);
  errors.insert(errors.end(), invalid_inputs.begin(), invalid_inputs.end());
  require_none(file, errors);
  check_constants(nodes, weights);
  place_constants(nodes, weights);
  check_with_onnx(nodes, opset);
  Graph graph(std::filesystem::path(file).stem().string());
  build_graph(nodes, weights, opset, operators, options.untie, options.constant_layers, graph);
  return without_dead_layers(std::move(graph));
}

Graph convert_or_refuse(ParsedModel model, const std::string& file,
                        const Registry<ops::Operator>& operators, const ImportOptions& options) {
  try {
    return graph_of(*model.proto, model.weights, file, operators, options);
  } catch (const std::invalid_argument& error) {
    throw InputError(Place{file}, one_line(error.what()));
  }
}

}  // namespace

Graph import_onnx(const std::string& path, const Registry<ops::Operator>& operators,
                  const ImportOptions& options) {
  return convert_or_refuse(read_model(path), path, operators, options);
}

Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                        const Registry<ops::Operator>& operators, const ImportOptions& options) {
  return convert_or_refuse(parse_model(bytes, file), file, operators, options);
}

}  // namespace offcut::onnx
