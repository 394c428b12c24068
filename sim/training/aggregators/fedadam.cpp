// `fedadam`: the server scales each weight's mean change by
// the exponential mean of squared changes.

#include "sim/training/adaptive_server.h"

namespace offcut::training {
namespace {

double adam_moment(double v, double square, double beta2) {
  return beta2 * v + (1 - beta2) * square;
}

}  // namespace

void register_fedadam(Registry<AggregatorKind>& registry) {
  registry.add({.name = "fedadam",
                .doc = "v = beta2 v + (1 - beta2) change^2; w += server-rate m / (sqrt(v) + tau)",
                .citation = "Reddi et al., ICLR 2021, algorithm 2",
                .parameters = adaptive_parameters(),
                .make = [](const Parameters& parameters, const AggregatorSetting& setting) {
                  return adaptive_server(parameters, setting, adam_moment);
                }});
}

}  // namespace offcut::training
