#include "partition/dependence.h"

namespace offcut::partition {

std::vector<std::vector<LayerId>> makers_of(const CostTable& costs) {
  std::vector<std::vector<LayerId>> makers(costs.layer_count());
  for (const CrossingTensor& tensor : costs.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (tensor.producer) {
        makers[reader].push_back(*tensor.producer);
      }
    }
  }
  return makers;
}

std::vector<bool> up_to(const CostTable& costs, LayerId last) {
  const std::vector<std::vector<LayerId>> makers = makers_of(costs);
  std::vector<bool> is_needed(costs.layer_count(), false);
  is_needed[last] = true;
  for (LayerId layer = last + 1; layer-- > 0;) {  // Ids are a topological order.
    for (const LayerId before : makers[layer]) {
      is_needed[before] = is_needed[before] || is_needed[layer];
    }
  }
  return is_needed;
}

}  // namespace offcut::partition
