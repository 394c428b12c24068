// Composes a part of a graph with the steps of codecs. The part is extracted first; then its
// inputs, decoding layers, own layers and encoding layers are added to a new graph, in which
// tensors are found by name.
#include "models/codec/coded_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/graph/subgraph.h"

namespace offcut::codec {
namespace {

class Composition {
 public:
  Composition(const Graph& whole, Graph part, const Registry<ops::Operator>& operators)
      : whole_(whole),
        part_(std::move(part)),
        operators_(operators),
        made_{Graph(part_.name()), {}, {}} {}

  CodedPart run(const StepsOf& decoded, const StepsOf& encoded) {
    add_inputs(decoded, encoded);
    decode(decoded);
    for (LayerId id = 0; id < part_.layer_count(); ++id) {
      add_layer(part_.layer(id));
    }
    add_outputs(encoded);
    return std::move(made_);
  }

 private:
  /// Finds a tensor by name: parts keep the names of the whole.
  TensorId in_whole(TensorId id) const { return *whole_.find_tensor(part_.tensor(id).name); }

  /// Uses the layers' own operator set, because a file has only one.
  StepWriter writer(Graph& graph, const std::string& tensor) const {
    const int opset = whole_.layer(0).opset;
    if (opset < StepWriter::kLeastOpset) {
      throw std::invalid_argument(
          fmt::format("its layers use operator set {}, but the codec's steps need {} or later",
                      opset, StepWriter::kLeastOpset));
    }
    return {graph, operators_, opset, tensor};
  }

  void add_input(const TensorNode& tensor, DataType wire) {
    ids_[tensor.name] = made_.graph.add_input(tensor.name, tensor.type, wire);
  }

  /// Adds the tensors that the steps send as inputs, with the names and types that encoding gives.
  void add_encoded_inputs(const TensorNode& tensor, const CodecSteps& steps) {
    Graph sender("encoding");
    const TensorId x = sender.add_input(tensor.name, tensor.type, tensor.type.type);
    StepWriter encoding = writer(sender, tensor.name);
    for (const TensorId id : steps.encode(encoding, x)) {
      const TensorNode& sent = sender.tensor(id);
      sent_[tensor.name].push_back(made_.graph.add_input(sent.name, sent.type, sent.type.type));
    }
    made_.halves.insert(encoding.halves().begin(), encoding.halves().end());
  }

  void add_inputs(const StepsOf& decoded, const StepsOf& encoded) {
    for (const TensorId id : part_.inputs()) {
      const auto steps = decoded.find(in_whole(id));
      if (steps == decoded.end()) {
        add_input(part_.tensor(id), part_.wire_type(id));
      } else {
        add_encoded_inputs(part_.tensor(id), *steps->second);
      }
    }
    for (const auto& [id, steps] : encoded) {
      const TensorNode& tensor = whole_.tensor(id);
      if (!tensor.producer && !ids_.contains(tensor.name)) {  // Encoded here, read elsewhere.
        add_input(tensor, whole_.wire_type(id));
      }
    }
    for (TensorId id = 0; id < part_.tensor_count(); ++id) {
      const TensorNode& tensor = part_.tensor(id);
      if (tensor.is_parameter()) {
        ids_[tensor.name] = made_.graph.add_parameter(tensor.name, tensor.type, tensor.parameter);
      }
    }
  }

  void decode(const StepsOf& decoded) {
    for (const auto& [id, steps] : decoded) {
      const TensorNode& tensor = whole_.tensor(id);
      StepWriter decoding = writer(made_.graph, tensor.name);
      ids_[tensor.name] = steps->decode(decoding, sent_.at(tensor.name), tensor.type.shape);
    }
  }

  void add_layer(const Layer& original) {
    Layer layer = original;
    for (TensorId& input : layer.inputs) {
      input = input == kAbsent ? kAbsent : ids_.at(part_.tensor(input).name);
    }
    std::vector<TensorNode> outputs;
    for (const TensorId output : original.outputs) {
      outputs.push_back({.name = part_.tensor(output).name, .type = part_.tensor(output).type});
    }
    const LayerId id = made_.graph.add_layer(std::move(layer), std::move(outputs));
    for (const TensorId output : made_.graph.layer(id).outputs) {
      ids_[made_.graph.tensor(output).name] = output;
    }
  }

  void add_outputs(const StepsOf& encoded) {
    const auto& outputs = whole_.outputs();
    for (const TensorId id : part_.outputs()) {
      const TensorId original = in_whole(id);
      if (!encoded.contains(original) ||
          std::find(outputs.begin(), outputs.end(), original) != outputs.end()) {
        made_.graph.add_output(ids_.at(part_.tensor(id).name));
      }
    }
    for (const auto& [id, steps] : encoded) {
      const std::string& name = whole_.tensor(id).name;
      StepWriter encoding = writer(made_.graph, name);
      for (const TensorId sent : steps->encode(encoding, ids_.at(name))) {
        made_.graph.add_output(sent);
        made_.sent.push_back(sent);
      }
      made_.halves.insert(encoding.halves().begin(), encoding.halves().end());
    }
  }

  const Graph& whole_;
  Graph part_;
  const Registry<ops::Operator>& operators_;
  CodedPart made_;
  std::map<std::string, TensorId> ids_;                // Tensors of made_ by name.
  std::map<std::string, std::vector<TensorId>> sent_;  // Inputs of made_ by the encoded tensor.
};

}  // namespace

CodedPart coded_part(const Graph& graph, const std::vector<LayerId>& layers,
                     const std::string& name, const Registry<ops::Operator>& operators,
                     const StepsOf& decoded, const StepsOf& encoded) {
  return Composition(graph, subgraph(graph, layers, name), operators).run(decoded, encoded);
}

}  // namespace offcut::codec
