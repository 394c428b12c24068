#include "models/cost/layer_features.h"

#include <doctest/doctest.h>

#include "tests/models/exec/net.h"

namespace offcut::cost::layer_features_test {
namespace {

LayerFeatures features_of(const Graph& graph, const std::string& layer) {
  return layer_features(graph)[*graph.find_layer(layer)];
}

}  // namespace

TEST_CASE("layer features: a convolution, the layers after it, and a product") {
  exec::Net net;
  TensorId x = net.build.image(8, 10, 10);
  x = net.build.conv("conv", x, {.filters = 16, .kernel = 3, .stride = 2, .pad = 1, .groups = 2});
  x = net.build.relu("relu", net.batch_norm("norm", x));
  net.graph.add_output(net.build.dense("fc", net.build.flatten("flatten", x), 10));

  const LayerFeatures conv = features_of(net.graph, "conv");
  CHECK(conv.op == "Conv");
  CHECK(conv.follows.empty());
  CHECK(conv.feeds == "BatchNormalization");
  CHECK(conv.model_bytes == 4 * (16 * 36 + 16 + 4 * 16 + 400 * 10 + 10));
  CHECK(conv.macs == 16 * 25 * 9 * 4);
  CHECK(conv.input_channels == 8);
  CHECK(conv.output_channels == 16);
  CHECK(conv.output_places == 25);
  CHECK(conv.kernel_size == 9);
  CHECK(conv.stride == 4);
  CHECK(conv.groups == 2);
  CHECK(features_of(net.graph, "norm").follows == "Conv");
  CHECK(features_of(net.graph, "relu").follows == "BatchNormalization<Conv");

  const LayerFeatures fc = features_of(net.graph, "fc");
  CHECK(fc.op == "Gemm");
  CHECK(fc.input_channels == 400);
  CHECK(fc.output_channels == 10);
  CHECK(fc.output_places == 1);
  CHECK(fc.feeds.empty());
  CHECK(fc.parameter_bytes == 4 * (400 * 10 + 10));
}

TEST_CASE("layer features: a tensor with two readers, or an output, prevents fusion") {
  exec::Net net;
  const TensorId x = net.build.image(4, 6, 6);
  const TensorId y = net.build.conv("conv", x, {.filters = 4, .kernel = 1});
  const TensorId z = net.build.relu("relu", y);
  net.graph.add_output(net.build.add("sum", z, y));
  CHECK(features_of(net.graph, "relu").follows.empty());
  CHECK(features_of(net.graph, "sum").follows == "Relu");
  CHECK(features_of(net.graph, "conv").feeds == "Relu");
  CHECK(features_of(net.graph, "relu").feeds == "Add");

  exec::Net other;
  const TensorId made =
      other.build.conv("conv", other.build.image(4, 6, 6), {.filters = 4, .kernel = 1});
  other.graph.add_output(made);
  other.graph.add_output(other.build.relu("relu", made));
  CHECK(features_of(other.graph, "relu").follows.empty());
  CHECK(features_of(other.graph, "conv").feeds.empty());
}

TEST_CASE("layer features: at most two layers before, and the window of a pooling layer") {
  exec::Net net;
  TensorId x = net.build.image(8, 12, 12);
  x = net.build.conv("conv", x, {.filters = 6, .kernel = 1});
  x = net.build.relu("relu", net.batch_norm("norm", x));
  x = net.build.max_pool("pool", x, {.kernel = 3, .stride = 2});
  net.graph.add_output(x);
  const LayerFeatures pool = features_of(net.graph, "pool");
  CHECK(pool.follows == "Relu<BatchNormalization");
  CHECK(pool.kernel_size == 9);
  CHECK(pool.stride == 4);
  CHECK(pool.groups == 1);
  CHECK(pool.input_channels == 6);
  CHECK(pool.output_channels == 6);
  CHECK(pool.feeds.empty());
  CHECK(pool.activation_bytes == 4 * 6 * (144 + pool.output_places));
  const LayerFeatures relu = features_of(net.graph, "relu");
  CHECK(relu.kernel_size == 1);
  CHECK(relu.stride == 1);
  CHECK(relu.feeds == "MaxPool");
  CHECK(relu.output_places == 144);
}

}  // namespace offcut::cost::layer_features_test
