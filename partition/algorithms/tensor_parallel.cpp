// `tensor-parallel` slices each layer with weights by output channels over several devices of the
// first tier's kind, if that is faster; other layers run on the first of them (the horizontal
// distribution of a model; Mao et al., MoDNN, DATE 2017). models/parallel/slice.h slices layers,
// and partition/solvers/channel_shares.h chooses the number of channels on each device. The time of
// a slice is its share of the layer's time.
//
// The assignment places all layers on the device, because the others help it; the deployment is the
// team of the devices. It computes a sliced layer once all inputs are there, and gathers the parts
// once all are computed, as the solver counts it.

#include <algorithm>
#include <optional>

#include "models/parallel/slice.h"
#include "partition/algorithm.h"
#include "partition/solvers/channel_shares.h"

namespace offcut::partition {
namespace {

/// The devices' shares of a layer.
struct SlicedLayer {
  ChannelShares shares;
  std::int64_t channels = 1;
  bool helped = false;  // Other devices than the first compute a part.
  Bytes input, output;  // Of the whole layer.
};

SlicedLayer slice(const Problem& problem, LayerId id, const Parameters& parameters) {
  const Graph& graph = *problem.extras.graph;
  const Layer& layer = graph.layer(id);
  const auto nodes = static_cast<std::size_t>(parameters.at("devices"));
  ShareableLayer shareable = {.name = layer.name,
                              .seconds = std::vector<Seconds>(nodes, problem.seconds[0][id])};
  if (const auto slicing = parallel::channel_slicing(graph, id)) {
    shareable.channels = slicing->channels;
    shareable.input = Bytes(graph.wire_bytes(layer.inputs[0]));
    shareable.output = Bytes(graph.wire_bytes(layer.outputs[0]));
  } else {
    shareable.seconds.resize(1);
  }
  SlicedLayer sliced{.shares = best_shares(shareable, {BytesPerSecond(parameters.at("bandwidth")),
                                                       Seconds(parameters.at("latency"))}),
                     .channels = shareable.channels,
                     .input = shareable.input,
                     .output = shareable.output};
  sliced.shares.channels.resize(nodes, 0);
  sliced.helped = sliced.shares.channels[0] < sliced.channels;
  return sliced;
}

/// Adds the phases of a layer: the input goes out over the first device's link, the devices compute
/// their channels, and the helpers' parts come back over that link.
void add_phases(const SlicedLayer& layer, Seconds seconds, std::vector<TeamPhase>& phases) {
  TeamPhase send;
  TeamPhase compute;
  TeamPhase gather;
  for (std::size_t node = 0; node < layer.shares.channels.size(); ++node) {
    const double share = static_cast<double>(layer.shares.channels[node]) /
                         static_cast<double>(layer.channels);
    if (share == 0) {
      continue;
    }
    compute.push_back({TeamStep::compute(node, seconds * share)});
    if (node > 0) {
      send.push_back({TeamStep::send(0, layer.input)});
      gather.push_back({TeamStep::receive(0, layer.output * share)});
    }
  }
  TeamStep& last = phases.back().front().front();
  if (send.empty() && last.kind == TeamStep::Kind::compute && phases.back().size() == 1) {
    last.time += seconds;  // Layers that the first device computes alone are one step.
    return;
  }
  for (TeamPhase* phase : {&send, &compute, &gather}) {
    if (!phase->empty()) {
      phases.push_back(std::move(*phase));
    }
  }
}

Answer solve_tensor_parallel(const Problem& problem, const Parameters& parameters) {
  if (problem.extras.graph == nullptr) {
    return Declined{"it needs the network, not only its costs"};
  }
  const Seconds begin = problem.per_request_on(0);
  Seconds latency = begin;
  Seconds moving;
  Team team{.machines = static_cast<std::size_t>(parameters.at("devices")),
            .bandwidth = BytesPerSecond(parameters.at("bandwidth")),
            .latency = Seconds(parameters.at("latency")),
            .phases = {{{TeamStep::compute(0, begin)}}}};
  std::vector<double> weights(static_cast<std::size_t>(parameters.at("devices")), 0);
  std::vector<PlanFigure> rows;
  for (LayerId id = 0; id < problem.layer_count(); ++id) {
    const SlicedLayer sliced = slice(problem, id, parameters);
    latency += sliced.shares.total();
    moving += sliced.shares.send + sliced.shares.gather;
    add_phases(sliced, problem.seconds[0][id], team.phases);
    for (std::size_t node = 0; node < weights.size(); ++node) {
      weights[node] += problem.extras.graph->layer(id).work.parameter_bytes *
                       static_cast<double>(sliced.shares.channels[node]) /
                       static_cast<double>(sliced.channels);
    }
    if (sliced.helped) {
      rows.push_back({problem.layers[id], "", CountEach{"channels", sliced.shares.channels}});
    }
  }
  Answer answer = Assignment(problem.layer_count(), 0);
  answer.deployment = Deployment{.team = std::move(team)};
  answer.figures = {{"latency", "s", latency.si()},
                    {"transmission", "s", moving.si()},
                    {"sliced_layers", "", rows.size()},
                    {"memory", "bytes", *std::max_element(weights.begin(), weights.end())}};
  answer.figures.insert(answer.figures.end(), rows.begin(), rows.end());
  return answer;
}

}  // namespace

void register_tensor_parallel(Registry<Algorithm>& registry) {
  registry.add({.name = "tensor-parallel",
                .doc = "layers sliced by output channels over several devices of the first tier",
                .citation = "Mao et al., MoDNN, DATE 2017",
                .growth = {"layers devices"},
                .takes = {.graph = true},
                .parameters = {{.name = "devices",
                                .fallback = 4,
                                .least = 1,
                                .most = 64,
                                .doc = "devices that share a layer"},
                               {.name = "bandwidth",
                                .dimension = Dimension::bandwidth,
                                .fallback = 12.5e6,
                                .least = 1,
                                .doc = "of the first device's link, each way"},
                               {.name = "latency",
                                .dimension = Dimension::time,
                                .fallback = 1e-3,
                                .doc = "of a message between two devices"}},
                .solve = solve_tensor_parallel,
                .branches = Branches::declined_on_device});
}

}  // namespace offcut::partition
