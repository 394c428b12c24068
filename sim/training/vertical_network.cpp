// Joint networks of vertical data: built from layers of the zoo's kind, and taken apart again by
// the parties whose features a layer depends on.

#include "sim/training/vertical_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "models/graph/parameter_value.h"
#include "models/zoo/builder.h"

namespace offcut::training {
namespace {

void check_features(const VerticalForm& form, std::int64_t count) {
  std::set<std::int64_t> held;
  for (std::size_t party = 0; party < form.features.size(); ++party) {
    for (const std::int64_t feature : form.features[party]) {
      if (feature < 0 || feature >= count) {
        throw std::invalid_argument(
            fmt::format("party {} holds feature {}; there are 0 to {}", party, feature, count - 1));
      }
      if (!held.insert(feature).second) {
        throw std::invalid_argument(fmt::format("two parties hold feature {}", feature));
      }
    }
    if (form.features[party].empty()) {
      throw std::invalid_argument(fmt::format("party {} holds no features", party));
    }
  }
  if (form.features.empty()) {
    throw std::invalid_argument("a joint network needs at least one party");
  }
}

/// Adds hidden layers with ReLU. Returns their result.
TensorId add_hidden(zoo::NetworkBuilder& net, const std::string& name, TensorId x,
                    const std::vector<std::int64_t>& units) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    x = net.dense(fmt::format("{}_fc{}", name, i + 1), x, units[i]);
    x = net.relu(fmt::format("{}_relu{}", name, i + 1), x);
  }
  return x;
}

bool is_view_of_input(const Layer& layer) { return layer.work.kind == LayerKind::view; }

/// Returns the features that a layer gathers, ascending.
std::vector<std::int64_t> gathered_features(const Graph& network, const Layer& layer) {
  const bool is_gather = layer.op_name == "Gather" && layer.attributes.integer("axis", 0) == 1 &&
                         network.tensor(layer.inputs[1]).is_parameter();
  if (!is_gather) {
    throw InputError({network.name()},
                     fmt::format("model: layer {} reads the network's input; in a joint network, "
                                 "the parties gather their features from it; expected 'joint'",
                                 in_quotes(layer.name)));
  }
  const Tensor indices = parameter_value(network.tensor(layer.inputs[1]));
  const auto values = indices.values<std::int64_t>();
  std::vector<std::int64_t> features(values.begin(), values.end());
  std::sort(features.begin(), features.end());
  return features;
}

}  // namespace

Graph vertical_network(const VerticalForm& form, const Shape& item,
                       const Registry<ops::Operator>& operators, std::uint64_t seed) {
  check_features(form, elements(item));
  Graph graph("vertical");
  zoo::NetworkBuilder net(graph, operators, seed);
  TensorId x = item.size() == 3 ? net.flatten("flatten", net.image(item[0], item[1], item[2]))
                                : net.features(elements(item));
  std::vector<TensorId> embeddings;
  for (std::size_t party = 0; party < form.features.size(); ++party) {
    const std::string name = fmt::format("party{}", party);
    const auto count = static_cast<std::int64_t>(form.features[party].size());
    Attributes axis;
    axis.set("axis", std::int64_t{1});
    const TensorId own =
        net.layer("Gather", name + "_features",
                  {x, net.integers(name + "_numbers", {count}, form.features[party])}, axis);
    const TensorId hidden = add_hidden(net, name, own, form.hidden);
    const TensorId embedding = net.dense(name + "_embedding", hidden, form.embedding);
    embeddings.push_back(net.relu(name + "_out", embedding));
  }
  TensorId joint = embeddings.size() == 1 ? embeddings.front() : net.concat("joint", embeddings);
  joint = add_hidden(net, "head", joint, form.head);
  graph.add_output(net.softmax("prob", net.dense("classes", joint, form.classes)));
  return graph;
}

VerticalParts vertical_parts(const Graph& network) {
  VerticalParts parts;
  std::set<TensorId> raw(network.inputs().begin(), network.inputs().end());
  std::vector<std::set<std::size_t>> parties(network.tensor_count());  // That it depends on.
  std::vector<std::set<std::size_t>> of_layer(network.layer_count());
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    const Layer& layer = network.layer(id);
    const bool reads_raw =
        std::any_of(layer.inputs.begin(), layer.inputs.end(),
                    [&](TensorId input) { return input != kAbsent && raw.contains(input); });
    if (reads_raw && is_view_of_input(layer)) {
      raw.insert(layer.outputs.begin(), layer.outputs.end());
      continue;
    }
    if (reads_raw) {
      of_layer[id].insert(parts.features.size());
      parts.features.push_back(gathered_features(network, layer));
    }
    for (const TensorId input : layer.inputs) {
      if (input != kAbsent) {
        of_layer[id].insert(parties[input].begin(), parties[input].end());
      }
    }
    for (const TensorId output : layer.outputs) {
      parties[output] = of_layer[id];
    }
  }
  parts.bottoms.resize(parts.features.size());
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    const bool is_raw = of_layer[id].empty();
    const bool is_bottom = of_layer[id].size() == 1 && parts.features.size() > 1;
    parts.part_of.push_back(is_raw ? 0 : is_bottom ? *of_layer[id].begin() : parts.features.size());
    if (is_bottom) {
      parts.bottoms[*of_layer[id].begin()].push_back(id);
    } else if (!is_raw) {
      parts.head.push_back(id);
    }
  }
  if (parts.features.size() < 2 || parts.head.empty()) {
    throw InputError({network.name()},
                     fmt::format("model: the network has {} parties and {} layers that join them; "
                                 "expected at least two parties and a head",
                                 parts.features.size(), parts.head.size()));
  }
  return parts;
}

}  // namespace offcut::training
