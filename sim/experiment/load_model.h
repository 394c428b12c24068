#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// The times of a layer table's layers, by column.
using LayerColumns = std::map<std::string, std::vector<Seconds>>;

/// Loads a model by itself. `columns` gets a layer table's times; other models have none.
/// Throws InputError where its file is invalid.
Graph load_model(const scenario::ModelChoice& model, const scenario::Registries& registries,
                 std::uint64_t seed, LayerColumns& columns);

}  // namespace offcut::experiment
