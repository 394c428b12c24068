// Rewrites nodes of opsets 1 to 6 as nodes of opset 7, one by one while the graph is built, so that
// a form knows the shapes of its inputs. Operators without an entry have had the same form since
// opset 1, except for `consumed_inputs`, a hint of opset 1 that says nothing about the result.
#include "models/onnx/older_form.h"

#include <utility>

#include "models/onnx/attributes.h"
#include "models/onnx/opset.h"

// Instantiated here only.
template class offcut::Registry<offcut::onnx::OlderForm>;

namespace offcut::onnx {
namespace {

const Registry<OlderForm>& older_forms() {
  static const Registry<OlderForm> registry = [] {
    Registry<OlderForm> filled;
    register_older_forms(filled);
    return filled;
  }();
  return registry;
}

::onnx::AttributeProto& new_attribute(::onnx::NodeProto& node, const std::string& name,
                                      ::onnx::AttributeProto::AttributeType type) {
  ::onnx::AttributeProto* const old = find_attribute(node, name);
  ::onnx::AttributeProto& attribute = old != nullptr ? *old : *node.add_attribute();
  attribute.Clear();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

const ::onnx::AttributeProto* OlderNode::attribute(const std::string& name) const {
  return find_attribute(std::as_const(node), name);
}

std::int64_t OlderNode::integer(const std::string& name, std::int64_t fallback) const {
  const ::onnx::AttributeProto* const found = attribute(name);
  return found == nullptr ? fallback : found->i();
}

void OlderNode::remove(const std::string& name) {
  for (int i = node.attribute_size(); i-- > 0;) {
    if (node.attribute(i).name() == name) {
      node.mutable_attribute()->DeleteSubrange(i, 1);
    }
  }
}

void OlderNode::rename(const std::string& name, const std::string& new_name) {
  if (::onnx::AttributeProto* const found = find_attribute(node, name)) {
    found->set_name(new_name);
  }
}

void OlderNode::set_integer(const std::string& name, std::int64_t value) {
  new_attribute(node, name, ::onnx::AttributeProto::INT).set_i(value);
}

void OlderNode::set_integers(const std::string& name, const std::vector<std::int64_t>& values) {
  new_attribute(node, name, ::onnx::AttributeProto::INTS)
      .mutable_ints()
      ->Add(values.begin(), values.end());
}

void OlderNode::add_input(const std::string& suffix, const std::vector<std::int64_t>& values) {
  const std::string name = node.name() + "/" + suffix;
  graph.define(name, constant(Tensor({static_cast<std::int64_t>(values.size())},
                                     std::span<const std::int64_t>(values))));
  node.add_input(name);
}

void OlderNode::reshape_input(int index, const std::vector<std::int64_t>& shape) {
  OlderNode reshape({}, opset, graph);
  reshape.node.set_op_type("Reshape");
  reshape.node.set_name(node.name() + "/operand");
  reshape.node.add_input(node.input(index));
  reshape.node.add_output(reshape.node.name());
  reshape.add_input("shape", shape);
  node.set_input(index, reshape.node.name());
  before.push_back(std::move(reshape.node));
}

std::vector<::onnx::NodeProto> in_opset_7(const ::onnx::NodeProto& original, int opset,
                                          GraphInProgress& graph) {
  OlderNode older(original, opset, graph);
  older.remove("consumed_inputs");
  const OlderForm* const form = older_forms().find(original.op_type());
  if (form != nullptr && opset <= form->until) {
    form->rewrite(older);
  }
  std::vector<::onnx::NodeProto> nodes = std::move(older.before);
  nodes.push_back(std::move(older.node));
  return nodes;
}

}  // namespace offcut::onnx
