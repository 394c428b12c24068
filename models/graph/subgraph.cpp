// Extracts some layers of a graph as a new graph. Inputs come first, then the layers in the graph's
// order, then the outputs, while a map turns the old tensor ids into new ones.
#include "models/graph/subgraph.h"

#include <algorithm>
#include <set>

namespace offcut {
namespace {

class Extraction {
 public:
  Extraction(const Graph& graph, std::vector<LayerId> layers, std::string name)
      : graph_(graph), layers_(std::move(layers)), part_(std::move(name)) {
    std::sort(layers_.begin(), layers_.end());
    for (const LayerId id : layers_) {
      const Layer& layer = graph_.layer(id);
      made_.insert(layer.outputs.begin(), layer.outputs.end());
      read_.insert(layer.inputs.begin(), layer.inputs.end());
    }
    read_.erase(kAbsent);
  }

  Graph run() {
    add_inputs();
    for (const LayerId id : layers_) {
      add_layer(graph_.layer(id));
    }
    add_outputs();
    return std::move(part_);
  }

 private:
  void add_inputs() {
    for (const TensorId id : graph_.inputs()) {
      if (read_.contains(id)) {
        add_input(id, graph_.wire_type(id));
      }
    }
    for (const TensorId id : read_) {
      const TensorNode& tensor = graph_.tensor(id);
      if (tensor.is_parameter()) {
        ids_[id] = part_.add_parameter(tensor.name, tensor.type, tensor.parameter);
      } else if (tensor.producer && !made_.contains(id)) {
        add_input(id, tensor.type.type);
      }
    }
  }

  void add_input(TensorId id, DataType wire) {
    const TensorNode& tensor = graph_.tensor(id);
    ids_[id] = part_.add_input(tensor.name, tensor.type, wire);
  }

  void add_layer(const Layer& original) {
    Layer layer = original;
    for (TensorId& input : layer.inputs) {
      input = input == kAbsent ? kAbsent : ids_.at(input);
    }
    std::vector<TensorNode> outputs;
    for (const TensorId output : original.outputs) {
      outputs.push_back({.name = graph_.tensor(output).name, .type = graph_.tensor(output).type});
    }
    const LayerId id = part_.add_layer(std::move(layer), std::move(outputs));
    for (std::size_t i = 0; i < original.outputs.size(); ++i) {
      ids_[original.outputs[i]] = part_.layer(id).outputs[i];
    }
  }

  void add_outputs() {
    for (const TensorId id : graph_.outputs()) {
      if (made_.contains(id)) {
        part_.add_output(ids_.at(id));
      }
    }
    for (const TensorId id : made_) {
      const auto& readers = graph_.tensor(id).consumers;
      if (std::any_of(readers.begin(), readers.end(), [&](LayerId reader) {
            return !std::binary_search(layers_.begin(), layers_.end(), reader);
          })) {
        part_.add_output(ids_.at(id));  // An output of the model is not added again.
      }
    }
  }

  const Graph& graph_;
  std::vector<LayerId> layers_;
  Graph part_;
  std::set<TensorId> made_;
  std::set<TensorId> read_;
  std::map<TensorId, TensorId> ids_;  // Ids in the graph to ids in the part.
};

}  // namespace

Graph subgraph(const Graph& graph, std::vector<LayerId> layers, std::string name) {
  return Extraction(graph, std::move(layers), std::move(name)).run();
}

}  // namespace offcut
