// ScatterElements: x with x[.., indices[.., i, ..], ..] = updates[.., i, ..], where i stands at
// axis `axis`. From opset 16 on `reduction` may say that updates are added or multiplied. Of
// several updates to one element the last wins. Any element type.

#include "models/ops/scatter.h"

namespace offcut::ops {

void register_scatter_elements(Registry<Operator>& registry) {
  registry.add(scatter_elements("ScatterElements"));
}

}  // namespace offcut::ops
