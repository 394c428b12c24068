#pragma once

#include <vector>

#include "partition/cost_table.h"

namespace offcut::partition {

/// Returns for each layer the producers of the tensors that it reads, once for each tensor.
std::vector<std::vector<LayerId>> makers_of(const CostTable& costs);

/// Returns which layers the layer depends on, itself included. O(layers + tensors).
std::vector<bool> up_to(const CostTable& costs, LayerId last);

}  // namespace offcut::partition
