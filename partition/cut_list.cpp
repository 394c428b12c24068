// Places the layers of a graph from a list of the last layers before each cut. One pass over the
// layers counts the cuts before each of them, and a second one back takes for each layer the
// earliest cut that needs it. O(layers + tensors + edges).

#include "partition/cut_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "models/graph/layer_dag.h"

namespace offcut::partition {
namespace {

std::vector<std::string> layer_names(const Graph& graph) {
  std::vector<std::string> names;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    names.push_back(graph.layer(id).name);
  }
  return names;
}

/// Returns the message for a name that no layer has.
std::string unknown_layer(const Graph& graph, const std::string& name) {
  if (const auto tensor = graph.find_tensor(name)) {
    const auto producer = graph.tensor(*tensor).producer;
    return producer ? fmt::format("{} is a tensor; the layer that makes it is '{}'",
                                  in_quotes(name), graph.layer(*producer).name)
                    : fmt::format("{} is an input or a weight, not a layer", in_quotes(name));
  }
  return fmt::format("there is no layer {}{}", in_quotes(name),
                     suggestion(name, layer_names(graph)));
}

/// Finds layers by name, and notes unknown names.
class Lookup {
 public:
  Lookup(const Graph& graph, const Place& place, std::vector<Diagnostic>& diagnostics)
      : graph_(graph), place_(place), diagnostics_(diagnostics) {}

  void add(const std::string& text) {
    if (graph_.find_layer(text)) {
      add_name(text);  // Exporters may put commas into names.
      return;
    }
    std::istringstream parts(text);
    std::size_t given = 0;
    for (std::string name; std::getline(parts, name, ','); ++given) {
      add_name(name);
    }
    if (given == 0) {
      note("the name of a layer is missing");
    }
  }

  const std::set<LayerId>& found() const { return found_; }

 private:
  void note(std::string message) { diagnostics_.push_back({place_, std::move(message)}); }

  void add_name(const std::string& name) {
    const auto layer = graph_.find_layer(name);
    if (!layer) {
      note(unknown_layer(graph_, name));
    } else if (!found_.insert(*layer).second) {
      note(fmt::format("layer {} appears twice", in_quotes(name)));
    }
  }

  const Graph& graph_;
  const Place& place_;
  std::vector<Diagnostic>& diagnostics_;
  std::set<LayerId> found_;
};

/// Returns for each layer the number of listed layers on the longest path that ends before it.
/// Layer ids are a topological order, so one pass is enough.
std::vector<std::size_t> cuts_before(const Graph& graph, const std::set<LayerId>& listed) {
  std::vector<std::size_t> count(graph.layer_count(), 0);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const auto [first, last] = boost::in_edges(id, graph.dag());
    for (auto edge = first; edge != last; ++edge) {
      const LayerId before = boost::source(*edge, graph.dag());
      count[id] = std::max(count[id], count[before] + (listed.contains(before) ? 1 : 0));
    }
  }
  return count;
}

/// Returns the tier of each layer: the number of the first cut that needs it, which is that of the
/// listed layers that depend on it. Layers on which no listed layer depends come after all cuts.
Assignment tiers_by_need(const Graph& graph, const std::set<LayerId>& listed,
                         const std::vector<std::size_t>& cut, std::size_t cuts) {
  Assignment tier_of(graph.layer_count(), cuts);
  for (LayerId id = graph.layer_count(); id-- > 0;) {
    if (listed.contains(id)) {
      tier_of[id] = cut[id];
    }
    const auto [first, last] = boost::out_edges(id, graph.dag());
    for (auto edge = first; edge != last; ++edge) {
      tier_of[id] = std::min(tier_of[id], tier_of[boost::target(*edge, graph.dag())]);
    }
  }
  return tier_of;
}

std::vector<std::string> tier_names(std::size_t count) {
  if (count <= 3) {
    return count == 1   ? std::vector<std::string>{"device"}
           : count == 2 ? std::vector<std::string>{"device", "cloud"}
                        : std::vector<std::string>{"device", "edge", "cloud"};
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("tier{}", i));
  }
  return names;
}

}  // namespace

Placement cut_after(const Graph& graph, const std::vector<std::string>& texts, const Place& place,
                    std::vector<Diagnostic>& diagnostics) {
  Lookup lookup(graph, place, diagnostics);
  for (const std::string& text : texts) {
    lookup.add(text);
  }
  const std::vector<std::size_t> cut = cuts_before(graph, lookup.found());
  std::size_t cuts = 0;
  for (const LayerId layer : lookup.found()) {
    cuts = std::max(cuts, cut[layer] + 1);
  }
  Assignment tier_of = tiers_by_need(graph, lookup.found(), cut, cuts);
  const bool has_rest = std::find(tier_of.begin(), tier_of.end(), cuts) != tier_of.end();
  return {.tiers = tier_names(has_rest ? cuts + 1 : std::max<std::size_t>(cuts, 1)),
          .tier_of = std::move(tier_of)};
}

}  // namespace offcut::partition
