#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "models/onnx/weights.h"
#include "models/ops/operator.h"

namespace onnx {
class GraphProto;
class ModelProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// Returns "layer 'name' (Op)", as errors refer to a node; the middle of a long name is left out.
std::string layer_text(const ::onnx::NodeProto& node);

/// Gives every node a unique name: the third Conv becomes conv_3 if it has none.
void name_layers(::onnx::GraphProto& graph);

/// Checks that the graph has outputs, that each tensor is made once, and that it is made before it
/// is read. Throws std::invalid_argument. REQUIRES: name_layers().
void check_structure(const ::onnx::ModelProto& model);

/// Checks the same for a subgraph, whose layers and outputs may also refer to tensors from outside.
void check_body(const ::onnx::GraphProto& body,
                const std::function<bool(const std::string&)>& is_outside);

/// Replaces the longer of the two names of ONNX's own domain by the empty one, and rewrites the
/// nodes of ONNX Runtime's domain (see contributed.h). Throws std::invalid_argument.
void unify_domains(::onnx::GraphProto& graph);

/// Adds the names of the tensors that a node reads. These include all tensors that its subgraphs
/// read, even those that they make themselves.
void add_reads(const ::onnx::NodeProto& node, std::set<std::string>& names);

/// Removes the nodes, initialisers and inputs that no output depends on. REQUIRES:
/// check_structure() or check_body().
void drop_dead(::onnx::GraphProto& graph);

/// Checks that the initialisers and the tensors among the attributes can be decoded. Throws
/// std::invalid_argument.
void check_constants(const ::onnx::GraphProto& graph, Weights& weights);

/// Turns Constant layers whose elements are in a file into initialisers, whose elements can stay
/// there; the elements of other attributes are read into the model. REQUIRES: check_constants().
void place_constants(::onnx::GraphProto& graph, Weights& weights);

/// Returns an error text for each operator of the graph that is not in the registry.
std::vector<std::string> missing_operators(const ::onnx::GraphProto& graph,
                                           const Registry<ops::Operator>& operators);

}  // namespace offcut::onnx
