// `fedyogi`: the server scales each weight's mean change by
// a sum of squared changes that moves slowly when these shrink.

#include "sim/training/adaptive_server.h"

namespace offcut::training {
namespace {

double yogi_moment(double v, double square, double beta2) {
  const double sign = v > square ? 1 : v < square ? -1 : 0;
  return v - (1 - beta2) * square * sign;
}

}  // namespace

void register_fedyogi(Registry<AggregatorKind>& registry) {
  registry.add(
      {.name = "fedyogi",
       .doc = "v -= (1 - beta2) change^2 sign(v - change^2); w += server-rate m / (sqrt(v) + tau)",
       .citation = "Reddi et al., ICLR 2021, algorithm 2",
       .parameters = adaptive_parameters(),
       .make = [](const Parameters& parameters, const AggregatorSetting& setting) {
         return adaptive_server(parameters, setting, yogi_moment);
       }});
}

}  // namespace offcut::training
