// The memory of a run, from the types in the graph, before anything is allocated. The walk over the
// layers frees each tensor where exec::run() does.

#include "models/exec/memory_need.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/base/memory_limit.h"
#include "models/base/readable.h"

namespace offcut::exec {
namespace {

std::uint64_t bytes_of_tensor(const Graph& graph, TensorId id) {
  return static_cast<std::uint64_t>(graph.tensor(id).type.bytes());
}

std::uint64_t bytes_of_new_weights(const Graph& graph, const Segment& segment) {
  std::set<TensorId> weights;
  for (const LayerId layer : segment.layers) {
    for (const TensorId input : graph.layer(layer).inputs) {
      if (input != kAbsent && graph.tensor(input).is_parameter() &&
          !graph.tensor(input).parameter->made()) {
        weights.insert(input);
      }
    }
  }
  std::uint64_t bytes = 0;
  for (const TensorId id : weights) {
    bytes += bytes_of_tensor(graph, id);
  }
  return bytes;
}

bool is_view_of_input(const Graph& graph, LayerId layer) {
  const Layer& own = graph.layer(layer);
  return own.work.kind == LayerKind::view && own.outputs.size() == 1 &&
         !graph.tensor(own.inputs.front()).is_parameter();
}

/// The tensors that live at a layer of a walk over a segment, and their bytes.
class LiveTensors {
 public:
  LiveTensors(const Graph& graph, const Segment& segment) : graph_(graph) {
    for (const LayerId layer : segment.layers) {
      for (const TensorId input : graph.layer(layer).inputs) {
        ++readers_[input];
      }
    }
    for (const TensorId id : segment.leaves) {
      ++readers_[id];
    }
    for (const TensorId id : segment.enters) {
      add(id, id);
    }
  }

  std::uint64_t bytes() const { return bytes_; }

  void make_outputs(LayerId layer) {
    const bool view = is_view_of_input(graph_, layer);
    for (const TensorId output : graph_.layer(layer).outputs) {
      add(output, view ? storage_.at(graph_.layer(layer).inputs.front()) : output);
    }
  }

  void free_after(LayerId layer) {
    for (const TensorId input : graph_.layer(layer).inputs) {
      if (--readers_[input] == 0) {
        remove(input);
      }
    }
    for (const TensorId output : graph_.layer(layer).outputs) {
      if (!readers_.contains(output)) {
        remove(output);
      }
    }
  }

 private:
  void add(TensorId id, TensorId storage) {
    storage_[id] = storage;
    bytes_ += ++sharers_[storage] == 1 ? bytes_of_tensor(graph_, storage) : 0;
  }

  void remove(TensorId id) {
    const auto found = storage_.find(id);
    if (found != storage_.end()) {  // Parameters and absent inputs have none.
      bytes_ -= --sharers_[found->second] == 0 ? bytes_of_tensor(graph_, found->second) : 0;
      storage_.erase(found);
    }
  }

  const Graph& graph_;
  std::map<TensorId, std::size_t> readers_;  // Reads that are still to come.
  std::map<TensorId, TensorId> storage_;     // The tensor whose memory a live tensor shares.
  std::map<TensorId, std::size_t> sharers_;  // Live tensors in each memory.
  std::uint64_t bytes_ = 0;
};

}  // namespace

MemoryNeed memory_need(const Graph& graph, const Segment& segment) {
  MemoryNeed need{.weights = bytes_of_new_weights(graph, segment)};
  LiveTensors live(graph, segment);
  for (const LayerId layer : segment.layers) {
    live.make_outputs(layer);
    if (live.bytes() > need.activations) {
      need.activations = live.bytes();
      need.at = layer;
    }
    live.free_after(layer);
  }
  return need;
}

MemoryNeed least_memory_need(const Graph& graph, const Segment& segment) {
  MemoryNeed need{.weights = bytes_of_new_weights(graph, segment)};
  for (const LayerId layer : segment.layers) {
    for (const TensorId output : graph.layer(layer).outputs) {
      if (bytes_of_tensor(graph, output) > need.activations) {
        need.activations = bytes_of_tensor(graph, output);
        need.at = layer;
      }
    }
  }
  return need;
}

void check_memory_need(const Graph& graph, std::span<const Segment> segments, MathEngine engine) {
  std::uint64_t weights = 0;
  MemoryNeed largest;
  for (const Segment& segment : segments) {
    const MemoryNeed need = engine == MathEngine::fast ? least_memory_need(graph, segment)
                                                       : memory_need(graph, segment);
    weights += need.weights;
    largest = need.activations > largest.activations ? need : largest;
  }
  if (graph.layer_count() > 0) {
    const Layer& layer = graph.layer(largest.at);
    check_memory(
        weights + largest.activations,
        fmt::format("layer '{}' ({}), with {} MB of weights and {} MB of other tensors,",
                    layer.name, layer.op_name, significant(static_cast<double>(weights) / 1e6, 4),
                    significant(static_cast<double>(largest.activations) / 1e6, 4)));
  }
}

}  // namespace offcut::exec
