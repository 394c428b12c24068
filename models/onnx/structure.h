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

/// The version of ONNX's own operator set that the model is written in. Throws
/// std::invalid_argument where offcut does not know it.
int opset_of(const ::onnx::ModelProto& model);

/// "layer 'name' (Op)": how errors call a node.
std::string layer_text(const ::onnx::NodeProto& node);

/// Gives every node a name of its own: conv_3 to the third Conv where it has none.
void name_layers(::onnx::GraphProto& graph);

/// Checks that the graph has outputs, that each tensor is made once, and that it is made before it
/// is read. Throws std::invalid_argument. REQUIRES: name_layers().
void check_structure(const ::onnx::ModelProto& model);

/// The same for a subgraph, whose layers may also read, and hand on, tensors from outside.
void check_body(const ::onnx::GraphProto& body,
                const std::function<bool(const std::string&)>& is_outside);

/// ONNX's own domain has two names; from here on it has one.
void unify_domains(::onnx::GraphProto& graph);

/// Adds the names of the tensors that a node reads; those that its subgraphs read are among them,
/// and so are, for that matter, the ones that they make.
void add_reads(const ::onnx::NodeProto& node, std::set<std::string>& names);

/// Removes what no output depends on: nodes, initialisers, inputs. REQUIRES: check_structure() or
/// check_body().
void drop_dead(::onnx::GraphProto& graph);

/// Checks that the initialisers and the tensors among the attributes can be decoded. Throws
/// std::invalid_argument.
void check_constants(const ::onnx::GraphProto& graph, Weights& weights);

/// Makes initialisers of the Constant layers whose elements lie in a file, where they can stay;
/// those of other attributes are brought into the model. REQUIRES: check_constants().
void place_constants(::onnx::GraphProto& graph, Weights& weights);

/// One text for each operator of the graph that is not in the registry.
std::vector<std::string> missing_operators(const ::onnx::GraphProto& graph,
                                           const Registry<ops::Operator>& operators);

}  // namespace offcut::onnx
