#include "tests/models/exec/drafts/draft.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "models/base/random.h"
#include "models/ops/operator.h"

namespace offcut::exec {
namespace {

Tensor value_of(const Draft::Source& source) {
  Tensor tensor(TensorType{source.positions ? DataType::int64 : DataType::float32, source.shape});
  if (source.positions) {
    for (std::int64_t& element : tensor.values<std::int64_t>()) {
      element = static_cast<std::int64_t>(*source.value);
    }
    return tensor;
  }
  if (source.byte) {
    Tensor bytes(TensorType{DataType::uint8, source.shape});
    std::fill(bytes.values<std::uint8_t>().begin(), bytes.values<std::uint8_t>().end(),
              static_cast<std::uint8_t>(*source.value));
    return bytes;
  }
  RandomStream stream = random_stream(1, source.name);
  for (float& element : tensor.values<float>()) {
    const float share = static_cast<float>(stream() >> 48U) / 65535;
    element = source.value.value_or(source.low + (source.high - source.low) * share);
    if (source.grid != 0) {
      element = std::nearbyint(element / source.grid) * source.grid;
    }
  }
  return tensor;
}

}  // namespace

std::optional<DraftedGraph> graph_of(const Draft& draft, const Registry<ops::Operator>& operators) {
  DraftedGraph made{.graph = Graph(draft.name)};
  std::map<std::string, TensorId> tensors = {{"", kAbsent}};
  for (const Draft::Source& source : draft.sources) {
    const Tensor value = value_of(source);
    tensors[source.name] =
        source.constant
            ? made.graph.add_parameter(source.name, value.type(),
                                       std::make_shared<Parameter>([value] { return value; }))
            : made.graph.add_input(source.name, value.type(), value.type().type);
    if (!source.constant) {
      made.inputs[tensors.at(source.name)] = value;
    }
  }
  for (const Draft::Node& node : draft.nodes) {
    Layer layer{.name = node.name, .op_name = node.op, .opset = node.opset};
    for (const auto& [name, value] : node.attributes) {
      layer.attributes.set(name, value);
    }
    for (const std::string& input : node.inputs) {
      layer.inputs.push_back(tensors.at(input));
    }
    try {
      const LayerId id = ops::apply(made.graph, operators, std::move(layer), {node.name});
      tensors[node.name] = made.graph.layer(id).outputs.front();
    } catch (const std::invalid_argument&) {
      return std::nullopt;
    }
  }
  for (const std::string& output : draft.outputs) {
    made.graph.add_output(tensors.at(output));
  }
  // A graph input that nothing reads does not enter the segment.
  const Segment all = whole(made.graph);
  std::erase_if(made.inputs, [&](const auto& input) {
    return std::find(all.enters.begin(), all.enters.end(), input.first) == all.enters.end();
  });
  return made;
}

}  // namespace offcut::exec
