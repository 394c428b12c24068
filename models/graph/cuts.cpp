// Cuts of a graph in two: the tensors that cross one, the layers after which a chain can be cut,
// and all legal cuts. All three rely on the topological order of layer ids.
#include "models/graph/cuts.h"

#include <algorithm>

#include "models/graph/layer_dag.h"

namespace offcut {
namespace {

/// Decides for each layer, in topological order, whether it is in the head, which is possible if
/// all its predecessors are. It tries `true` last, so that cuts come in order from input to output.
class CutWalk {
 public:
  CutWalk(const Graph& graph, const std::function<bool(const Cut&)>& visit)
      : graph_(graph), visit_(visit), in_head_(graph.layer_count(), false) {}

  bool visit_from(LayerId id) {
    if (id == graph_.layer_count()) {
      return visit_({in_head_, crossing_tensors(graph_, in_head_)});
    }
    in_head_[id] = false;
    if (!visit_from(id + 1)) {
      return false;
    }
    const auto [first, last] = boost::in_edges(id, graph_.dag());
    const bool is_possible = std::all_of(
        first, last, [&](const auto& edge) { return in_head_[boost::source(edge, graph_.dag())]; });
    if (is_possible) {
      in_head_[id] = true;
      if (!visit_from(id + 1)) {
        return false;
      }
      in_head_[id] = false;
    }
    return true;
  }

 private:
  const Graph& graph_;
  const std::function<bool(const Cut&)>& visit_;
  std::vector<bool> in_head_;
};

}  // namespace

std::vector<TensorId> crossing_tensors(const Graph& graph, const std::vector<bool>& in_head) {
  std::vector<TensorId> crosses;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    const bool in_front = !tensor.is_parameter() && (!tensor.producer || in_head[*tensor.producer]);
    if (in_front && std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                                [&](LayerId layer) { return !in_head[layer]; })) {
      crosses.push_back(id);
    }
  }
  return crosses;
}

std::vector<LayerId> cut_vertices(const Graph& graph) {
  // A layer is a cut vertex if no layer after it reads a tensor from before it. `reach` is the last
  // reader of the tensors so far.
  std::vector<LayerId> vertices;
  LayerId reach = 0;
  for (const TensorId input : graph.inputs()) {
    for (const LayerId reader : graph.tensor(input).consumers) {
      reach = std::max(reach, reader);
    }
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (reach <= id) {
      vertices.push_back(id);
    }
    for (const TensorId output : graph.layer(id).outputs) {
      for (const LayerId reader : graph.tensor(output).consumers) {
        reach = std::max(reach, reader);
      }
    }
  }
  return vertices;
}

bool for_each_cut(const Graph& graph, const std::function<bool(const Cut&)>& visit) {
  return CutWalk(graph, visit).visit_from(0);
}

}  // namespace offcut
