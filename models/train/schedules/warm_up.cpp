// `warm-up`: the rate grows by equal parts during the first `steps` steps: min(1, (step + 1) /
// steps).

#include <algorithm>

#include "models/train/schedule.h"

namespace offcut::train {
namespace {

double warm_up_factor(const Parameters& parameters, const Progress& progress) {
  return std::min(1.0, static_cast<double>(progress.step + 1) / parameters.at("steps"));
}

}  // namespace

void register_warm_up(Registry<ScheduleKind>& registry) {
  registry.add({.name = "warm-up",
                .doc = "min(1, (step + 1) / steps)",
                .citation = "Goyal et al., Accurate, large minibatch SGD, 2017, section 2.2",
                .parameters = {{.name = "steps",
                                .is_whole = true,
                                .fallback = 100,
                                .least = 1,
                                .doc = "steps until the rate is reached"}},
                .factor = warm_up_factor});
}

}  // namespace offcut::train
