#pragma once

#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include "models/onnx/import.h"

namespace offcut::onnx {

inline const Registry<ops::Operator>& all_operators() {
  static const Registry<ops::Operator> registry = [] {
    Registry<ops::Operator> filled;
    ops::register_operators(filled);
    return filled;
  }();
  return registry;
}

/// Returns the messages of an InputError that `f` throws, one per line, without places; empty if it
/// throws none.
template <class F>
std::string diagnostics_of(F f) {
  try {
    f();
  } catch (const InputError& error) {
    std::string texts;
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      texts += (texts.empty() ? "" : "\n") + diagnostic.message;
    }
    return texts;
  }
  return "";
}

/// Writes small ONNX models, valid and invalid ones.
class OnnxModel {
 public:
  using Dim = std::variant<std::monostate, int, std::string>;  // Unknown, an extent, or a name.
  using Dims = std::vector<Dim>;
  using Names = std::vector<std::string>;

  explicit OnnxModel(int opset = 13) {
    proto.set_ir_version(8);
    graph().set_name("test");
    proto.add_opset_import()->set_version(opset);
  }

  OnnxModel& input(const std::string& name, const Dims& dims,
                   ::onnx::TensorProto::DataType type = ::onnx::TensorProto::FLOAT) {
    describe(*graph().add_input(), name, dims, type);
    return *this;
  }

  OnnxModel& output(const std::string& name, const Dims& dims,
                    ::onnx::TensorProto::DataType type = ::onnx::TensorProto::FLOAT) {
    describe(*graph().add_output(), name, dims, type);
    return *this;
  }

  ::onnx::NodeProto& node(const std::string& op, const Names& inputs, const Names& outputs,
                          const std::string& name = "") {
    ::onnx::NodeProto& node = *graph().add_node();
    node.set_op_type(op);
    node.set_name(name);
    node.mutable_input()->Add(inputs.begin(), inputs.end());
    node.mutable_output()->Add(outputs.begin(), outputs.end());
    return node;
  }

  ::onnx::TensorProto& floats(const std::string& name, const std::vector<std::int64_t>& dims,
                              const std::vector<float>& values) {
    ::onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    fill(tensor, dims, values);
    return tensor;
  }

  ::onnx::TensorProto& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    ::onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(::onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    tensor.mutable_int64_data()->Add(values.begin(), values.end());
    return tensor;
  }

  /// Adds a Constant node.
  ::onnx::NodeProto& constant(const std::string& name, const std::vector<std::int64_t>& dims,
                              const std::vector<float>& values) {
    ::onnx::NodeProto& added = node("Constant", {}, {name});
    fill(*attribute(added, "value", ::onnx::AttributeProto::TENSOR).mutable_t(), dims, values);
    return added;
  }

  static ::onnx::AttributeProto& attribute(::onnx::NodeProto& node, const std::string& name,
                                           ::onnx::AttributeProto::AttributeType type) {
    ::onnx::AttributeProto& added = *node.add_attribute();
    added.set_name(name);
    added.set_type(type);
    return added;
  }

  ::onnx::GraphProto& graph() { return *proto.mutable_graph(); }

  Graph import(const ImportOptions& options = {}) const {
    return import_onnx_bytes(proto.SerializeAsString(), "m.onnx", all_operators(), options);
  }

  std::string refusal(const ImportOptions& options = {}) const {
    return diagnostics_of([&] { import(options); });
  }

  ::onnx::ModelProto proto;

 private:
  static void describe(::onnx::ValueInfoProto& value, const std::string& name, const Dims& dims,
                       ::onnx::TensorProto::DataType element) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(element);
    type.mutable_shape();
    for (const Dim& dim : dims) {
      auto& added = *type.mutable_shape()->add_dim();
      if (const int* extent = std::get_if<int>(&dim)) {
        added.set_dim_value(*extent);
      } else if (const std::string* param = std::get_if<std::string>(&dim)) {
        added.set_dim_param(*param);
      }
    }
  }

  static void fill(::onnx::TensorProto& tensor, const std::vector<std::int64_t>& dims,
                   const std::vector<float>& values) {
    tensor.set_data_type(::onnx::TensorProto::FLOAT);
    tensor.mutable_dims()->Add(dims.begin(), dims.end());
    tensor.mutable_float_data()->Add(values.begin(), values.end());
  }
};

/// Returns a model of one Relu, from x to y.
inline OnnxModel relu(const OnnxModel::Dims& dims, int opset = 13) {
  OnnxModel model(opset);
  model.input("x", dims).output("y", dims);
  model.node("Relu", {"x"}, {"y"}, "act");
  return model;
}

}  // namespace offcut::onnx
