// `blobs`: each class is a cloud of normally distributed points around a centre of its own, which
// is drawn at `distance` times the clouds' deviation. Samples of the classes take turns.

#include "models/dataset/drawn_parts.h"

namespace offcut::dataset {
namespace {

Dataset load_blobs(const Parameters& parameters, const std::filesystem::path&) {
  const auto features = static_cast<std::int64_t>(parameters.at("features"));
  const auto classes = static_cast<std::int64_t>(parameters.at("classes"));
  RandomStream truth = truth_stream(parameters, "blobs");
  std::vector<double> centres;
  for (std::int64_t i = 0; i < classes * features; ++i) {
    centres.push_back(drawn_normal(truth, parameters.at("distance")));
  }
  return drawn_parts(parameters, "blobs", [&](RandomStream& stream, std::int64_t count) {
    Samples samples{.inputs = Tensor({DataType::float32, {count, features}}),
                    .labels = Tensor({DataType::int64, {count}})};
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t label = i % classes;
      samples.labels.values<std::int64_t>()[static_cast<std::size_t>(i)] = label;
      for (std::int64_t f = 0; f < features; ++f) {
        samples.inputs.values<float>()[static_cast<std::size_t>(i * features + f)] =
            static_cast<float>(centres[static_cast<std::size_t>(label * features + f)] +
                               drawn_normal(stream, 1));
      }
    }
    return samples;
  });
}

std::vector<ParameterSpec> blobs_parameters() {
  constexpr double kMost = 100'000;
  std::vector<ParameterSpec> specs = drawn_parameters(1000);
  specs.insert(specs.end(), {{.name = "features",
                              .is_whole = true,
                              .fallback = 2,
                              .least = 1,
                              .most = kMost,
                              .doc = "numbers of a sample"},
                             {.name = "classes",
                              .is_whole = true,
                              .fallback = 3,
                              .least = 2,
                              .most = kMost,
                              .doc = "classes"},
                             {.name = "distance",
                              .fallback = 3,
                              .most = 1e6,
                              .doc = "deviation of the centres, in deviations of a cloud"}});
  return specs;
}

}  // namespace

void register_blobs(Registry<SetKind>& registry) {
  registry.add({.name = "blobs",
                .doc = "drawn: normally distributed clouds, one for each class",
                .citation = "Fisher, 1936, with equal covariances",
                .parameters = blobs_parameters(),
                .load = load_blobs});
}

}  // namespace offcut::dataset
