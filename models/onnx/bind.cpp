// Binds the dimensions of a model's inputs. An extent comes from the file, from the caller's
// bindings, or is 1 for the batch; all errors are reported together.
#include "models/onnx/bind.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <set>
#include <stdexcept>

#include "models/onnx/tensors.h"

namespace offcut::onnx {

bool has_extent(const ::onnx::TensorShapeProto_Dimension& dim) {
  return dim.has_dim_value() && dim.dim_value() >= 0;
}

namespace {

using Dimension = ::onnx::TensorShapeProto::Dimension;
using Extents = std::map<std::string, std::int64_t>;

bool has_shape(const ::onnx::ValueInfoProto& input) {
  return input.type().has_tensor_type() && input.type().tensor_type().has_shape();
}

/// Returns the name under which a dimension without an extent can be bound. Exporters write an
/// unknown extent as no value, as an empty name or as -1; its place names such a dimension.
std::string name_of(const ::onnx::ValueInfoProto& input, int axis) {
  const Dimension& dim = input.type().tensor_type().shape().dim(axis);
  return dim.has_dim_param() && !dim.dim_param().empty() ? dim.dim_param()
                                                         : fmt::format("{}:{}", input.name(), axis);
}

/// Returns the names of the inputs' dimensions; adds those of a first dimension to `batch`.
std::set<std::string> named_dimensions(const std::vector<::onnx::ValueInfoProto*>& inputs,
                                       std::int64_t batch_size, Extents& batch) {
  std::set<std::string> names;
  for (const ::onnx::ValueInfoProto* input : inputs) {
    const auto& dims = input->type().tensor_type().shape().dim();
    for (int axis = 0; axis < dims.size(); ++axis) {
      if (!has_extent(dims[axis])) {
        names.insert(name_of(*input, axis));
        if (axis == 0) {
          batch.emplace(name_of(*input, axis), batch_size);
        }
      }
    }
  }
  return names;
}

std::vector<std::string> check_bindings(const Extents& bind, const std::set<std::string>& names) {
  const std::vector<std::string> valid(names.begin(), names.end());
  std::vector<std::string> diagnostics;
  for (const auto& [name, extent] : bind) {
    if (!names.contains(name)) {
      diagnostics.push_back(
          fmt::format("no input has a dimension '{}' to bind{}", name, suggestion(name, valid)));
    } else if (extent < 1) {
      diagnostics.push_back(
          fmt::format("dimension '{}' is bound to {}; expected at least 1", name, extent));
    }
  }
  return diagnostics;
}

/// Returns the error, or an empty text.
std::string bind_dimension(Dimension& dim, int axis, const std::string& name,
                           const Extents& extents) {
  if (has_extent(dim)) {
    return "";
  }
  const auto extent = extents.find(name);
  if (extent == extents.end()) {
    return dim.has_dim_param() && !dim.dim_param().empty()
               ? fmt::format("dimension {} is '{}', which has no extent; bind it, as in {}=128",
                             axis, name, name)
               : fmt::format("dimension {} has no extent; bind it, as in {}=128", axis, name);
  }
  dim.set_dim_value(extent->second);
  return "";
}

void bind_one(::onnx::ValueInfoProto& input, const Extents& extents,
              std::vector<std::string>& diagnostics) {
  if (!has_shape(input)) {
    return;  // input_type() reports this error.
  }
  auto& dims = *input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim();
  for (int axis = 0; axis < dims.size(); ++axis) {
    const std::string name = name_of(input, axis);
    if (const std::string why = bind_dimension(dims[axis], axis, name, extents); !why.empty()) {
      diagnostics.push_back(fmt::format("input '{}': {}", input.name(), why));
    }
  }
}

}  // namespace

std::vector<::onnx::ValueInfoProto*> real_inputs(::onnx::GraphProto& graph) {
  std::set<std::string> initialisers;
  for (const auto& tensor : graph.initializer()) {
    initialisers.insert(tensor.name());
  }
  std::vector<::onnx::ValueInfoProto*> inputs;
  for (auto& input : *graph.mutable_input()) {
    if (!initialisers.contains(input.name())) {
      inputs.push_back(&input);
    }
  }
  return inputs;
}

std::vector<std::string> bind_dimensions(::onnx::GraphProto& graph, const ImportOptions& options) {
  const auto inputs = real_inputs(graph);
  Extents extents = options.bind;
  std::vector<std::string> diagnostics =
      check_bindings(options.bind, named_dimensions(inputs, options.batch, extents));
  for (::onnx::ValueInfoProto* input : inputs) {
    const std::size_t before = diagnostics.size();
    bind_one(*input, extents, diagnostics);
    if (diagnostics.size() == before) {
      try {
        input_type(*input);
      } catch (const std::invalid_argument& error) {
        diagnostics.emplace_back(error.what());
      }
    }
  }
  return diagnostics;
}

TensorType input_type(const ::onnx::ValueInfoProto& input) {
  try {
    if (!input.type().has_tensor_type()) {
      throw std::invalid_argument("is not a tensor");
    }
    if (!has_shape(input)) {
      throw std::invalid_argument("the model does not give its shape");
    }
    ::onnx::TensorProto proto;  // Used to check type and extents.
    proto.set_data_type(input.type().tensor_type().elem_type());
    for (const auto& dim : input.type().tensor_type().shape().dim()) {
      proto.add_dims(dim.dim_value());
    }
    return tensor_type(proto);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("input '{}': {}", input.name(), error.what()));
  }
}

}  // namespace offcut::onnx
