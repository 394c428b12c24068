// The inputs of a model's real math, checked against the network.

#include "sim/experiment/math_inputs.h"

#include <fmt/format.h>

#include "sim/runtime/inference.h"

namespace offcut {
namespace {

// Of inputs that are drawn: they are held in memory, once more in each run's process.
constexpr double kMostInputBytes = 250e6;

/// What one drawn input takes: images are bytes (see random_dataset).
double drawn_bytes(const Graph& graph) {
  double bytes = 0;
  for (const TensorId input : graph.inputs()) {
    const TensorType& type = graph.tensor(input).type;
    bytes += static_cast<double>(reads_one_image(graph) ? elements(type.shape) : type.bytes());
  }
  return bytes;
}

}  // namespace

Dataset math_inputs(const Graph& graph, const ModelChoice& model, std::uint64_t seed) {
  if (model.math == ModelChoice::Math::off) {
    return {};
  }
  if (!model.images.empty()) {
    Dataset data = read_dataset(model.images, model.labels);
    check_fits(graph, data.item, model.input_place);
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
    return random_dataset(graph, model.random, seed);
  } catch (const std::invalid_argument& error) {
    throw InputError(model.input_place, fmt::format("{}.input: {}", model.section, error.what()));
  }
}

}  // namespace offcut
