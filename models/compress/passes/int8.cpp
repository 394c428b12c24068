// Full-integer networks: ranges of all tensors are calibrated on samples, and every layer that can
// run in integers is turned into one, as QuantizeLinear and DequantizeLinear write it. Weights and
// biases get rules that round them to their grids, and the rounding of tensors passes gradients on,
// so that training afterwards is quantisation-aware.
#include <fmt/format.h>

#include <numeric>
#include <sstream>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/patterns.h"
#include "models/compress/grids.h"
#include "models/compress/precision.h"
#include "models/compress/rules.h"

namespace offcut::compress {
namespace {

/// Returns the layers that match none of the patterns, which are separated by commas.
std::set<LayerId> layers_except(const Graph& graph, const std::string& patterns) {
  std::vector<std::string> kept;
  std::istringstream text(patterns);
  for (std::string pattern; std::getline(text, pattern, ',');) {
    kept.push_back(pattern);
  }
  std::set<LayerId> layers;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (!matches_any(kept, graph.layer(id).name)) {
      layers.insert(id);
    }
  }
  for (const std::string& pattern : kept) {
    std::size_t found = 0;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      found += matches_any({pattern}, graph.layer(id).name) ? 1U : 0U;
    }
    if (found == 0) {
      throw std::invalid_argument(fmt::format("no layer matches {}", in_quotes(pattern)));
    }
  }
  return layers;
}

CalibrationOptions calibration_of(const Parameters& parameters) {
  return {.method = range_method(parameters.text("method")).value(),
          .percentile = parameters.at("percentile"),
          .bits = static_cast<int>(parameters.at("bits")),
          .samples = static_cast<std::int64_t>(parameters.at("samples"))};
}

PrecisionOptions precision_of(const Parameters& parameters) {
  return {.bits = static_cast<int>(parameters.at("bits")),
          .edge_bits = static_cast<int>(parameters.at("edge-bits")),
          .reduced_weights = parameters.text("weight-range") == "reduced",
          .per_channel = parameters.text("scales") == "channel",
          .signed_activations = parameters.text("activations") == "int8"};
}

/// Returns the rules and grids of parameters that the new graph still has.
template <class Values>
Values of_parameters_in(const Graph& graph, const Values& all) {
  Values kept;
  for (const auto& [name, value] : all) {
    if (graph.find_tensor(name)) {
      kept.emplace(name, value);
    }
  }
  return kept;
}

bool has_integers(const Graph& graph) {
  for (LayerId layer = 0; layer < graph.layer_count(); ++layer) {
    if (graph.layer(layer).op_name == "QuantizeLinear") {
      return true;
    }
  }
  return false;
}

Network to_integers(const Network& network, const Parameters& parameters,
                    const Material& material) {
  if (has_integers(network.graph)) {
    throw std::invalid_argument("the network has integer layers already");
  }
  const std::set<LayerId> layers = layers_except(network.graph, parameters.text("keep"));
  const Ranges ranges = calibrate(network.graph, *material.samples, calibration_of(parameters));
  const MixedPrecision mixed = with_integers(
      network.graph, layers, ranges, precision_of(parameters), material.libraries.operators);
  if (mixed.grids.empty()) {
    throw std::invalid_argument("no layer of the network can run in integers");
  }
  const Network rewritten{mixed.graph, of_parameters_in(mixed.graph, network.rules),
                          of_parameters_in(mixed.graph, network.grids)};
  Changes changes(rewritten);
  for (const auto& [name, grid] : mixed.grids) {
    changes.project(
        name, [grid](const Tensor& master) { return rounded_to(grid, master); }, grid);
  }
  return changes.network();
}

}  // namespace

void register_int8(Registry<Pass>& registry) {
  registry.add(
      {.name = "int8",
       .doc =
           "full-integer layers: weights and activations of 8 bits or less, calibrated on samples",
       .citation = "Jacob et al., CVPR 2018; Migacz, GTC 2017; Bengio, Leonard, Courville, 2013",
       .parameters =
           {bits_parameter(8,
                           "bits of weights and activations; with fewer than 8, train afterwards"),
            {.name = "edge-bits",
             .is_whole = true,
             .fallback = 8,
             .least = 2,
             .most = 8,
             .doc = "the least bits of the input, and of the first and last layers"},
            {.name = "method",
             .is_text = true,
             .one_of = range_methods(),
             .doc = "how ranges are chosen from what the samples give"},
            {.name = "percentile",
             .fallback = 99.99,
             .least = 50,
             .most = 100,
             .doc = "the share of numbers up to the range's end, in percent (method percentile)"},
            {.name = "samples",
             .is_whole = true,
             .fallback = 200,
             .least = 1,
             .most = 1e9,
             .doc = "the samples that are run"},
            {.name = "activations",
             .is_text = true,
             .one_of = {"uint8", "int8"},
             .doc = "the type of tensors between layers; int8 has zero point 0"},
            {.name = "scales",
             .is_text = true,
             .one_of = {"channel", "tensor"},
             .doc = "one scale for each output channel of the weights, or one for all"},
            {.name = "weight-range",
             .is_text = true,
             .one_of = {"reduced", "full"},
             .doc = "reduced: weights of 8 bits use -63 to 63, whose products AVX2 sums exactly"},
            {.name = "keep",
             .is_text = true,
             .doc = "patterns of layers that stay in float32, separated by commas",
             .example = "fc2,softmax",
             .absent = "none"}},
       .needs_samples = true,
       .apply = to_integers});
}

}  // namespace offcut::compress
