#include "models/onnx/import.h"

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <stdexcept>

#include "models/onnx/bind.h"
#include "models/onnx/build.h"
#include "models/onnx/read.h"
#include "models/onnx/second_opinion.h"
#include "models/onnx/structure.h"

namespace offcut {
namespace {

void require_none(const std::string& file, const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return;
  }
  std::vector<Mistake> mistakes;
  for (const std::string& text : texts) {
    mistakes.push_back({Place{file}, text});
  }
  throw InputError(std::move(mistakes));
}

/// What ONNX asks for and offcut has no use for is put right, so that the checker does not stumble
/// over it; what is redundant is dropped.
void normalise(onnx::ModelProto& model) {
  onnx::GraphProto& graph = *model.mutable_graph();
  if (graph.name().empty()) {
    graph.set_name("graph");
  }
  graph.clear_value_info();
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    node.clear_doc_string();
    if (node.domain() == "ai.onnx") {
      node.clear_domain();
    }
  }
}

Graph convert(onnx::ModelProto& model, const std::string& file, const Registry<Operator>& operators,
              const ImportOptions& options) {
  if (!model.has_graph()) {
    throw std::invalid_argument("is not an ONNX model: it has no graph");
  }
  const int opset = opset_of(model);
  normalise(model);
  name_layers(*model.mutable_graph());
  check_structure(model);
  drop_dead(*model.mutable_graph());
  require_none(file, missing_operators(model.graph(), operators));
  require_none(file, bind_dimensions(*model.mutable_graph(), options));
  check_with_onnx(model, opset);
  Graph graph(std::filesystem::path(file).stem().string());
  build_graph(model, opset, operators, graph);
  return graph;
}

Graph convert_or_refuse(onnx::ModelProto& model, const std::string& file,
                        const Registry<Operator>& operators, const ImportOptions& options) {
  try {
    return convert(model, file, operators, options);
  } catch (const std::invalid_argument& error) {
    throw InputError(Place{file}, error.what());
  }
}

}  // namespace

Graph import_onnx(const std::string& path, const Registry<Operator>& operators,
                  const ImportOptions& options) {
  return convert_or_refuse(*read_model(path), path, operators, options);
}

Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                        const Registry<Operator>& operators, const ImportOptions& options) {
  return convert_or_refuse(*parse_model(bytes, file), file, operators, options);
}

}  // namespace offcut
