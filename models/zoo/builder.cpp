#include "models/zoo/builder.h"

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "models/base/random.h"

namespace offcut {
namespace {

constexpr int kOpset = 13;

/// `shape` is the number of outputs, then what each of them reads.
Tensor draw_weights(const Shape& shape, double gain, RandomStream random) {
  Tensor tensor(TensorType{DataType::float32, shape});
  const double fan_in = static_cast<double>(tensor.size()) / static_cast<double>(shape.front());
  const auto deviation = static_cast<float>(gain * std::sqrt(2 / fan_in));
  boost::random::normal_distribution<float> normal(0, deviation);
  for (float& value : tensor.values<float>()) {
    value = normal(random);
  }
  return tensor;
}

void set_window(Attributes& attributes, NetworkBuilder::Extent kernel, std::int64_t stride,
                NetworkBuilder::Extent pad) {
  attributes.set("kernel_shape", std::vector<std::int64_t>{kernel.height, kernel.width});
  attributes.set("strides", std::vector<std::int64_t>{stride, stride});
  attributes.set("pads", std::vector<std::int64_t>{pad.height, pad.width, pad.height, pad.width});
}

}  // namespace

TensorId NetworkBuilder::image(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return graph_.add_input("image", {DataType::float32, {1, channels, height, width}},
                          DataType::uint8);
}

TensorId NetworkBuilder::features(std::int64_t count) {
  return graph_.add_input("features", {DataType::float32, {1, count}}, DataType::float32);
}

TensorId NetworkBuilder::conv(const std::string& name, TensorId x, const Convolution& how) {
  const std::int64_t channels = graph_.tensor(x).type.shape.at(1);
  const TensorId w = weight(
      name, {how.filters, channels / how.groups, how.kernel.height, how.kernel.width}, how.gain);
  Attributes attributes;
  set_window(attributes, how.kernel, how.stride, how.pad);
  attributes.set("group", how.groups);
  std::vector<TensorId> inputs = {x, w};
  if (how.bias) {
    inputs.push_back(constant(name + ".bias", {how.filters}, 0));
  }
  return layer("Conv", name, std::move(inputs), std::move(attributes));
}

TensorId NetworkBuilder::dense(const std::string& name, TensorId x, std::int64_t outputs) {
  const TensorId w = weight(name, {outputs, graph_.tensor(x).type.shape.at(1)}, 1);
  Attributes attributes;
  attributes.set("transB", std::int64_t{1});
  return layer("Gemm", name, {x, w, constant(name + ".bias", {outputs}, 0)}, std::move(attributes));
}

TensorId NetworkBuilder::relu(const std::string& name, TensorId x) {
  return layer("Relu", name, {x});
}

TensorId NetworkBuilder::relu6(const std::string& name, TensorId x) {
  return layer("Clip", name, {x, constant(name + ".min", {}, 0), constant(name + ".max", {}, 6)});
}

TensorId NetworkBuilder::leaky_relu(const std::string& name, TensorId x, float slope) {
  Attributes attributes;
  attributes.set("alpha", slope);
  return layer("LeakyRelu", name, {x}, std::move(attributes));
}

TensorId NetworkBuilder::silu(const std::string& name, TensorId x) {
  return mul(name, x, sigmoid(name + "_sigmoid", x));
}

TensorId NetworkBuilder::tanh(const std::string& name, TensorId x) {
  return layer("Tanh", name, {x});
}

TensorId NetworkBuilder::sigmoid(const std::string& name, TensorId x) {
  return layer("Sigmoid", name, {x});
}

TensorId NetworkBuilder::softmax(const std::string& name, TensorId x) {
  return layer("Softmax", name, {x});
}

TensorId NetworkBuilder::max_pool(const std::string& name, TensorId x, const Pooling& how) {
  return pool("MaxPool", name, x, how);
}

TensorId NetworkBuilder::average_pool(const std::string& name, TensorId x, const Pooling& how) {
  return pool("AveragePool", name, x, how);
}

TensorId NetworkBuilder::global_average_pool(const std::string& name, TensorId x) {
  return layer("GlobalAveragePool", name, {x});
}

TensorId NetworkBuilder::lrn(const std::string& name, TensorId x, const Normalization& how) {
  Attributes attributes;
  attributes.set("size", how.size);
  attributes.set("alpha", how.alpha);
  attributes.set("beta", how.beta);
  attributes.set("bias", how.bias);
  return layer("LRN", name, {x}, std::move(attributes));
}

TensorId NetworkBuilder::batch_norm(const std::string& name, TensorId x) {
  const Shape channels = {graph_.tensor(x).type.shape.at(1)};
  return layer("BatchNormalization", name,
               {x, constant(name + ".scale", channels, 1), constant(name + ".bias", channels, 0),
                constant(name + ".mean", channels, 0), constant(name + ".variance", channels, 1)});
}

TensorId NetworkBuilder::add(const std::string& name, TensorId a, TensorId b) {
  return layer("Add", name, {a, b});
}

TensorId NetworkBuilder::mul(const std::string& name, TensorId a, TensorId b) {
  return layer("Mul", name, {a, b});
}

TensorId NetworkBuilder::concat(const std::string& name, std::vector<TensorId> parts) {
  Attributes attributes;
  attributes.set("axis", std::int64_t{1});
  return layer("Concat", name, std::move(parts), std::move(attributes));
}

TensorId NetworkBuilder::reshape(const std::string& name, TensorId x, const Shape& shape) {
  const TensorType type{DataType::int64, {static_cast<std::int64_t>(shape.size())}};
  const TensorId to =
      graph_.add_parameter(name + ".shape", type, std::make_shared<Parameter>([type, shape] {
                             return Tensor(type.shape, std::span<const std::int64_t>(shape));
                           }));
  return layer("Reshape", name, {x, to});
}

TensorId NetworkBuilder::transpose(const std::string& name, TensorId x,
                                   std::vector<std::int64_t> order) {
  Attributes attributes;
  attributes.set("perm", std::move(order));
  return layer("Transpose", name, {x}, std::move(attributes));
}

TensorId NetworkBuilder::flatten(const std::string& name, TensorId x) {
  return layer("Flatten", name, {x});
}

TensorId NetworkBuilder::layer(const std::string& op, const std::string& name,
                               std::vector<TensorId> inputs, Attributes attributes) {
  const LayerId id = apply(graph_, operators_,
                           {.name = name,
                            .op_name = op,
                            .opset = kOpset,
                            .attributes = std::move(attributes),
                            .inputs = std::move(inputs)},
                           {name});
  return graph_.layer(id).outputs.front();
}

TensorId NetworkBuilder::pool(const std::string& op, const std::string& name, TensorId x,
                              const Pooling& how) {
  Attributes attributes;
  set_window(attributes, how.kernel, how.stride, how.pad);
  attributes.set("ceil_mode", std::int64_t{how.ceil});
  return layer(op, name, {x}, std::move(attributes));
}

TensorId NetworkBuilder::weight(const std::string& layer, Shape shape, double gain) {
  const std::string name = layer + ".weight";
  const std::string stream = graph_.name() + "/" + name;
  TensorType type{DataType::float32, shape};
  auto make = [shape = std::move(shape), gain, stream, seed = seed_] {
    return draw_weights(shape, gain, random_stream(seed, stream));
  };
  return graph_.add_parameter(name, std::move(type), std::make_shared<Parameter>(std::move(make)));
}

TensorId NetworkBuilder::constant(const std::string& name, Shape shape, float value) {
  TensorType type{DataType::float32, std::move(shape)};
  auto make = [type, value] {
    Tensor tensor(type);
    std::fill(tensor.values<float>().begin(), tensor.values<float>().end(), value);
    return tensor;
  };
  return graph_.add_parameter(name, type, std::make_shared<Parameter>(std::move(make)));
}

}  // namespace offcut
