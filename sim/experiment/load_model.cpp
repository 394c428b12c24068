#include "sim/experiment/load_model.h"

#include "models/graph/layer_table.h"
#include "models/onnx/import.h"
#include "sim/experiment/compressed.h"

namespace offcut::experiment {

namespace {

Graph read_model(const scenario::ModelChoice& model, const scenario::Registries& registries,
                 std::uint64_t seed, LayerColumns& columns) {
  switch (model.source) {
    case scenario::ModelChoice::Source::onnx:
      return onnx::import_onnx(model.source_name, registries.operators,
                               {.bind = model.bind, .fix = model.fix});
    case scenario::ModelChoice::Source::layers: {
      LayerTable table = read_layer_table(model.source_name);
      columns = std::move(table.columns);
      return std::move(table.graph);
    }
    case scenario::ModelChoice::Source::zoo:
      break;
  }
  return zoo::build_network(*registries.networks.find(model.source_name), registries.operators,
                            seed, model.bind);
}

}  // namespace

Graph load_model(const scenario::ModelChoice& model, const scenario::Registries& registries,
                 std::uint64_t seed, LayerColumns& columns) {
  Graph graph = read_model(model, registries, seed, columns);
  return model.passes.empty() ? std::move(graph)
                              : compressed(std::move(graph), model, registries, seed);
}

}  // namespace offcut::experiment
