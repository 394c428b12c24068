// `step`: the rate is multiplied by `factor` after every `epochs` epochs, like PyTorch's StepLR.

#include <cmath>

#include "models/train/schedule.h"

namespace offcut::train {
namespace {

double step_factor(const Parameters& parameters, const Progress& progress) {
  const std::int64_t epoch = progress.step / progress.steps_per_epoch;
  const auto times = std::floor(static_cast<double>(epoch) / parameters.at("epochs"));
  return std::pow(parameters.at("factor"), times);
}

}  // namespace

void register_step(Registry<ScheduleKind>& registry) {
  registry.add(
      {.name = "step",
       .doc = "factor^floor(epoch / epochs)",
       .citation = "He, Zhang, Ren, Sun, CVPR 2016, section 3.4",
       .parameters =
           {{.name = "epochs",
             .is_whole = true,
             .fallback = 30,
             .least = 1,
             .doc = "epochs between two changes of the rate"},
            {.name = "factor", .fallback = 0.1, .most = 1, .doc = "the factor of each change"}},
       .factor = step_factor});
}

}  // namespace offcut::train
