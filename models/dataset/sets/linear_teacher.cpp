// `linear-teacher`: a regression whose optimum is known: y = W x + b + noise, with drawn W, b and
// x. Without noise, a dense layer reaches a loss of 0.

#include "models/dataset/drawn_parts.h"

namespace offcut::dataset {
namespace {

Dataset load_linear_teacher(const Parameters& parameters, const std::filesystem::path&) {
  const auto features = static_cast<std::int64_t>(parameters.at("features"));
  const auto outputs = static_cast<std::int64_t>(parameters.at("outputs"));
  const double noise = parameters.at("noise");
  RandomStream truth = truth_stream(parameters, "linear-teacher");
  std::vector<double> weights;  // Of each output: W, then b.
  for (std::int64_t i = 0; i < outputs * (features + 1); ++i) {
    weights.push_back(drawn_normal(truth, 1));
  }
  return drawn_parts(parameters, "linear-teacher", [&](RandomStream& stream, std::int64_t count) {
    Samples samples{.inputs = Tensor({DataType::float32, {count, features}}),
                    .targets = Tensor({DataType::float32, {count, outputs}})};
    const auto x = samples.inputs.values<float>();
    for (std::size_t i = 0, width = static_cast<std::size_t>(features);
         i < static_cast<std::size_t>(count); ++i) {
      for (std::size_t f = 0; f < width; ++f) {
        x[i * width + f] = static_cast<float>(drawn_normal(stream, 1));
      }
      for (std::size_t o = 0; o < static_cast<std::size_t>(outputs); ++o) {
        double y = weights[o * (width + 1) + width] + drawn_normal(stream, noise);
        for (std::size_t f = 0; f < width; ++f) {
          y += weights[o * (width + 1) + f] * static_cast<double>(x[i * width + f]);
        }
        samples.targets.values<float>()[i * static_cast<std::size_t>(outputs) + o] =
            static_cast<float>(y);
      }
    }
    return samples;
  });
}

std::vector<ParameterSpec> linear_teacher_parameters() {
  constexpr double kMost = 100'000;
  std::vector<ParameterSpec> specs = drawn_parameters(1000);
  specs.insert(specs.end(),
               {{.name = "features",
                 .is_whole = true,
                 .fallback = 10,
                 .least = 1,
                 .most = kMost,
                 .doc = "numbers of a sample"},
                {.name = "outputs",
                 .is_whole = true,
                 .fallback = 1,
                 .least = 1,
                 .most = kMost,
                 .doc = "numbers to predict"},
                {.name = "noise", .fallback = 0, .most = 1e6, .doc = "deviation of the noise"}});
  return specs;
}

}  // namespace

void register_linear_teacher(Registry<SetKind>& registry) {
  registry.add({.name = "linear-teacher",
                .doc = "drawn: a regression with a known optimum, y = W x + b + noise",
                .citation = "Widrow, Hoff, Adaptive switching circuits, 1960",
                .parameters = linear_teacher_parameters(),
                .load = load_linear_teacher});
}

}  // namespace offcut::dataset
