#include "sim/scenario/coding.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/codec/wire.h"
#include "models/cost/roofline.h"

namespace offcut {
namespace {

/// Coding is like an elementwise layer that reads the tensor and writes its bytes, or the reverse:
/// that is how its operations are measured (see CodingWork).
Seconds coding_time(const Device& device, const TensorType& type, double wire_bytes,
                    double operations) {
  const double macs = operations * static_cast<double>(elements(type.shape)) / 2;
  return layer_time(device, {.kind = LayerKind::elementwise,
                             .macs = macs,
                             .activation_bytes = static_cast<double>(type.bytes()) + wire_bytes});
}

Coding coding_of(const Graph& graph, TensorId id, const Scenario& scenario) {
  const Codec& codec = *scenario.wire_codec;
  const TensorType& type = graph.tensor(id).type;
  const double bytes = bytes_on_wire(graph, id, codec);
  Coding coding{.bytes = Bytes(bytes), .encode = {}, .decode = {}};
  for (const TierChoice& tier : scenario.tiers) {
    const auto& device = std::get<Device>(tier.is);
    coding.encode.push_back(coding_time(device, type, bytes, codec.work().encode));
    coding.decode.push_back(coding_time(device, type, bytes, codec.work().decode));
  }
  return coding;
}

}  // namespace

void add_codings(const Graph& graph, const Scenario& scenario, Problem& problem) {
  if (scenario.wire_codec == nullptr) {
    return;
  }
  std::size_t position = 0;  // the problem has the graph's tensors but for parameters, in order
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (graph.tensor(id).is_parameter()) {
      continue;
    }
    CrossingTensor& tensor = problem.tensors.at(position++);
    try {
      if (crosses_encoded(graph, id, *scenario.wire_codec)) {
        tensor.coding = coding_of(graph, id, scenario);
      }
    } catch (const std::invalid_argument& error) {
      throw InputError(scenario.codec_place, fmt::format("plan.codec: tensor {}: {}",
                                                         in_quotes(tensor.name), error.what()));
    }
  }
  problem.check();
}

}  // namespace offcut
