#pragma once

#include <vector>

#include "partition/cost_table.h"

namespace offcut::partition {

/// For each layer those that make what it reads, once for each such tensor.
std::vector<std::vector<LayerId>> makers_of(const CostTable& costs);

/// The layer and all that it depends on. O(layers + tensors).
std::vector<bool> up_to(const CostTable& costs, LayerId last);

}  // namespace offcut::partition
