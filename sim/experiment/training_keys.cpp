// Strategies know neither scenarios nor places: they name the setting that is to blame at the
// beginning of a message. Here the setting becomes the key, and its place that of the key's value,
// or of the strategy where the value is a default.

#include "sim/experiment/training_keys.h"

#include <algorithm>

#include "sim/scenario/sections/training_section.h"
#include "sim/scenario/sections/training_strategy.h"

namespace offcut::experiment {
namespace {

bool has(const std::vector<ParameterSpec>& parameters, const std::string& name) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const ParameterSpec& spec) { return spec.name == name; });
}

/// Returns the path of the key below `training`, or an empty text if there is none of that name.
std::string path_of(const std::string& key, const scenario::TrainingChoice& choice) {
  if (scenario::kTrainingStrategyKeys.find(key) != nullptr ||
      has(choice.strategy->parameters, key) ||
      (choice.named_by_aggregator && has(choice.aggregator.kind->parameters, key))) {
    return "strategy." + key;
  }
  return scenario::kTrainingKeys.find(key) != nullptr ? key : "";
}

void move_to_key(Diagnostic& diagnostic, const scenario::TrainingChoice& choice) {
  const std::size_t colon = diagnostic.message.find(": ");
  std::string path =
      colon == std::string::npos ? "" : path_of(diagnostic.message.substr(0, colon), choice);
  if (path.empty()) {
    path = "strategy";
  } else {
    diagnostic.message.erase(0, colon + 2);
  }
  const auto place = choice.places.find(path);
  diagnostic.place = place != choice.places.end() ? place->second : choice.strategy_place;
  diagnostic.message.insert(0, "training." + path + ": ");
}

}  // namespace

InputError at_training_keys(const InputError& error, const scenario::TrainingChoice& choice) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.place.line == 0) {
      move_to_key(diagnostic, choice);
    }
  }
  return InputError(std::move(diagnostics));
}

}  // namespace offcut::experiment
