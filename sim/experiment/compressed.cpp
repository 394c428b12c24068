// Applies the passes of a scenario's model, on the samples that it is calibrated on.

#include "sim/experiment/compressed.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "sim/experiment/calibration_samples.h"
#include "sim/experiment/math_inputs.h"

namespace offcut::experiment {
namespace {

/// Returns whether a pass reads samples with its parameters. Removing channels does if it asks for
/// gradients.
bool reads_samples(const compress::ChosenPass& chosen) {
  const auto& specs = chosen.pass->parameters;
  const bool has_criterion = std::any_of(specs.begin(), specs.end(), [](const ParameterSpec& spec) {
    return spec.name == "criterion";
  });
  return chosen.pass->needs_samples ||
         (has_criterion && chosen.parameters.text("criterion") == "taylor");
}

/// Returns the samples that passes read; none if none of them does. Without `calibrate-on`, they
/// are the inputs of the math with their labels.
std::optional<dataset::Samples> samples_for(const Graph& graph, const scenario::ModelChoice& model,
                                            const scenario::Registries& registries,
                                            std::uint64_t seed) {
  if (std::none_of(model.passes.begin(), model.passes.end(), reads_samples)) {
    return std::nullopt;
  }
  return calibration_samples(graph, model, math_inputs(graph, model, seed), registries);
}

}  // namespace

Graph compressed(Graph graph, const scenario::ModelChoice& model,
                 const scenario::Registries& registries, std::uint64_t seed) {
  try {
    const std::optional<dataset::Samples> samples = samples_for(graph, model, registries, seed);
    const train::Libraries libraries = registries.training();
    const compress::Material material{libraries, samples ? &*samples : nullptr, seed};
    return compress::apply_passes({.graph = std::move(graph), .rules = {}, .grids = {}},
                                  model.passes, material)
        .graph;
  } catch (const std::invalid_argument& error) {
    throw InputError(model.passes_place,
                     fmt::format("{}.compress: {}", model.section, error.what()));
  }
}

}  // namespace offcut::experiment
