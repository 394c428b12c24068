// The inputs of a model's real math, checked against the network.

#include "sim/experiment/math_inputs.h"

#include <fmt/format.h>

#include "sim/runtime/inference.h"

namespace offcut::experiment {
namespace {

// Drawn inputs are held in memory, and once more in the process of each run.
constexpr double kMostInputBytes = 250e6;

/// Returns the size of one drawn input. An image has one byte per element (see random_dataset).
double drawn_bytes(const Graph& graph) {
  double bytes = 0;
  for (const TensorId input : graph.inputs()) {
    const TensorType& type = graph.tensor(input).type;
    bytes +=
        static_cast<double>(runtime::reads_one_image(graph) ? elements(type.shape) : type.bytes());
  }
  return bytes;
}

}  // namespace

runtime::Dataset math_inputs(const Graph& graph, const scenario::ModelChoice& model,
                             std::uint64_t seed) {
  if (model.math == scenario::ModelChoice::Math::off) {
    return {};
  }
  if (!model.images.empty()) {
    runtime::Dataset data = runtime::read_dataset(model.images, model.labels);
    runtime::check_fits(graph, data.item, model.input_place);
    return data;
  }
  const double bytes = static_cast<double>(model.random) * drawn_bytes(graph);
  if (bytes > kMostInputBytes) {
    throw InputError(
        model.input_place,
        fmt::format("{}.input.random: {} inputs of {} are {}; at most {}", model.section,
                    model.random, to_readable(Bytes(bytes) / double(model.random)),
                    to_readable(Bytes(bytes)), to_readable(Bytes(kMostInputBytes))));
  }
  try {
    return runtime::random_dataset(graph, model.random, seed);
  } catch (const std::invalid_argument& error) {
    throw InputError(model.input_place, fmt::format("{}.input: {}", model.section, error.what()));
  }
}

void check_named_inputs(const scenario::Scenario& scenario, std::size_t choice,
                        const runtime::Dataset& inputs) {
  if (scenario.models[choice].math == scenario::ModelChoice::Math::off) {
    return;
  }
  std::vector<Diagnostic> diagnostics;
  for (const scenario::ClassChoice& requests : scenario.classes) {
    try {
      if (requests.model_index() == choice && requests.process != nullptr) {
        requests.process->check_inputs(static_cast<std::int64_t>(inputs.images.size()));
      }
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

std::int64_t stride_of(const scenario::ModelChoice& model, std::int64_t inputs) {
  return model.math == scenario::ModelChoice::Math::every
             ? 1
             : std::max<std::int64_t>(1, inputs / model.samples);
}

}  // namespace offcut::experiment
