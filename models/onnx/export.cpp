// Writes a graph as an ONNX model. Parameters become initialisers, whose elements are in the model
// or, if they are large, in a data file beside it that WeightsWriter makes.
#include "models/onnx/export.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "models/graph/parameter_value.h"
#include "models/onnx/contributed.h"
#include "models/onnx/open_batch.h"
#include "models/onnx/opset.h"
#include "models/onnx/tensors.h"
#include "models/onnx/weights_writer.h"

namespace offcut::onnx {
namespace {

constexpr int kOpset = 13;  // The operator set of a graph without layers.

int opset_to_write(const Graph& graph) {
  std::set<int> opsets;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    if (layer.op == nullptr) {
      throw std::invalid_argument(
          fmt::format("layer '{}' comes from a table and has no math", layer.name));
    }
    opsets.insert(layer.opset);
  }
  if (opsets.size() > 1) {
    throw std::invalid_argument(
        fmt::format("the layers use operator sets {} to {}, but an ONNX file has only one",
                    *opsets.begin(), *opsets.rbegin()));
  }
  return opsets.empty() ? kOpset : *opsets.begin();
}

std::int64_t weight_bytes(const Graph& graph) {
  std::int64_t bytes = 0;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    bytes += graph.tensor(id).is_parameter() ? graph.tensor(id).type.bytes() : 0;
  }
  return bytes;
}

/// Shapes and other small parameters stay in the model, because runtimes read them before a run.
constexpr std::int64_t kSmall = 1024;

/// Sets the initialiser's elements, or lets `weights` write them if it is not null.
void place(const Tensor& tensor, WeightsWriter* weights, ::onnx::TensorProto& initialiser) {
  if (weights == nullptr || tensor.type().bytes() <= kSmall) {
    encode(tensor, initialiser);
  } else {
    weights->add(tensor, initialiser);
  }
}

void describe(const Graph& graph, TensorId id, const ExportOptions& options,
              ::onnx::ValueInfoProto& value) {
  const TensorNode& tensor = graph.tensor(id);
  const std::set<std::string>& halves = options.halves;
  value.set_name(tensor.name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(halves.contains(tensor.name) ? ::onnx::TensorProto::FLOAT16
                                                  : onnx_type(tensor.type.type));
  type.mutable_shape();  // A scalar has a shape, too.
  for (const std::int64_t extent : tensor.type.shape) {
    type.mutable_shape()->add_dim()->set_dim_value(extent);
  }
  if (options.batch_of_two != nullptr) {
    open_dimensions(tensor.type, options.batch_of_two->tensor(id).type, value);
  }
}

/// Sets the attribute's field for each kind of value.
struct WriteValue {
  ::onnx::AttributeProto& attribute;

  void operator()(std::int64_t value) const {
    attribute.set_type(::onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  void operator()(float value) const {
    attribute.set_type(::onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
  }
  void operator()(const std::string& value) const {
    attribute.set_type(::onnx::AttributeProto::STRING);
    attribute.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    attribute.set_type(::onnx::AttributeProto::INTS);
    attribute.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    attribute.set_type(::onnx::AttributeProto::FLOATS);
    attribute.mutable_floats()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<std::string>& values) const {
    attribute.set_type(::onnx::AttributeProto::STRINGS);
    for (const std::string& value : values) {
      attribute.add_strings(value);
    }
  }
  void operator()(const Tensor& value) const {
    attribute.set_type(::onnx::AttributeProto::TENSOR);
    encode(value, *attribute.mutable_t());
  }
};

void write_layer(const Graph& graph, const Layer& layer, ::onnx::NodeProto& node) {
  node.set_name(layer.name);
  set_operator(layer.op_name, node);
  for (const TensorId input : layer.inputs) {
    node.add_input(input == kAbsent ? "" : graph.tensor(input).name);
  }
  for (const TensorId output : layer.outputs) {
    node.add_output(graph.tensor(output).name);
  }
  for (const auto& [name, value] : layer.attributes) {
    ::onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    std::visit(WriteValue{attribute}, value);
  }
}

/// Turns a cast to float32 into one to float16 if its output is float16 in the file.
void cast_to_half(const std::set<std::string>& halves, ::onnx::NodeProto& node) {
  if (node.op_type() == "Cast" && halves.contains(node.output(0))) {
    node.mutable_attribute(0)->set_i(::onnx::TensorProto::FLOAT16);
  }
}

/// Adds an import for each domain beside ONNX's own; the only one has a single version.
void add_domains(::onnx::ModelProto& model) {
  std::set<std::string> domains;
  for (const ::onnx::NodeProto& node : model.graph().node()) {
    domains.insert(node.domain());
  }
  domains.erase("");
  for (const std::string& domain : domains) {
    ::onnx::OperatorSetIdProto& import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(1);
  }
}

::onnx::ModelProto model_of(const Graph& graph, const ExportOptions& options,
                            WeightsWriter* weights) {
  ::onnx::ModelProto model;
  const int opset = opset_to_write(graph);
  model.set_ir_version(ir_version_of(opset));
  model.set_producer_name("offcut");
  model.add_opset_import()->set_version(opset);
  ::onnx::GraphProto& nodes = *model.mutable_graph();
  nodes.set_name(graph.name());
  for (const TensorId id : graph.inputs()) {
    describe(graph, id, options, *nodes.add_input());
  }
  std::vector<TensorId> computed;
  if (options.batch_of_two != nullptr) {
    computed = add_batch_layers(graph, *options.batch_of_two, nodes);
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter() && !std::binary_search(computed.begin(), computed.end(), id)) {
      ::onnx::TensorProto& initialiser = *nodes.add_initializer();
      initialiser.set_name(tensor.name);
      place(parameter_value(tensor), weights, initialiser);
    }
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    ::onnx::NodeProto& node = *nodes.add_node();
    write_layer(graph, graph.layer(id), node);
    cast_to_half(options.halves, node);
  }
  add_domains(model);
  for (const TensorId id : graph.outputs()) {
    describe(graph, id, options, *nodes.add_output());
  }
  return model;
}

void write(const google::protobuf::MessageLite& message, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file || !message.SerializeToOstream(&file) || !file.flush()) {
    throw InputError(Place{path}, "cannot be written");
  }
}

}  // namespace

bool has_data_file(const Graph& graph, const ExportOptions& options) {
  return options.external_data || weight_bytes(graph) > options.most_bytes;
}

std::string data_file_of(const std::string& model) { return model + ".data"; }

void export_onnx(const Graph& graph, const std::string& path, const ExportOptions& options) {
  if (!has_data_file(graph, options)) {
    write(model_of(graph, options, nullptr), path);
    return;
  }
  WeightsWriter weights(data_file_of(path));
  const ::onnx::ModelProto model = model_of(graph, options, &weights);
  weights.finish();
  write(model, path);
}

std::uint64_t export_bytes(const Graph& graph, const std::string& path,
                           const ExportOptions& options) {
  if (!has_data_file(graph, options)) {
    return model_of(graph, options, nullptr).ByteSizeLong();
  }
  WeightsWriter weights(data_file_of(path), WeightsWriter::Mode::counts);
  const std::uint64_t bytes = model_of(graph, options, &weights).ByteSizeLong();
  return bytes + weights.bytes();
}

std::string export_onnx_bytes(const Graph& graph) {
  if (const std::int64_t bytes = weight_bytes(graph); bytes > kMostProtobufBytes) {
    throw std::invalid_argument(fmt::format(
        "the weights take {} bytes, but an ONNX file holds at most {}", bytes, kMostProtobufBytes));
  }
  return model_of(graph, {}, nullptr).SerializeAsString();
}

void write_tensor_pb(const Tensor& tensor, const std::string& name, const std::string& path) {
  ::onnx::TensorProto proto;
  proto.set_name(name);
  encode(tensor, proto);
  write(proto, path);
}

}  // namespace offcut::onnx
