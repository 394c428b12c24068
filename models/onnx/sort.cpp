// Sorts nodes topologically (Kahn, "Topological sorting of large networks", CACM 1962). Among the
// nodes whose inputs exist, the first one of the file comes next, so a sorted file stays as it is.
#include "models/onnx/sort.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "models/onnx/structure.h"

namespace offcut::onnx {
namespace {

/// For each node, the nodes that make what it reads, ascending and distinct.
using Sources = std::vector<std::vector<int>>;

Sources sources_of(const ::onnx::GraphProto& graph) {
  std::unordered_map<std::string, int> maker;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& output : graph.node(i).output()) {
      maker.try_emplace(output, i);
    }
  }
  maker.erase("");
  // A tensor that a layer makes again is an error, which is found later, and no cycle.
  for (const ::onnx::ValueInfoProto& input : graph.input()) {
    maker.erase(input.name());
  }
  for (const ::onnx::TensorProto& initializer : graph.initializer()) {
    maker.erase(initializer.name());
  }
  Sources sources(static_cast<std::size_t>(graph.node_size()));
  for (int i = 0; i < graph.node_size(); ++i) {
    std::set<std::string> reads;
    add_reads(graph.node(i), reads);
    std::set<int> makers;
    for (const std::string& name : reads) {
      if (const auto found = maker.find(name); found != maker.end()) {
        makers.insert(found->second);
      }
    }
    sources[static_cast<std::size_t>(i)].assign(makers.begin(), makers.end());
  }
  return sources;
}

bool is_sorted(const Sources& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].empty() && sources[i].back() >= static_cast<int>(i)) {
      return false;
    }
  }
  return true;
}

/// Returns the nodes in a valid order, without those that are in a cycle or depend on one.
std::vector<int> sorted_order(const Sources& sources) {
  std::vector<std::size_t> missing(sources.size());
  std::vector<std::vector<int>> readers(sources.size());
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    missing[i] = sources[i].size();
    for (const int source : sources[i]) {
      readers[static_cast<std::size_t>(source)].push_back(static_cast<int>(i));
    }
    if (missing[i] == 0) {
      ready.push(static_cast<int>(i));
    }
  }
  std::vector<int> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const int reader : readers[static_cast<std::size_t>(order.back())]) {
      if (--missing[static_cast<std::size_t>(reader)] == 0) {
        ready.push(reader);
      }
    }
  }
  return order;
}

/// REQUIRES: some nodes are not in `order`.
[[noreturn]] void refuse_cycle(const ::onnx::GraphProto& graph, const Sources& sources,
                               const std::vector<int>& order) {
  std::vector<bool> sorted(sources.size(), false);
  for (const int node : order) {
    sorted[static_cast<std::size_t>(node)] = true;
  }
  const auto first = std::find(sorted.begin(), sorted.end(), false);
  std::vector<int> path = {static_cast<int>(first - sorted.begin())};
  auto begin = path.end();
  while (begin == path.end()) {  // Each node that is left reads from another one.
    const auto& from = sources[static_cast<std::size_t>(path.back())];
    const int next = *std::find_if(from.begin(), from.end(), [&](int node) {
      return !sorted[static_cast<std::size_t>(node)];
    });
    const auto seen = std::find(path.begin(), path.end(), next) - path.begin();
    const bool closed = seen < static_cast<std::ptrdiff_t>(path.size());
    path.push_back(next);
    begin = closed ? path.begin() + seen : path.end();
  }
  std::vector<std::string> names;
  std::transform(begin, path.end(), std::back_inserter(names),
                 [&](int node) { return layer_text(graph.node(node)); });
  constexpr std::size_t kMostNamed = 6;
  const bool all = names.size() <= kMostNamed;
  names.resize(std::min(names.size(), kMostNamed));
  throw std::invalid_argument(fmt::format("layers depend on each other in a cycle: {}{}",
                                          fmt::join(names, " reads from "), all ? "" : ", ..."));
}

}  // namespace

void sort_layers(::onnx::GraphProto& graph) {
  const Sources sources = sources_of(graph);
  if (is_sorted(sources)) {
    return;
  }
  const std::vector<int> order = sorted_order(sources);
  if (order.size() < sources.size()) {
    refuse_cycle(graph, sources, order);
  }
  google::protobuf::RepeatedPtrField<::onnx::NodeProto> nodes;
  for (const int node : order) {
    nodes.Add()->Swap(graph.mutable_node(node));
  }
  graph.mutable_node()->Swap(&nodes);
}

}  // namespace offcut::onnx
