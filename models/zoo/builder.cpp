// Adds layers to a graph through their operators, as the ONNX import does, so shapes are inferred
// and checked. Weights are drawn from random streams of their own when math first needs them.

#include "models/zoo/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "models/base/random.h"

namespace offcut::zoo {
namespace {

constexpr double kBiasDeviation = 0.1;  // Visible in the results, and small compared to the sums.
constexpr int kOpset = 14;              // The first opset with HardSwish.

Tensor draw(const Shape& shape, float mean, float deviation, RandomStream random) {
  Tensor tensor(TensorType{DataType::float32, shape});
  boost::random::normal_distribution<float> normal(mean, deviation);
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

TensorId NetworkBuilder::tokens(const std::string& name, std::int64_t count) {
  return graph_.add_input(name, {DataType::int64, {1, count}}, DataType::int64);
}

TensorId NetworkBuilder::conv(const std::string& name, TensorId x, const Convolution& convolution) {
  const std::int64_t channels = graph_.tensor(x).type.shape.at(1);
  const std::int64_t reads = channels / convolution.groups;
  const TensorId w = weight(
      name, {convolution.filters, reads, convolution.kernel.height, convolution.kernel.width},
      reads * convolution.kernel.height * convolution.kernel.width, convolution.gain);
  Attributes attributes;
  set_window(attributes, convolution.kernel, convolution.stride, convolution.pad);
  attributes.set("group", convolution.groups);
  std::vector<TensorId> inputs = {x, w};
  if (convolution.bias) {
    inputs.push_back(constant(name + ".bias", {convolution.filters}, 0));
  }
  return layer("Conv", name, std::move(inputs), std::move(attributes));
}

TensorId NetworkBuilder::up_conv(const std::string& name, TensorId x, std::int64_t filters,
                                 std::int64_t stride) {
  const std::int64_t channels = graph_.tensor(x).type.shape.at(1);
  const double gain = std::sqrt(0.5);  // No ReLU halves this layer's output.
  Attributes attributes;
  set_window(attributes, stride, stride, 0);
  return layer("ConvTranspose", name,
               {x, weight(name, {channels, filters, stride, stride}, channels, gain),
                constant(name + ".bias", {filters}, 0)},
               std::move(attributes));
}

TensorId NetworkBuilder::upsample(const std::string& name, TensorId x, float times) {
  Attributes attributes;
  attributes.set("mode", "nearest");
  attributes.set("coordinate_transformation_mode", "asymmetric");
  attributes.set("nearest_mode", "floor");
  return layer("Resize", name, {x, kAbsent, numbers(name + ".scales", {1, 1, times, times})},
               std::move(attributes));
}

TensorId NetworkBuilder::dense(const std::string& name, TensorId x, std::int64_t outputs) {
  const std::int64_t reads = graph_.tensor(x).type.shape.at(1);
  const TensorId w = weight(name, {outputs, reads}, reads, 1);
  Attributes attributes;
  attributes.set("transB", std::int64_t{1});
  return layer("Gemm", name, {x, w, constant(name + ".bias", {outputs}, 0)}, std::move(attributes));
}

TensorId NetworkBuilder::linear(const std::string& name, TensorId x, std::int64_t outputs,
                                double gain) {
  const std::int64_t reads = graph_.tensor(x).type.shape.back();
  const TensorId product =
      layer("MatMul", name + "_product", {x, weight(name, {reads, outputs}, reads, gain)});
  return add(name, drawn(name + ".bias", {outputs}, 0, kBiasDeviation), product);
}

TensorId NetworkBuilder::matrix(const std::string& name, TensorId x, std::int64_t outputs,
                                double gain) {
  const std::int64_t reads = graph_.tensor(x).type.shape.back();
  return layer("Gemm", name,
               {x, weight(name, {reads, outputs}, reads, gain),
                drawn(name + ".bias", {outputs}, 0, kBiasDeviation)});
}

TensorId NetworkBuilder::embedding(const std::string& name, TensorId x, std::int64_t rows,
                                   std::int64_t width) {
  return layer("Gather", name, {weight(name, {rows, width}, width, 1), x});
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

TensorId NetworkBuilder::hard_swish(const std::string& name, TensorId x) {
  return layer("HardSwish", name, {x});
}

TensorId NetworkBuilder::hard_sigmoid(const std::string& name, TensorId x) {
  Attributes attributes;
  attributes.set("alpha", 1.0F / 6);
  return layer("HardSigmoid", name, {x}, std::move(attributes));
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

TensorId NetworkBuilder::max_pool(const std::string& name, TensorId x, const Pooling& pooling) {
  return pool("MaxPool", name, x, pooling);
}

TensorId NetworkBuilder::average_pool(const std::string& name, TensorId x, const Pooling& pooling) {
  return pool("AveragePool", name, x, pooling);
}

TensorId NetworkBuilder::global_average_pool(const std::string& name, TensorId x) {
  return layer("GlobalAveragePool", name, {x});
}

TensorId NetworkBuilder::lrn(const std::string& name, TensorId x,
                             const Normalization& normalization) {
  Attributes attributes;
  attributes.set("size", normalization.size);
  attributes.set("alpha", normalization.alpha);
  attributes.set("beta", normalization.beta);
  attributes.set("bias", normalization.bias);
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
  const auto axes = static_cast<std::int64_t>(shape.size());
  return layer("Reshape", name, {x, integers(name + ".shape", {axes}, shape)});
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
  return add_layer(op, name, std::move(inputs), std::move(attributes), {name}).front();
}

std::vector<TensorId> NetworkBuilder::layers(const std::string& op, const std::string& name,
                                             std::vector<TensorId> inputs, Attributes attributes,
                                             std::size_t outputs) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs; ++i) {
    names.push_back(fmt::format("{}_{}", name, i));
  }
  return add_layer(op, name, std::move(inputs), std::move(attributes), std::move(names));
}

std::vector<TensorId> NetworkBuilder::add_layer(const std::string& op, const std::string& name,
                                                std::vector<TensorId> inputs, Attributes attributes,
                                                std::vector<std::string> outputs) {
  const LayerId id = ops::apply(graph_, operators_,
                                {.name = name,
                                 .op_name = op,
                                 .opset = kOpset,
                                 .attributes = std::move(attributes),
                                 .inputs = std::move(inputs)},
                                std::move(outputs));
  return graph_.layer(id).outputs;
}

TensorId NetworkBuilder::pool(const std::string& op, const std::string& name, TensorId x,
                              const Pooling& pooling) {
  Attributes attributes;
  set_window(attributes, pooling.kernel, pooling.stride, pooling.pad);
  attributes.set("ceil_mode", std::int64_t{pooling.ceil});
  return layer(op, name, {x}, std::move(attributes));
}

TensorId NetworkBuilder::number(const std::string& name, float value) {
  return constant(name, {}, value);
}

TensorId NetworkBuilder::numbers(const std::string& name, std::vector<float> values) {
  const TensorType type{DataType::float32, {static_cast<std::int64_t>(values.size())}};
  return graph_.add_parameter(name, type,
                              std::make_shared<Parameter>([type, values = std::move(values)] {
                                return Tensor(type.shape, std::span<const float>(values));
                              }));
}

TensorId NetworkBuilder::integers(const std::string& name, const Shape& shape,
                                  std::vector<std::int64_t> values) {
  return graph_.add_parameter(name, {DataType::int64, shape},
                              std::make_shared<Parameter>([shape, values = std::move(values)] {
                                return Tensor(shape, std::span<const std::int64_t>(values));
                              }));
}

TensorId NetworkBuilder::drawn(const std::string& name, Shape shape, float mean, double deviation) {
  const std::string stream = graph_.name() + "/" + name;
  TensorType type{DataType::float32, shape};
  auto make = [shape = std::move(shape), mean, deviation, stream, seed = seed_] {
    return draw(shape, mean, static_cast<float>(deviation), random_stream(seed, stream));
  };
  return graph_.add_parameter(name, std::move(type), std::make_shared<Parameter>(std::move(make)));
}

TensorId NetworkBuilder::weight(const std::string& layer, Shape shape, std::int64_t fan_in,
                                double gain) {
  return drawn(layer + ".weight", std::move(shape), 0,
               gain * std::sqrt(2 / static_cast<double>(fan_in)));
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

}  // namespace offcut::zoo
