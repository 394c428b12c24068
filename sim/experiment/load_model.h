#pragma once

#include <map>
#include <string>

#include "models/graph/graph.h"
#include "models/graph/measured_times.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// The times of the layers in a layer table, by column.
using LayerColumns = std::map<std::string, MeasuredTimes>;

/// Loads the graph of a model, and applies its passes. `columns` receives the times of a layer
/// table; other models have none. Throws InputError if the model's file is invalid.
Graph load_model(const scenario::ModelChoice& model, const scenario::Registries& registries,
                 std::uint64_t seed, LayerColumns& columns);

}  // namespace offcut::experiment
