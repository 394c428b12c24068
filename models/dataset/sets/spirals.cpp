// `spirals`: each class is an arm of a spiral in the plane, which no straight line separates from
// the others: radius r from 0 to 1, angle 2 pi (turns r + class / classes), and noise.

#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <numbers>

#include "models/dataset/drawn_parts.h"

namespace offcut::dataset {
namespace {

Dataset load_spirals(const Parameters& parameters, const std::filesystem::path&) {
  const auto classes = static_cast<std::int64_t>(parameters.at("classes"));
  const double turns = parameters.at("turns");
  const double noise = parameters.at("noise");
  return drawn_parts(parameters, "spirals", [&](RandomStream& stream, std::int64_t count) {
    Samples samples{.inputs = Tensor({DataType::float32, {count, 2}}),
                    .labels = Tensor({DataType::int64, {count}})};
    boost::random::uniform_01<double> uniform;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t label = i % classes;
      const double radius = uniform(stream);
      const double angle =
          2 * std::numbers::pi *
          (turns * radius + static_cast<double>(label) / static_cast<double>(classes));
      const auto at = static_cast<std::size_t>(i);
      const double x = drawn_normal(stream, noise), y = drawn_normal(stream, noise);
      samples.labels.values<std::int64_t>()[at] = label;
      samples.inputs.values<float>()[2 * at] = static_cast<float>(radius * std::cos(angle) + x);
      samples.inputs.values<float>()[2 * at + 1] = static_cast<float>(radius * std::sin(angle) + y);
    }
    return samples;
  });
}

std::vector<ParameterSpec> spirals_parameters() {
  std::vector<ParameterSpec> specs = drawn_parameters(1000);
  specs.insert(specs.end(),
               {{.name = "classes",
                 .is_whole = true,
                 .fallback = 2,
                 .least = 2,
                 .most = 1000,
                 .doc = "arms"},
                {.name = "turns", .fallback = 1, .most = 100, .doc = "turns of an arm"},
                {.name = "noise", .fallback = 0.02, .most = 10, .doc = "deviation of the noise"}});
  return specs;
}

}  // namespace

void register_spirals(Registry<SetKind>& registry) {
  registry.add({.name = "spirals",
                .doc = "drawn: the arms of a spiral in the plane",
                .citation = "Lang, Witbrock, Learning to tell two spirals apart, 1988",
                .parameters = spirals_parameters(),
                .load = load_spirals});
}

}  // namespace offcut::dataset
