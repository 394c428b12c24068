// Scatter: the name of ScatterElements up to opset 10.

#include "models/ops/scatter.h"

namespace offcut::ops {

void register_scatter(Registry<Operator>& registry) { registry.add(scatter_elements("Scatter")); }

}  // namespace offcut::ops
