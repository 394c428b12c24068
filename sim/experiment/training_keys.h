#pragma once

#include <utility>

#include "models/base/error.h"
#include "sim/scenario/training_choice.h"

namespace offcut::experiment {

/// Returns the error of a strategy with each of its messages at a key of the scenario. A message
/// that begins with "KEY: ", where KEY is a setting or a parameter of the strategy or a key of the
/// section, is about that key; any other one is about the strategy. A place with a line stays.
InputError at_training_keys(const InputError& error, const scenario::TrainingChoice& choice);

/// Calls a function of the strategy, and throws its InputError at the keys of the scenario.
template <class Call>
auto at_strategy(const scenario::TrainingChoice& choice, Call call) {
  try {
    return call();
  } catch (const InputError& error) {
    throw at_training_keys(error, choice);
  }
}

}  // namespace offcut::experiment
