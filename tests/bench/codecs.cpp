// Measures the work of encoding and decoding as CodingWork counts it: seconds per element times the
// speed that this machine reaches on elementwise layers. Prints a row per codec; the codecs' work()
// states such figures, rounded.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <limits>

#include "models/base/cpu_time.h"
#include "models/base/random.h"
#include "models/codec/choose.h"

namespace {

using namespace offcut;

/// Returns the output of a typical layer: rectified normal values.
Tensor activations(std::int64_t count) {
  Tensor tensor(TensorType{DataType::float32, {1, 16, count / 16}});
  RandomStream stream = random_stream(1, "bench codecs");
  boost::random::normal_distribution<double> normal;
  for (float& value : tensor.values<float>()) {
    value = static_cast<float>(std::max(0.0, normal(stream)));
  }
  return tensor;
}

/// Returns the least CPU time of several calls, in seconds.
template <class Work>
double least_seconds(int rounds, Work work) {
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < rounds; ++i) {
    const double start = thread_seconds();
    work();
    least = std::min(least, thread_seconds() - start);
  }
  return least;
}

/// Returns the FLOP/s of y = a x + y, which re-uses as little data as an elementwise layer.
double elementwise_speed(std::int64_t count, int rounds) {
  const Tensor x = activations(count);
  Tensor y = activations(count);
  const double seconds = least_seconds(rounds, [&] {
    const auto from = x.values<float>();
    const auto to = y.values<float>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] += 0.5F * from[i];
    }
  });
  return 2 * static_cast<double>(count) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t count = 1 << 18;
  int rounds = 20;
  CLI::App app("Measures the work of encoding and decoding");
  app.add_option("--elements", count, "Size of the tensor")->check(CLI::Range(16, 1 << 26));
  app.add_option("--rounds", rounds, "Rounds, of which the fastest counts")
      ->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  const double speed = elementwise_speed(count, rounds);
  const Tensor tensor = activations(count);
  Registry<codec::CodecKind> registry;
  codec::register_codecs(registry);
  std::vector<std::string> choices = registry.names();
  for (int level = 1; level <= 22; ++level) {
    choices.push_back(fmt::format("int8+zstd:level={}", level));
  }
  fmt::print("elementwise layers: {:.3g} GFLOP/s\n", speed / 1e9);
  fmt::print(
      "codec,encode_ns,decode_ns,encode_operations,decode_operations,stated_encode,"
      "stated_decode\n");
  for (const std::string& choice : choices) {
    const auto codec = codec::make_codec(choice, registry);
    const auto bytes = codec->encode(tensor);
    const auto elements = static_cast<double>(tensor.size());
    const double encode = least_seconds(rounds, [&] { codec->encode(tensor); }) / elements;
    const double decode = least_seconds(rounds, [&] { codec->decode(bytes); }) / elements;
    fmt::print("{},{:.3f},{:.3f},{:.1f},{:.1f},{},{}\n", choice, encode * 1e9, decode * 1e9,
               encode * speed, decode * speed, codec->work().encode, codec->work().decode);
  }
  return 0;
}
