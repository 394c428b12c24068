// Loads one of the scenario's models from where it says.

#include "sim/experiment/load_model.h"

#include "models/graph/layer_table.h"
#include "models/onnx/import.h"

namespace offcut {

Graph load_model(const ModelChoice& model, const Registries& registries, std::uint64_t seed,
                 LayerColumns& columns) {
  switch (model.source) {
    case ModelChoice::Source::onnx:
      return import_onnx(model.source_name, registries.operators, {.bind = model.bind});
    case ModelChoice::Source::layers: {
      LayerTable table = read_layer_table(model.source_name);
      columns = std::move(table.columns);
      return std::move(table.graph);
    }
    case ModelChoice::Source::zoo:
      break;
  }
  return registries.networks.find(model.source_name)->build(registries.operators, seed);
}

}  // namespace offcut
