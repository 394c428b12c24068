// `cosine`: from 1 to `least` along half a cosine over all steps: least + (1 - least) *
// (1 + cos(pi * step / steps)) / 2.

#include <cmath>
#include <numbers>

#include "models/train/schedule.h"

namespace offcut::train {
namespace {

double cosine_factor(const Parameters& parameters, const Progress& progress) {
  const double share = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
  const double least = parameters.at("least");
  return least + (1 - least) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace

void register_cosine(Registry<ScheduleKind>& registry) {
  registry.add(
      {.name = "cosine",
       .doc = "least + (1 - least) * (1 + cos(pi * step / steps)) / 2",
       .citation = "Loshchilov, Hutter, ICLR 2017, equation 5, without restarts",
       .parameters = {{.name = "least", .fallback = 0, .most = 1, .doc = "the factor at the end"}},
       .factor = cosine_factor});
}

}  // namespace offcut::train
