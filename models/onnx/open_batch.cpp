// Compares a graph with the same one for a batch of two. A list of int64 numbers that differs is
// written as first + (batch - 1) * (second - first), and a tensor that is repeated along an axis as
// an Expand. The batch is the extent of an input's dimension that is 1 in one graph and 2 in the
// other.
#include "models/onnx/open_batch.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <stdexcept>

#include "models/graph/parameter_value.h"
#include "models/onnx/tensors.h"
#include "models/ops/batches.h"

namespace offcut::onnx {
namespace {

constexpr std::int64_t kMostCompared = std::int64_t{16} << 20;  // Bytes.

bool is_batch(std::int64_t one, std::int64_t two) { return one == 1 && two == 2; }

/// A dimension whose extent is the batch.
struct BatchPlace {
  TensorId input;
  std::int64_t axis;
};

std::optional<BatchPlace> batch_place(const Graph& one, const Graph& two) {
  for (std::size_t i = 0; i < one.inputs().size(); ++i) {
    const Shape& a = one.tensor(one.inputs()[i]).type.shape;
    const Shape& b = two.tensor(two.inputs()[i]).type.shape;
    for (std::size_t axis = 0; axis < std::min(a.size(), b.size()); ++axis) {
      if (is_batch(a[axis], b[axis])) {
        return BatchPlace{one.inputs()[i], static_cast<std::int64_t>(axis)};
      }
    }
  }
  return std::nullopt;
}

bool have_equal_layers(const Graph& one, const Graph& two) {
  if (one.layer_count() != two.layer_count() || one.tensor_count() != two.tensor_count() ||
      one.inputs().size() != two.inputs().size()) {
    return false;
  }
  for (LayerId id = 0; id < one.layer_count(); ++id) {
    if (one.layer(id).name != two.layer(id).name) {
      return false;
    }
  }
  for (TensorId id = 0; id < one.tensor_count(); ++id) {
    const TensorNode& a = one.tensor(id);
    const TensorNode& b = two.tensor(id);
    if (a.name != b.name || a.is_parameter() != b.is_parameter() || a.type.type != b.type.type ||
        a.type.shape.size() != b.type.shape.size()) {
      return false;
    }
  }
  return true;
}

enum class Dependence { none, linear, repeated, other };

bool same_bytes(const Tensor& a, const Tensor& b) {
  return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

/// Returns whether `two` is `one` twice along the only axis in which they differ.
bool is_repeated(const Tensor& one, const Tensor& two) {
  std::size_t axis = one.shape().size();
  for (std::size_t i = 0; i < one.shape().size(); ++i) {
    if (one.shape()[i] == two.shape()[i]) {
      continue;
    }
    if (axis != one.shape().size() || !is_batch(one.shape()[i], two.shape()[i])) {
      return false;
    }
    axis = i;
  }
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < axis && axis < one.shape().size(); ++i) {
    outer *= one.shape()[i];
  }
  const std::size_t run =
      one.bytes().size() / static_cast<std::size_t>(std::max<std::int64_t>(1, outer));
  for (std::size_t i = 0; i < one.bytes().size(); i += std::max<std::size_t>(1, run)) {
    const auto part = one.bytes().subspan(i, run);
    for (const std::size_t copy : {2 * i, 2 * i + run}) {
      if (!std::equal(part.begin(), part.end(),
                      two.bytes().begin() + static_cast<std::ptrdiff_t>(copy))) {
        return false;
      }
    }
  }
  return axis < one.shape().size();
}

Dependence dependence_of(const TensorNode& one, const TensorNode& two) {
  if (one.type == two.type && one.type.bytes() > kMostCompared) {
    return Dependence::none;
  }
  const Tensor& a = parameter_value(one);
  const Tensor& b = parameter_value(two);
  if (one.type != two.type) {
    return is_repeated(a, b) ? Dependence::repeated : Dependence::other;
  }
  return same_bytes(a, b)                                                 ? Dependence::none
         : one.type.type == DataType::int64 && one.type.shape.size() <= 1 ? Dependence::linear
                                                                          : Dependence::other;
}

/// Adds nodes with unique names below that of a parameter.
class BatchLayers {
 public:
  BatchLayers(const std::string& input, std::int64_t axis, ::onnx::GraphProto& nodes)
      : nodes_(nodes) {
    const std::string shape = node("Shape", {input}, "batch/shape");
    batch_ = node("Gather", {shape, constant({}, std::vector{axis}, "batch/axis")}, "batch/extent");
  }

  /// Makes the numbers for any batch from those for one and for two.
  std::string linear(const Shape& shape, const std::vector<std::int64_t>& one,
                     const std::vector<std::int64_t>& two, const std::string& name) {
    std::vector<std::int64_t> slope(one.size());
    std::vector<std::int64_t> start(one.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      slope[i] = two[i] - one[i];
      start[i] = one[i] - slope[i];
    }
    const std::string grown =
        node("Mul", {batch_, constant(shape, slope, name + "/slope")}, name + "/grown");
    return node("Add", {grown, constant(shape, start, name + "/start")}, name);
  }

  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::string& output) {
    ::onnx::NodeProto& added = *nodes_.add_node();
    added.set_op_type(op);
    added.set_name(output + "/layer");
    for (const std::string& input : inputs) {
      added.add_input(input);
    }
    added.add_output(output);
    return output;
  }

  std::string initialiser(const Tensor& value, const std::string& name) {
    ::onnx::TensorProto& added = *nodes_.add_initializer();
    added.set_name(name);
    encode(value, added);
    return name;
  }

 private:
  std::string constant(const Shape& shape, const std::vector<std::int64_t>& values,
                       const std::string& name) {
    return initialiser(Tensor(shape, std::span<const std::int64_t>(values)), name);
  }

  ::onnx::GraphProto& nodes_;
  std::string batch_;
};

std::vector<std::int64_t> integers(const Tensor& tensor) {
  const auto values = tensor.values<std::int64_t>();
  return {values.begin(), values.end()};
}

}  // namespace

BatchPair batch_pair(const Graph& graph, const Registry<ops::Operator>& operators) {
  BatchPair pair{.one = graph, .two = std::nullopt};
  try {
    pair.one = ops::in_batches(graph, 1, operators);  // With the same numbers of tensors.
    pair.two = ops::in_batches(graph, 2, operators);
    if (!reason_fixed(pair.one, *pair.two).empty()) {
      pair.two.reset();
    }
  } catch (const std::invalid_argument&) {  // It is made for one batch size.
    pair.two.reset();
  }
  return pair;
}

std::string reason_fixed(const Graph& one, const Graph& two) {
  if (!have_equal_layers(one, two)) {
    return "a batch of two has other layers";
  }
  for (const auto& ends : {one.inputs(), one.outputs()}) {
    for (const TensorId id : ends) {
      const Shape& a = one.tensor(id).type.shape;
      const Shape& b = two.tensor(id).type.shape;
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && !is_batch(a[i], b[i])) {
          return fmt::format("dimension {} of '{}' grows from {} to {} with the batch", i,
                             one.tensor(id).name, a[i], b[i]);
        }
      }
    }
  }
  bool depends = false;
  for (TensorId id = 0; id < one.tensor_count(); ++id) {
    if (!one.tensor(id).is_parameter()) {
      continue;
    }
    const Dependence dependence = dependence_of(one.tensor(id), two.tensor(id));
    if (dependence == Dependence::other) {
      return fmt::format("the constant '{}' depends on the batch", one.tensor(id).name);
    }
    depends = depends || dependence != Dependence::none;
  }
  return depends && !batch_place(one, two) ? "no input has the batch as a dimension" : "";
}

void open_dimensions(const TensorType& one, const TensorType& two, ::onnx::ValueInfoProto& value) {
  auto& dims = *value.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim();
  for (std::size_t i = 0; i < one.shape.size(); ++i) {
    if (is_batch(one.shape[i], two.shape[i])) {
      dims[static_cast<int>(i)].set_dim_param("batch");
    }
  }
}

std::vector<TensorId> add_batch_layers(const Graph& one, const Graph& two,
                                       ::onnx::GraphProto& nodes) {
  std::vector<TensorId> made;
  std::optional<BatchLayers> layers;
  for (TensorId id = 0; id < one.tensor_count(); ++id) {
    const TensorNode& a = one.tensor(id);
    const TensorNode& b = two.tensor(id);
    const Dependence dependence = a.is_parameter() ? dependence_of(a, b) : Dependence::none;
    if (dependence == Dependence::none) {
      continue;
    }
    if (!layers) {
      const BatchPlace place = batch_place(one, two).value();
      layers.emplace(one.tensor(place.input).name, place.axis, nodes);
    }
    const Tensor& value = parameter_value(a);
    if (dependence == Dependence::linear) {
      layers->linear(a.type.shape, integers(value), integers(parameter_value(b)), a.name);
    } else {
      const std::string shape = layers->linear({static_cast<std::int64_t>(a.type.shape.size())},
                                               a.type.shape, b.type.shape, a.name + "/shape");
      layers->node("Expand", {layers->initialiser(value, a.name + "/one"), shape}, a.name);
    }
    made.push_back(id);
  }
  return made;
}

}  // namespace offcut::onnx
