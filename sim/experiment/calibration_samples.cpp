// Finds the samples on which a model of a scenario is calibrated and compressed.

#include "sim/experiment/calibration_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/dataset/open.h"
#include "sim/scenario/data_path.h"

namespace offcut::experiment {
namespace {

constexpr std::int64_t kMostImages = 200;

/// Returns inputs of the math, evenly spread, as floats.
dataset::Samples of_images(const Graph& graph, const runtime::Dataset& data, double divide) {
  if (data.tensors || data.images.empty() || graph.inputs().size() != 1) {
    throw std::invalid_argument(
        "the inputs of its math are no images that could be samples; calibrate-on names a data "
        "set");
  }
  const auto all = static_cast<std::int64_t>(data.images.size());
  const std::int64_t count = std::min(all, kMostImages);
  const Shape& one = graph.tensor(graph.inputs().front()).type.shape;
  Shape shape = one;  // Of all samples: those of a batch of one, one after the other.
  shape.front() = count;
  dataset::Samples samples{.inputs = Tensor(TensorType{DataType::float32, shape}),
                           .labels = {},
                           .targets = {},
                           .source = "the inputs of the math"};
  if (!data.labels.empty()) {
    samples.labels = Tensor(TensorType{DataType::int64, {count}});
  }
  auto to = samples.inputs.values<float>().begin();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto from = static_cast<std::size_t>(i * all / count);
    to = std::transform(data.images[from].begin(), data.images[from].end(), to,
                        [&](std::uint8_t byte) { return static_cast<float>(byte / divide); });
    if (!data.labels.empty()) {
      samples.labels.values<std::int64_t>()[static_cast<std::size_t>(i)] = data.labels[from];
    }
  }
  return samples;
}

}  // namespace

dataset::Samples calibration_samples(const Graph& graph, const scenario::ModelChoice& model,
                                     const runtime::Dataset& data,
                                     const scenario::Registries& registries) {
  if (model.calibrate_on.empty()) {
    return of_images(graph, data, model.divide);
  }
  dataset::Samples samples =
      dataset::open_dataset(model.calibrate_on, registries.datasets,
                            scenario::data_root() / "models/data", model.section + ".calibrate-on")
          .training;
  const Shape& input = graph.tensor(graph.inputs().front()).type.shape;
  if (graph.inputs().size() != 1 || elements(samples.item()) * input.front() != elements(input)) {
    throw InputError(
        model.calibrate_place,
        fmt::format("{}.calibrate-on: the samples of {} are {}, but the network reads "
                    "{}",
                    model.section, model.calibrate_on, to_text(samples.item()), to_text(input)));
  }
  return samples;
}

}  // namespace offcut::experiment
