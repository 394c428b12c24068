#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/codec/steps.h"

namespace offcut::codec {

using StepsOf = std::map<TensorId, std::shared_ptr<const CodecSteps>>;

/// Some layers of a graph, with more layers that decode their inputs and encode their outputs.
struct CodedPart {
  Graph graph;
  std::vector<TensorId> sent;    // Outputs that stand for tensors of `encoded`.
  std::set<std::string> halves;  // Tensors that are float16 in a file (see ExportOptions).
};

/// Makes a subgraph() that decodes its inputs of `decoded` and encodes its outputs of `encoded`: it
/// receives and sends the tensors that their steps send. An encoded output of the graph also leaves
/// unencoded. Throws std::invalid_argument if steps can't be expressed in the layers' operator set,
/// or if a name of a step is taken. REQUIRES: the tensors are float32, not empty, and made
/// (`encoded`) or read (`decoded`) by the layers, or inputs of the graph.
CodedPart coded_part(const Graph& graph, const std::vector<LayerId>& layers,
                     const std::string& name, const Registry<ops::Operator>& operators,
                     const StepsOf& decoded, const StepsOf& encoded);

}  // namespace offcut::codec
