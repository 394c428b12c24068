// Builds a graph from the nodes of an ONNX model, in their order. Each name of the file stands for
// a tensor of the graph or for a constant, which enters the graph only if a layer reads it; layers
// on constants are folded. ONNX's shape inference checks each layer's types.
#include "models/onnx/build.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "models/onnx/attributes.h"
#include "models/onnx/bind.h"
#include "models/onnx/control_flow.h"
#include "models/onnx/fold.h"
#include "models/onnx/older_form.h"
#include "models/onnx/opset.h"
#include "models/onnx/second_opinion.h"
#include "models/onnx/structure.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

/// Returns the declared type of an output, such as "float32 Nx10".
std::string declared_text(const ::onnx::ValueInfoProto& value) {
  const auto& type = value.type().tensor_type();
  std::vector<std::string> extents;
  for (const auto& dim : type.shape().dim()) {
    extents.push_back(has_extent(dim)       ? std::to_string(dim.dim_value())
                      : dim.has_dim_param() ? dim.dim_param()
                                            : "?");
  }
  return fmt::format("{} {}", element_type_name(type.elem_type()),
                     extents.empty() ? "scalar" : fmt::format("{}", fmt::join(extents, "x")));
}

/// Checks that the element type that the file declares for an output, if any, is that of its
/// tensor. Exporters with open dimensions often declare the extents of one example, so that, as in
/// ONNX Runtime, the layers alone determine the extents.
void check_declared(const ::onnx::ValueInfoProto& output, const TensorNode& made) {
  if (output.type().has_tensor_type() &&
      output.type().tensor_type().elem_type() != onnx_type(made.type.type)) {
    throw std::invalid_argument(
        fmt::format("the output '{}' is declared as {}, but its layers make {}", output.name(),
                    declared_text(output), to_text(made.type)));
  }
}

/// Returns the wire type of an input. An input that looks like an image is uint8, as from a camera.
DataType wire_type(const TensorType& type) {
  const bool floats = type.type == DataType::float32 || is_short_float(type.type);
  const bool image = floats && type.shape.size() == 4 && (type.shape[1] == 1 || type.shape[1] == 3);
  return image ? DataType::uint8 : type.type;
}

class Builder : public GraphInProgress {
 public:
  Builder(Weights& weights, int opset, const Registry<ops::Operator>& operators, bool untie,
          ConstantLayers* constant_layers, Graph& graph)
      : weights_(weights),
        untie_(untie),
        constant_layers_(constant_layers),
        file_opset_(opset),
        opset_(std::max(opset, kOldestComputedOpset)),
        operators_(operators),
        graph_(graph),
        control_flow_(*this, weights, operators, opset) {}

  void add_initialisers(::onnx::GraphProto& model) {
    for (::onnx::TensorProto& tensor : *model.mutable_initializer()) {
      define(tensor.name(), initialiser(tensor, weights_));
    }
  }

  void add_inputs(const ::onnx::GraphProto& model) {
    for (const ::onnx::ValueInfoProto& input : model.input()) {
      if (!by_name_.contains(input.name())) {
        const TensorType type = input_type(input);
        define(input.name(), graph_.add_input(input.name(), type, wire_type(type)));
      }
    }
  }

  void add_nodes(const ::onnx::GraphProto& model) {
    for (const auto& output : model.output()) {
      outputs_.insert(output.name());
    }
    add_all(model.node(), outputs_);
  }

  bool has(const std::string& name) const override { return by_name_.contains(name); }

  const Tensor* constant_value(const std::string& name) const override {
    const auto found = by_name_.find(name);
    const Parameter* parameter =
        found == by_name_.end() ? nullptr : sources_[found->second].constant.parameter.get();
    return parameter == nullptr ? nullptr : &parameter->value();
  }

  const TensorType& type(const std::string& name) const override {
    const Source& source = sources_[by_name_.at(name)];
    return source.id ? graph_.tensor(*source.id).type : source.constant.type;
  }

  bool follows_from_scalar(const std::string& name) const override {
    const auto found = by_name_.find(name);
    const std::optional<TensorId> start =
        found == by_name_.end() ? std::nullopt : sources_[found->second].id;
    std::vector<TensorId> todo(start ? 1 : 0, start.value_or(kAbsent));
    std::set<TensorId> seen(todo.begin(), todo.end());
    while (!todo.empty()) {
      const TensorNode& tensor = graph_.tensor(todo.back());
      todo.pop_back();
      if (!tensor.producer && !tensor.is_parameter() && elements(tensor.type.shape) == 1) {
        return true;
      }
      for (const TensorId input :
           tensor.producer ? graph_.layer(*tensor.producer).inputs : std::vector<TensorId>()) {
        if (input != kAbsent && seen.insert(input).second) {
          todo.push_back(input);
        }
      }
    }
    return false;
  }

  void define(const std::string& name, Constant constant) override {
    by_name_[name] = sources_.size();
    sources_.push_back({name, std::move(constant), std::nullopt});
  }

  void add(const std::vector<::onnx::NodeProto>& nodes,
           const std::vector<std::string>& kept) override {
    add_all(nodes, kept);
  }

  void add_outputs(const ::onnx::GraphProto& model) {
    for (const auto& output : model.output()) {
      if (sources_[by_name_.at(output.name())].constant.parameter) {
        output_constant(output.name());
      }
      const Source& source = sources_[by_name_.at(output.name())];
      if (!graph_.tensor(source.id.value()).producer) {
        throw std::invalid_argument(
            fmt::format("the output '{}' is an input: no layer makes it", output.name()));
      }
      check_declared(output, graph_.tensor(*source.id));
      graph_.add_output(*source.id);
    }
  }

 private:
  template <class Nodes, class Names>
  void add_all(const Nodes& nodes, const Names& kept) {
    read_.insert(kept.begin(), kept.end());
    for (const ::onnx::NodeProto& node : nodes) {
      add_reads(node, read_);
    }
    for (const ::onnx::NodeProto& node : nodes) {
      try {
        add_in_form(node);
      } catch (const std::invalid_argument& error) {
        refuse(node, error.what());
      } catch (const std::length_error& error) {
        refuse(node, error.what());
      }
    }
  }

  /// The meaning of a name in the file. A constant enters the graph when a layer first reads it.
  struct Source {
    std::string name;
    Constant constant;  // Has no parameter if the tensor is an input or computed.
    std::optional<TensorId> id;
  };

  void define(const std::string& name, TensorId id) {
    by_name_[name] = sources_.size();
    sources_.push_back({name, {}, id});
  }

  /// Adds an Identity that makes the output from its constant.
  void output_constant(const std::string& name) {
    ::onnx::NodeProto identity;
    identity.set_op_type("Identity");
    identity.set_name(unused_name(name + "/output"));
    identity.add_input(name);
    identity.add_output(name);
    add_layer(identity);
  }

  std::string unused_name(std::string name) const {
    while (by_name_.contains(name) || graph_.find_layer(name) || graph_.find_tensor(name)) {
      name += "_";
    }
    return name;
  }

  TensorId id_of(const std::string& name) {
    if (name.empty()) {
      return kAbsent;
    }
    Source& source = sources_[by_name_.at(name)];
    if (!source.id) {
      // An output's name is that of the tensor that a layer makes.
      const std::string own =
          outputs_.contains(source.name) ? unused_name(source.name + "/value") : source.name;
      source.id = graph_.add_parameter(own, source.constant.type, source.constant.parameter);
    }
    return *source.id;
  }

  bool makes_output(const ::onnx::NodeProto& node) const {
    return std::any_of(node.output().begin(), node.output().end(),
                       [&](const std::string& name) { return outputs_.contains(name); });
  }

  bool reads_constants_only(const ::onnx::NodeProto& node) const {
    return std::all_of(node.input().begin(), node.input().end(), [&](const std::string& name) {
      return name.empty() || sources_[by_name_.at(name)].constant.parameter != nullptr;
    });
  }

  /// Adds a node in the form of an opset that the operators know.
  void add_in_form(const ::onnx::NodeProto& node) {
    if (file_opset_ >= kOldestComputedOpset || is_control_flow(node.op_type())) {
      add_node(node);
      return;
    }
    for (const ::onnx::NodeProto& newer : in_opset_7(node, file_opset_, *this)) {
      add_node(newer);
    }
  }

  /// Adds a layer, or a constant if it can be folded. A layer that makes an output always stays a
  /// layer, because the output's name must exist.
  void add_node(const ::onnx::NodeProto& node) {
    const std::string& op = node.op_type();
    if (is_control_flow(op)) {
      control_flow_.add(node);
    } else if (op == "Constant") {
      define(node.output(0), constant(read_constant(node)));
    } else if (op == "Shape" && !makes_output(node)) {
      define(node.output(0), extents(read_attributes(node), type(node.input(0)).shape));
    } else if (op == "Size" && !makes_output(node)) {
      const std::int64_t count = elements(type(node.input(0)).shape);
      define(node.output(0), constant(Tensor({}, std::span<const std::int64_t>(&count, 1))));
    } else if (op == "Identity" && !makes_output(node)) {
      const std::size_t source = by_name_.at(node.input(0));
      if (untie_ && sources_[source].constant.parameter != nullptr) {
        define(node.output(0), sources_[source].constant);
      } else {
        by_name_[node.output(0)] = source;
      }
    } else if (reads_constants_only(node) && !makes_output(node)) {
      fold_node(node);
    } else {
      add_layer(node);
    }
  }

  void fold_node(const ::onnx::NodeProto& node) {
    std::vector<Constant> inputs;
    for (const std::string& name : node.input()) {
      inputs.push_back(name.empty() ? Constant{} : sources_[by_name_.at(name)].constant);
    }
    ConstantLayer layer{node.op_type(), read_attributes(node), {}};
    for (const Constant& input : inputs) {
      layer.inputs.push_back(input.parameter);
    }
    const std::vector<std::string> names = output_names(node);
    std::vector<Constant> made = fold(*operators_.find(node.op_type()), read_attributes(node),
                                      opset_, std::move(inputs), names.size(), budget_);
    if (names.size() > made.size()) {
      throw std::invalid_argument(
          fmt::format("{} outputs are requested, {} are supported", names.size(), made.size()));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (constant_layers_ != nullptr) {
        constant_layers_->emplace(made[i].parameter, layer);
      }
      define(names[i], std::move(made[i]));
    }
  }

  void add_layer(const ::onnx::NodeProto& node) {
    Layer layer{.name = node.name(),
                .op_name = node.op_type(),
                .opset = opset_,
                .attributes = read_attributes(node)};
    for (const std::string& name : node.input()) {
      layer.inputs.push_back(id_of(name));
    }
    const std::vector<std::string> names = output_names(node);
    const LayerId id = ops::apply(graph_, operators_, std::move(layer), names);
    compare_with_onnx(graph_, id, node);
    for (std::size_t i = 0; i < names.size(); ++i) {
      define(names[i], graph_.layer(id).outputs[i]);
    }
  }

  /// Returns the node's outputs without the last ones that no layer reads, such as an old
  /// exporter's dropout mask. Two operators keep them, since they change the meaning: a
  /// BatchNormalization with statistics as outputs is in training, and a Split makes equal parts.
  std::vector<std::string> output_names(const ::onnx::NodeProto& node) const {
    std::vector<std::string> names(node.output().begin(), node.output().end());
    const bool all = node.op_type() == "BatchNormalization" || node.op_type() == "Split";
    while (names.size() > 1 && (names.back().empty() ? node.op_type() != "Split"
                                                     : !all && !read_.contains(names.back()))) {
      names.pop_back();
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) {
        names[i] = fmt::format("{}:{}", node.name(), i);
      }
    }
    return names;
  }

  [[noreturn]] static void refuse(const ::onnx::NodeProto& node, const std::string& why) {
    const std::string prefix = layer_text(node) + ": ";
    throw std::invalid_argument(why.starts_with(prefix) ? why : prefix + why);
  }

  Weights& weights_;
  bool untie_;                       // Each Identity of a constant is a parameter of its own.
  ConstantLayers* constant_layers_;  // May be null.
  int file_opset_;
  int opset_;  // The layers'.
  const Registry<ops::Operator>& operators_;
  Graph& graph_;
  FoldBudget budget_;
  ControlFlow control_flow_;
  std::vector<Source> sources_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::set<std::string> outputs_;  // The outputs of the model.
  std::set<std::string> read_;     // Tensors that a layer reads, or outputs of the model.
};

}  // namespace

void build_graph(::onnx::GraphProto& model, Weights& weights, int opset,
                 const Registry<ops::Operator>& operators, bool untie,
                 ConstantLayers* constant_layers, Graph& graph) {
  Builder builder(weights, opset, operators, untie, constant_layers, graph);
  builder.add_initialisers(model);
  builder.add_inputs(model);
  builder.add_nodes(model);
  builder.add_outputs(model);
}

}  // namespace offcut::onnx
