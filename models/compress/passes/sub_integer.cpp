// Sub-integer quantisation: X_sub = round(X * 2^p), in integers of so many bits; what overflows
// becomes the greatest one. Without a given p, it is the largest one at which nothing overflows.

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "models/base/error.h"
#include "models/compress/grids.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

constexpr int kMostP = 60;

std::optional<int> parse_p(const std::string& text) {
  int p = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), p);
  if (text.empty()) {
    return std::nullopt;
  }
  if (error != std::errc() || end != text.data() + text.size() || std::abs(p) > kMostP) {
    throw std::invalid_argument(fmt::format("p: expected a whole number from {} to {}, got {}",
                                            -kMostP, kMostP, in_quotes(text)));
  }
  return p;
}

/// Returns the largest p at which round(|X| * 2^p) is at most `highest`.
int largest_p(const Tensor& weights, int highest) {
  double greatest = 0;
  for (const float weight : weights.values<float>()) {
    greatest = std::max(greatest, std::abs(double{weight}));
  }
  int p = kMostP;
  while (p > -kMostP && std::round(std::ldexp(greatest, p)) > highest) {
    --p;
  }
  return p;
}

Network quantise_to_sub_integers(const Network& network, const Parameters& parameters,
                                 const Material& /*material*/) {
  Changes changes(network);
  const int highest = (1 << (static_cast<int>(parameters.at("bits")) - 1)) - 1;
  const std::optional<int> given = parse_p(parameters.text("p"));
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    const int p =
        given ? *given : largest_p(read_parameter(network.graph.tensor(target.tensor)), highest);
    project_to_grid(target,
                    {.lowest = -highest,
                     .highest = highest,
                     .scales = {static_cast<float>(std::ldexp(1.0, -p))},
                     .zero_points = {0}},
                    changes);
  }
  return changes.network();
}

}  // namespace

void register_sub_integer(Registry<Pass>& registry) {
  registry.add({.name = "sub-integer",
                .doc = "weights become round(X * 2^p), integers of so many bits",
                .citation = "Lin, Talathi, Annapureddy, ICML 2016 (fixed point)",
                .parameters = {{.name = "p",
                                .is_text = true,
                                .doc = "bits after the point",
                                .example = "7",
                                .absent = "the largest at which no weight overflows"},
                               bits_parameter(8),
                               targets_parameter()},
                .apply = quantise_to_sub_integers});
}

}  // namespace offcut::compress
