// ScatterElements: x with x[.., indices[.., i, ..], ..] = updates[.., i, ..], where i stands at
// axis `axis`; from opset 16 on added or multiplied where `reduction` says so. Of several updates
// to one element the last stays. Any element type.

#include "models/ops/scatter.h"

namespace offcut::ops {

void register_scatter_elements(Registry<Operator>& registry) {
  registry.add(scatter_elements("ScatterElements"));
}

}  // namespace offcut::ops
