#include "models/zoo/builder.h"

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

std::vector<std::int64_t> square(std::int64_t extent) { return {extent, extent}; }

void set_window(Attributes& attributes, std::int64_t kernel, std::int64_t stride,
                std::int64_t pad) {
  attributes.set("kernel_shape", square(kernel));
  attributes.set("strides", square(stride));
  attributes.set("pads", std::vector<std::int64_t>(4, pad));
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
  const TensorId w =
      weight(name, {how.filters, channels / how.groups, how.kernel, how.kernel}, how.gain);
  Attributes attributes;
  set_window(attributes, how.kernel, how.stride, how.pad);
  attributes.set("group", how.groups);
  return layer("Conv", name, {x, w, bias(name, how.filters)}, std::move(attributes));
}

TensorId NetworkBuilder::dense(const std::string& name, TensorId x, std::int64_t outputs) {
  const TensorId w = weight(name, {outputs, graph_.tensor(x).type.shape.at(1)}, 1);
  Attributes attributes;
  attributes.set("transB", std::int64_t{1});
  return layer("Gemm", name, {x, w, bias(name, outputs)}, std::move(attributes));
}

TensorId NetworkBuilder::relu(const std::string& name, TensorId x) {
  return layer("Relu", name, {x});
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

TensorId NetworkBuilder::add(const std::string& name, TensorId a, TensorId b) {
  return layer("Add", name, {a, b});
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

TensorId NetworkBuilder::bias(const std::string& layer, std::int64_t outputs) {
  const TensorType type{DataType::float32, {outputs}};
  return graph_.add_parameter(layer + ".bias", type,
                              std::make_shared<Parameter>([type] { return Tensor(type); }));
}

}  // namespace offcut
