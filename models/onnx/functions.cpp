// Expands the functions that a model defines itself. A call becomes the function's nodes, renamed
// as those of a subgraph are, and calls among these are expanded in turn. Debian's protobuf classes
// lack the field with the defaults of attributes, which is read from the unknown fields.
#include "models/onnx/functions.h"

#include <fmt/format.h>
#include <google/protobuf/unknown_field_set.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "models/onnx/structure.h"
#include "models/onnx/subgraph.h"

namespace offcut::onnx {
namespace {

/// A function can call another one twice, and so on: a small file can ask for endless nodes.
constexpr int kMostNodes = 100'000;

/// The number of FunctionProto's field attribute_proto (onnx.proto, IR version 9).
constexpr int kDefaultsField = 11;

using NameMap = std::map<std::string, std::string>;
using ValueMap = std::map<std::string, ::onnx::AttributeProto>;

std::string plain_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

ValueMap defaults_of(const ::onnx::FunctionProto& function) {
  ValueMap defaults;
  const auto& unknown = function.unknown_fields();
  for (int i = 0; i < unknown.field_count(); ++i) {
    const google::protobuf::UnknownField& field = unknown.field(i);
    ::onnx::AttributeProto attribute;
    if (field.number() == kDefaultsField &&
        field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED &&
        attribute.ParseFromString(field.length_delimited())) {
      defaults[attribute.name()] = attribute;
    }
  }
  return defaults;
}

void replace_references(::onnx::NodeProto& node, const ValueMap& values);

/// Replaces the attributes that refer to one of the function's by its value, or drops them if it
/// has none.
void replace_references(::onnx::GraphProto& body, const ValueMap& values) {
  for (::onnx::NodeProto& node : *body.mutable_node()) {
    replace_references(node, values);
  }
}

void replace_references(::onnx::NodeProto& node, const ValueMap& values) {
  ::onnx::NodeProto changed = node;
  changed.clear_attribute();
  for (const ::onnx::AttributeProto& attribute : node.attribute()) {
    const auto value = values.find(attribute.ref_attr_name());
    if (attribute.ref_attr_name().empty()) {
      ::onnx::AttributeProto& kept = *changed.add_attribute() = attribute;
      if (kept.has_g()) {
        replace_references(*kept.mutable_g(), values);
      }
    } else if (value != values.end()) {
      ::onnx::AttributeProto& given = *changed.add_attribute() = value->second;
      given.set_name(attribute.name());
    }
  }
  node.Swap(&changed);
}

/// The expansion of all calls in a model.
class Inlining {
 public:
  explicit Inlining(const ::onnx::ModelProto& model) {
    for (const ::onnx::FunctionProto& function : model.functions()) {
      functions_[{plain_domain(function.domain()), function.name()}] = &function;
    }
  }

  void expand(::onnx::GraphProto& graph) {
    google::protobuf::RepeatedPtrField<::onnx::NodeProto> nodes;
    nodes.Swap(graph.mutable_node());
    for (::onnx::NodeProto& node : nodes) {
      add(std::move(node), graph);
    }
  }

 private:
  void add(::onnx::NodeProto node, ::onnx::GraphProto& graph) {
    const auto called = functions_.find({plain_domain(node.domain()), node.op_type()});
    if (called != functions_.end()) {
      add_call(node, *called->second, graph);
      return;
    }
    for (::onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) {
        expand(*attribute.mutable_g());
      }
    }
    if (++nodes_ > kMostNodes) {
      throw std::invalid_argument(
          fmt::format("the model's functions expand to more than {} layers", kMostNodes));
    }
    *graph.add_node() = std::move(node);
  }

  void add_call(const ::onnx::NodeProto& call, const ::onnx::FunctionProto& function,
                ::onnx::GraphProto& graph) {
    if (std::find(open_.begin(), open_.end(), &function) != open_.end()) {
      throw std::invalid_argument(fmt::format("the function '{}' calls itself", function.name()));
    }
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size()) {
      throw std::invalid_argument(
          fmt::format("{} has {} inputs and {} outputs, but its function takes {} and makes {}",
                      layer_text(call), call.input_size(), call.output_size(),
                      function.input_size(), function.output_size()));
    }
    open_.push_back(&function);
    const std::string prefix =
        (call.name().empty() ? fmt::format("{}_{}", function.name(), ++calls_) : call.name()) + "/";
    ::onnx::GraphProto body;
    *body.mutable_node() = function.node();
    for (::onnx::NodeProto& node : *body.mutable_node()) {
      if (node.name().empty()) {
        node.set_name(node.op_type());
      }
    }
    const ValueMap values = values_of(call, function);
    for (::onnx::NodeProto& node : inlined_nodes(body, prefix, names_of(call, function, prefix))) {
      replace_references(node, values);
      add(std::move(node), graph);
    }
    add_passed_inputs(call, function, prefix, graph);
    open_.pop_back();
  }

  static ValueMap values_of(const ::onnx::NodeProto& call, const ::onnx::FunctionProto& function) {
    ValueMap values = defaults_of(function);
    for (const ::onnx::AttributeProto& attribute : call.attribute()) {
      values[attribute.name()] = attribute;
    }
    return values;
  }

  /// Returns the names outside of all tensors of the function.
  static NameMap names_of(const ::onnx::NodeProto& call, const ::onnx::FunctionProto& function,
                          const std::string& prefix) {
    NameMap names;
    for (int i = 0; i < function.input_size(); ++i) {
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    }
    for (int i = 0; i < call.output_size(); ++i) {
      if (!call.output(i).empty()) {
        names.try_emplace(function.output(i), call.output(i));
      }
    }
    for (const ::onnx::NodeProto& node : function.node()) {
      for (const std::string& output : node.output()) {
        if (!output.empty()) {
          names.try_emplace(output, prefix + output);
        }
      }
    }
    return names;
  }

  /// Adds an Identity for each output of the function that has another name already: one of its
  /// inputs, or the same tensor as an earlier output.
  void add_passed_inputs(const ::onnx::NodeProto& call, const ::onnx::FunctionProto& function,
                         const std::string& prefix, ::onnx::GraphProto& graph) {
    const NameMap names = names_of(call, function, prefix);
    for (int i = 0; i < call.output_size(); ++i) {
      const auto inside = names.find(function.output(i));
      if (call.output(i).empty() || inside == names.end() || inside->second == call.output(i)) {
        continue;
      }
      ::onnx::NodeProto identity;
      identity.set_op_type("Identity");
      identity.set_name(prefix + function.output(i));
      identity.add_input(inside->second);
      identity.add_output(call.output(i));
      add(std::move(identity), graph);
    }
  }

  std::map<std::pair<std::string, std::string>, const ::onnx::FunctionProto*> functions_;
  std::vector<const ::onnx::FunctionProto*> open_;  // The functions whose nodes are being added.
  int nodes_ = 0;
  int calls_ = 0;  // Calls without a name so far.
};

}  // namespace

void inline_functions(::onnx::ModelProto& model) {
  if (model.functions().empty()) {
    return;
  }
  Inlining(model).expand(*model.mutable_graph());
  model.clear_functions();
}

}  // namespace offcut::onnx
