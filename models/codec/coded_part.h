#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/codec/steps.h"

namespace offcut::codec {

using StepsOf = std::map<TensorId, std::shared_ptr<const CodecSteps>>;

/// Some layers of a graph with what decodes the tensors that they get encoded and encodes those
/// that they send so.
struct CodedPart {
  Graph graph;
  std::vector<TensorId> sent;    // outputs that stand for tensors of `encoded`
  std::set<std::string> halves;  // tensors that are float16 in a file (see ExportOptions)
};

/// subgraph(), in which the tensors of `decoded` arrive as what their steps send, and those of
/// `encoded` leave as that; an output of the graph leaves as itself too. Throws
/// std::invalid_argument where the layers are of an operator set in which steps can't be written,
/// and where one of the steps' names is taken. REQUIRES: the tensors are float32, not empty, and
/// made (`encoded`) or read (`decoded`) by the layers, or inputs of the graph.
CodedPart coded_part(const Graph& graph, const std::vector<LayerId>& layers,
                     const std::string& name, const Registry<ops::Operator>& operators,
                     const StepsOf& decoded, const StepsOf& encoded);

}  // namespace offcut::codec
