// `oracle` knows the true rate of the link at each time, as no device does: a reference. Whoever
// asks for its estimate reads the rate itself.

#include "sim/adapt/estimator.h"

namespace offcut::adapt {

void register_oracle(Registry<EstimatorKind>& registry) {
  registry.add({.name = "oracle", .doc = "the true rate at each time", .citation = "a reference"});
}

}  // namespace offcut::adapt
