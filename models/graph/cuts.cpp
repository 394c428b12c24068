#include "models/graph/cuts.h"

#include <algorithm>

#include "models/graph/layer_dag.h"

namespace offcut {
namespace {

/// Decides layer by layer, in topological order, whether it is in the head: it may be where all its
/// predecessors are. `true` is tried last, so that cuts come in the order from the input to the
/// output.
class CutWalk {
 public:
  CutWalk(const Graph& graph, const std::function<bool(const Cut&)>& visit)
      : graph_(graph), visit_(visit), in_head_(graph.layer_count(), false) {}

  bool from(LayerId id) {
    if (id == graph_.layer_count()) {
      return visit_({in_head_, crossing_tensors(graph_, in_head_)});
    }
    in_head_[id] = false;
    if (!from(id + 1)) {
      return false;
    }
    const auto [first, last] = boost::in_edges(id, graph_.dag());
    const bool may = std::all_of(
        first, last, [&](const auto& edge) { return in_head_[boost::source(edge, graph_.dag())]; });
    if (may) {
      in_head_[id] = true;
      if (!from(id + 1)) {
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
    const bool before = !tensor.is_parameter() && (!tensor.producer || in_head[*tensor.producer]);
    if (before && std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                              [&](LayerId layer) { return !in_head[layer]; })) {
      crosses.push_back(id);
    }
  }
  return crosses;
}

std::vector<LayerId> cut_vertices(const Graph& graph) {
  // Layer v is one when no tensor from before v is read after it. `reach` is the last reader of
  // what came so far.
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
  return CutWalk(graph, visit).from(0);
}

}  // namespace offcut
