#include "sim/experiment/load_model.h"

#include "models/graph/layer_table.h"
#include "models/onnx/import.h"

namespace offcut::experiment {

Graph load_model(const scenario::ModelChoice& model, const scenario::Registries& registries,
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

}  // namespace offcut::experiment
