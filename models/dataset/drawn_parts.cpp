// The common part of the drawn sets: sizes, a seed, and streams of their own for the truth and for
// the two parts, so that more training samples change no test.

#include "models/dataset/drawn_parts.h"

namespace offcut::dataset {
namespace {

std::uint64_t seed_of(const Parameters& parameters) {
  return static_cast<std::uint64_t>(parameters.at("seed"));
}

}  // namespace

std::vector<ParameterSpec> drawn_parameters(double samples) {
  constexpr double kMost = 10'000'000;
  return {{.name = "samples",
           .is_whole = true,
           .fallback = samples,
           .least = 1,
           .most = kMost,
           .doc = "samples for training"},
          {.name = "tests",
           .is_whole = true,
           .fallback = samples,
           .least = 1,
           .most = kMost,
           .doc = "samples for tests"},
          {.name = "seed", .is_whole = true, .fallback = 1, .most = 1e15, .doc = "the seed"}};
}

Dataset drawn_parts(const Parameters& parameters, const std::string& name,
                    const std::function<Samples(RandomStream&, std::int64_t count)>& draw) {
  const auto part = [&](const std::string& size, const std::string& stream_name) {
    RandomStream stream = random_stream(seed_of(parameters), name + stream_name);
    Samples samples = draw(stream, static_cast<std::int64_t>(parameters.at(size)));
    samples.source = name;
    return samples;
  };
  return {.training = part("samples", "/training"), .test = part("tests", "/test")};
}

RandomStream truth_stream(const Parameters& parameters, const std::string& name) {
  return random_stream(seed_of(parameters), name + "/truth");
}

}  // namespace offcut::dataset
