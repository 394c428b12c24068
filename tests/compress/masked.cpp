#include "tests/compress/masked.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/compress/channel_groups.h"
#include "models/compress/rewriter.h"
#include "models/exec/prepared.h"
#include "models/graph/random_input.h"
#include "tests/train/networks.h"

namespace offcut::compress {
namespace {

/// The axis of an input over which a layer sums.
struct Summed {
  std::size_t input, axis;
};

std::vector<Summed> summed_axes(const Graph& graph, const Layer& layer) {
  const auto rank = [&](std::size_t input) {
    return graph.tensor(layer.inputs[input]).type.shape.size();
  };
  const Attributes& a = layer.attributes;
  if (layer.op_name == "Conv" || layer.op_name == "ConvTranspose") {
    const Shape& w = graph.tensor(layer.inputs[1]).type.shape;
    const std::int64_t groups = a.integer("group", 1);
    const bool depthwise = groups > 1 && (layer.op_name == "Conv" ? w[1] : w[0] / groups) == 1;
    return depthwise ? std::vector<Summed>() : std::vector<Summed>{{0, 1}};
  }
  if (layer.op_name == "Gemm") {
    return {{0, a.integer("transA", 0) != 0 ? std::size_t{0} : std::size_t{1}}};
  }
  if (layer.op_name == "MatMul") {
    return {{0, rank(0) - 1}};
  }
  if (layer.op_name == "LSTM" || layer.op_name == "GRU" || layer.op_name == "RNN") {
    return {{0, 2}, {2, 2}};  // Of the sequence, and of the recurrent weights.
  }
  return {};
}

Tensor mask_along(const Shape& whole, std::size_t axis, const std::vector<std::int64_t>& kept) {
  Shape shape(whole.size(), 1);
  shape[axis] = whole[axis];
  Tensor mask(TensorType{DataType::float32, shape});
  for (const std::int64_t position : kept) {
    mask.values<float>()[static_cast<std::size_t>(position)] = 1;
  }
  return mask;
}

/// Adds the inputs of Softmax layers that make outputs to the outputs.
Graph with_logits(Graph graph) {
  for (const TensorId output : std::vector<TensorId>(graph.outputs())) {
    const auto producer = graph.tensor(output).producer;
    if (producer && graph.layer(*producer).op_name == "Softmax") {
      const TensorId logits = graph.layer(*producer).inputs[0];
      if (std::count(graph.outputs().begin(), graph.outputs().end(), logits) == 0) {
        graph.add_output(logits);
      }
    }
  }
  return graph;
}

/// Runs small networks with the reference operators, whose rounding is the least: random ones may
/// multiply it, and then the fast kernels differ from them without any pruning.
exec::TensorMap run_network(const Graph& graph, exec::TensorMap inputs) {
  constexpr double kMostReferenceMacs = 1e8;
  if (graph.total_work().macs < kMostReferenceMacs) {
    return exec::run(graph, exec::whole(graph), std::move(inputs));
  }
  return exec::prepare(graph, exec::whole(graph),
                       {.time_layouts = false, .winograd = exec::PrepareOptions::Winograd::never})
      .run(std::move(inputs));
}

/// Each second element of float inputs is multiplied by 1 + `change`.
std::map<std::string, Tensor> outputs_of(const Graph& graph, std::uint64_t seed, float change = 0) {
  exec::TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = random_input(graph, input, random_stream(seed, graph.tensor(input).name));
    if (change != 0 && graph.tensor(input).type.type == DataType::float32) {
      const auto values = inputs[input].values<float>();
      for (std::size_t i = 0; i < values.size(); i += 2) {
        values[i] *= 1 + change;
      }
    }
  }
  std::map<std::string, Tensor> outputs;
  for (const auto& [id, value] : run_network(graph, std::move(inputs))) {
    outputs[graph.tensor(id).name] = value;
  }
  return outputs;
}

}  // namespace

const Registry<ChannelRule>& all_channel_rules() {
  static const Registry<ChannelRule> rules = [] {
    Registry<ChannelRule> all;
    register_channel_rules(all);
    return all;
  }();
  return rules;
}

Graph masked(const Pruned& pruned) {
  const Graph& graph = pruned.whole;
  const KeptPositions kept = kept_positions(pruned.map, pruned.removed);
  const Registry<ops::Operator>& operators = train::all_operators();
  Rewriter to(graph, operators);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    Layer layer = graph.layer(id);
    std::vector<std::pair<TensorId, TensorId>> replaced;
    for (const auto [input, axis] : summed_axes(graph, layer)) {
      const TensorId tensor = layer.inputs[input];
      if (kept[tensor].at(axis).empty()) {
        continue;
      }
      const Shape& shape = graph.tensor(tensor).type.shape;
      const std::string name = to.unused(fmt::format("{}.masked{}", layer.name, input));
      const TensorId was = to.at(tensor);
      const TensorId mask =
          to.constant(name + ".mask", mask_along(shape, axis, kept[tensor][axis]));
      to.put(tensor,
             to.add({.name = name, .op_name = "Mul", .opset = 14, .inputs = {was, mask}}, name));
      replaced.emplace_back(tensor, was);
    }
    to.copy(id);
    for (const auto& [tensor, was] : replaced) {
      to.put(tensor, was);
    }
  }
  return to.finish();
}

Pruned prune_at_random(Graph graph, double rate, std::uint64_t seed) {
  graph = with_logits(std::move(graph));
  ChannelMap map = channel_map(graph, all_channel_rules());
  RandomStream random = random_stream(seed, "removed channels");
  std::vector<bool> removed(map.count, false);
  for (const ChannelGroup& group : channel_groups(graph, map)) {
    const auto count = static_cast<double>(group.channels.size());
    const auto gone =
        std::min(group.channels.size() - 1, static_cast<std::size_t>(std::ceil(rate * count)));
    std::vector<std::size_t> order = group.channels;
    for (std::size_t i = 0; i < gone; ++i) {
      std::swap(order[i], order[i + random() % (order.size() - i)]);
      removed[order[i]] = true;
    }
  }
  Graph left = without_channels(graph, map, removed, {all_channel_rules(), train::all_operators()});
  return {std::move(graph), std::move(map), std::move(removed), std::move(left)};
}

namespace {

using Outputs = std::map<std::string, Tensor>;

/// Returns the greatest distance, divided by the greatest magnitude that is expected of an output.
double distance_of(const Outputs& expected, const Outputs& actual) {
  double worst = 0;
  for (const auto& [name, tensor] : expected) {
    double most = 0;
    double apart = 0;
    const Tensor& other = actual.at(name);
    for (std::size_t i = 0; i < tensor.values<float>().size(); ++i) {
      const double want = tensor.values<float>()[i];
      most = std::max(most, std::abs(want));
      const double distance = std::abs(want - other.values<float>()[i]);
      apart = std::isnan(distance) ? INFINITY : std::max(apart, distance);
    }
    worst = std::max(worst, most > 0 ? apart / most : apart);
  }
  return worst;
}

}  // namespace

double difference(const Pruned& pruned, std::uint64_t seed) {
  return distance_of(outputs_of(masked(pruned), seed), outputs_of(pruned.left, seed));
}

double sensitivity(const Pruned& pruned, std::uint64_t seed) {
  constexpr float kRounding = 1e-6F;  // A few units in the last place.
  const Graph network = masked(pruned);
  return distance_of(outputs_of(network, seed), outputs_of(network, seed, kRounding));
}

Tensor output_of(const Graph& graph) {
  const TensorId input = graph.inputs().front();
  return exec::run(graph, exec::whole(graph),
                   {{input, random_input(graph, input, random_stream(1, "input"))}})
      .at(graph.outputs().front());
}

}  // namespace offcut::compress
