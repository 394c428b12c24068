#pragma once

#include <functional>
#include <optional>

#include "models/graph/graph.h"

namespace offcut {

/// Returns the graph with other values of some parameters: those for which `value` returns one, of
/// the same type. All names and numbers stay.
Graph with_parameters(const Graph& graph,
                      const std::function<std::optional<Tensor>(const TensorNode&)>& value);

}  // namespace offcut
