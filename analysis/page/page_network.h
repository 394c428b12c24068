#pragma once

#include <nlohmann/json.hpp>

#include "sim/experiment/experiment.h"

namespace offcut::analysis {

/// Returns the network of a model for its drawing: `model` and `group`, as in plan.csv; `name`;
/// `nodes`, each [name, operator], inputs first (whose operator is "input") and then layers in
/// their order; `edges`, each [from, to, tensor, type, bytes]: a tensor that a node makes and another one
/// reads, with its bytes when it crosses a cut uncoded. Weights are neither.
nlohmann::ordered_json page_network(const experiment::PreparedModel& model);

}  // namespace offcut::analysis
