// The gradient of Max: the slope goes to the chosen input; equal ones share it.

#include "models/train/chosen.h"

namespace offcut::train {

void register_max(Registry<Gradient>& registry) {
  registry.add({.name = "Max",
                .doc = "1 / k for the k inputs that equal the result, else 0",
                .reads_inputs = InputSet::all(),
                .reads_outputs = true,
                .weights = InputSet::all(),
                .backward = chosen_backward});
}

}  // namespace offcut::train
