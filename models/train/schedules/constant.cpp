// `constant`: the rate stays as it is.

#include "models/train/schedule.h"

namespace offcut::train {

void register_constant(Registry<ScheduleKind>& registry) {
  registry.add({.name = "constant",
                .doc = "1",
                .citation = "baseline",
                .factor = [](const Parameters&, const Progress&) { return 1.0; }});
}

}  // namespace offcut::train
