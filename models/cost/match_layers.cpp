// Matches the entries of another tool's profile with the layers of a graph. The names in an entry
// are stripped of the tool's decorations and looked up among layers and tensors; foreign_profile.h
// lists the rules.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "models/cost/foreign_profile.h"
#include "models/graph/layer_shares.h"

namespace offcut::cost {
namespace {

constexpr int kLongestChain = 8;  // The most layers fused into one.

std::optional<LayerId> exactly(const Graph& graph, const std::string& name) {
  if (const auto layer = graph.find_layer(name)) {
    return layer;
  }
  const auto tensor = graph.find_tensor(name);
  return tensor ? graph.tensor(*tensor).producer : std::nullopt;
}

std::string trimmed(std::string text) {
  const std::size_t first = text.find_first_not_of(" \t");
  const std::size_t last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

/// Removes the decorations that tools add to a layer's name.
std::string bare(std::string name) {
  name = trimmed(std::move(name));
  if (name.starts_with("[") && name.find(']') != std::string::npos) {  // TFLite: [name]:3
    name = name.substr(1, name.rfind(']') - 1);
  }
  for (const std::string prefix : {"fused ", "PWN(", "("}) {
    if (name.starts_with(prefix)) {
      name.erase(0, prefix.size());
    }
  }
  while (name.ends_with(")")) {
    name.pop_back();
  }
  for (const std::string suffix : {"_nchwc", "_nhwc"}) {
    if (name.ends_with(suffix)) {
      name.resize(name.size() - suffix.size());
    }
  }
  return name;
}

/// Finds the layer of one name, which may be a part of a path ("net/conv1/Conv2D").
std::optional<LayerId> one_layer(const Graph& graph, const std::string& name) {
  for (const std::string& candidate : {name, bare(name)}) {
    if (const auto layer = exactly(graph, candidate)) {
      return layer;
    }
  }
  std::string path = bare(name);
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string part = slash == std::string::npos ? path : path.substr(slash + 1);
    if (const auto layer = exactly(graph, part)) {
      return layer;
    }
    path.resize(slash == std::string::npos ? 0 : slash);
  }
  return std::nullopt;
}

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t plus = name.find(" + ", begin);
    const std::size_t semicolon = name.find(';', begin);
    const std::size_t end = std::min({plus, semicolon, name.size()});
    parts.push_back(name.substr(begin, end - begin));
    begin = end + (end == plus ? 3 : 1);
  }
  return parts;
}

/// Returns the layers from a to b for TensorRT's "{ForeignNode[a...b]}".
std::set<LayerId> range_of(const Graph& graph, const std::string& name) {
  const std::string opening = "{ForeignNode[";
  const std::size_t dots = name.find("...");
  const std::size_t end = name.find("]}");
  if (!name.starts_with(opening) || dots == std::string::npos || end == std::string::npos) {
    return {};
  }
  const auto first = one_layer(graph, name.substr(opening.size(), dots - opening.size()));
  const auto last = one_layer(graph, name.substr(dots + 3, end - dots - 3));
  std::set<LayerId> layers;
  for (LayerId id = first.value_or(1); first && last && id <= *last; ++id) {
    layers.insert(id);
  }
  return layers;
}

std::set<LayerId> layers_named(const Graph& graph, const std::string& name) {
  if (const auto layer = exactly(graph, name)) {
    return {*layer};
  }
  if (std::set<LayerId> range = range_of(graph, name); !range.empty()) {
    return range;
  }
  std::set<LayerId> layers;
  std::string list = trimmed(name);
  if (list.starts_with("[")) {
    list = bare(list);
  }
  for (const std::string& part : parts_of(list)) {
    if (const auto layer = one_layer(graph, part)) {
      layers.insert(*layer);
    }
  }
  return layers;
}

std::optional<LayerId> layer_before(const Graph& graph, LayerId id) {
  for (const TensorId input : graph.layer(id).inputs) {
    if (input != kAbsent && graph.tensor(input).producer) {
      return graph.tensor(input).producer;
    }
  }
  return std::nullopt;
}

/// Returns the layer if it has the operator `op`, else also the layers before it up to the nearest
/// one that has it.
std::set<LayerId> with_core(const Graph& graph, LayerId layer, std::string op) {
  if (op.starts_with("Fused")) {
    op.erase(0, 5);
  }
  std::set<LayerId> chain;
  std::optional<LayerId> current = layer;
  for (int i = 0; current && i < kLongestChain; ++i) {
    chain.insert(*current);
    if (graph.layer(*current).op_name == op) {
      return chain;
    }
    current = layer_before(graph, *current);
  }
  return {layer};
}

/// Returns the reader that a change of layout names: "Reformatting CopyNode for Input Tensor 0 to
/// conv1".
std::optional<std::string> reader_of(const ForeignEntry& entry) {
  const std::size_t to = entry.name.rfind(" to ");
  return entry.name.starts_with("Reformatting") && to != std::string::npos
             ? std::optional(entry.name.substr(to + 4))
             : std::nullopt;
}

bool is_layout(const ForeignEntry& entry) {
  return entry.op == "ReorderInput" || entry.op == "ReorderOutput" ||
         entry.name.starts_with("Reformatting");
}

std::set<LayerId> layers_of(const ForeignEntry& entry, const Graph& graph) {
  if (const auto reader = reader_of(entry)) {
    return layers_named(graph, *reader);
  }
  const std::set<LayerId> named = layers_named(graph, entry.name);
  return named.size() == 1 && !entry.op.empty() && !is_layout(entry)
             ? with_core(graph, *named.begin(), entry.op)
             : named;
}

bool has_work(const Layer& layer) { return layer.work.kind != LayerKind::view; }

double sum_of(const std::vector<ForeignEntry>& entries) {
  double sum = 0;
  for (const ForeignEntry& entry : entries) {
    sum += entry.seconds;
  }
  return sum;
}

}  // namespace

double ProfileMatch::matched_seconds() const {
  double sum = 0;
  for (const double second : seconds) {
    sum += second;
  }
  return sum;
}

double ProfileMatch::unmatched_seconds() const { return sum_of(unmatched); }

ProfileMatch match_layers(const std::vector<ForeignEntry>& entries, const Graph& graph) {
  ProfileMatch match{.seconds = std::vector<double>(graph.layer_count(), 0),
                     .spreads = std::vector<double>(graph.layer_count(), 0),
                     .kernels = std::vector<std::string>(graph.layer_count())};
  std::vector<std::set<LayerId>> layers;
  for (const ForeignEntry& entry : entries) {
    layers.push_back(layers_of(entry, graph));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::set<LayerId> matched = layers[i];
    for (std::size_t next = i + 1;
         matched.empty() && is_layout(entries[i]) && next < entries.size(); ++next) {
      matched = layers[next];
    }
    if (matched.empty() && is_layout(entries[i]) && i > 0) {
      matched = layers[i - 1];  // The last change of layout prepares the output.
    }
    if (matched.empty()) {
      match.unmatched.push_back(entries[i]);
      continue;
    }
    const std::vector<LayerId> ids(matched.begin(), matched.end());
    const std::vector<double> shares = layer_shares(graph, ids);
    for (std::size_t j = 0; j < ids.size(); ++j) {
      match.seconds[ids[j]] += entries[i].seconds * shares[j];
      match.spreads[ids[j]] = std::hypot(match.spreads[ids[j]], entries[i].spread * shares[j]);
      match.kernels[ids[j]] += (match.kernels[ids[j]].empty() ? "" : "+") + entries[i].name;
    }
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (match.kernels[id].empty() && has_work(graph.layer(id))) {
      match.without.push_back(id);
      if (graph.layer(id).work.macs > 0) {
        match.missing.push_back(id);
      }
    }
  }
  return match;
}

}  // namespace offcut::cost
