#include "tests/train/networks.h"

#include "models/onnx/import.h"
#include "models/zoo/builder.h"
#include "models/zoo/network.h"
#include "tests/paths.h"

namespace offcut::train {
namespace {

using zoo::NetworkBuilder;

Graph lenet() {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  return networks.find("lenet5")->build(all_operators(), 1);
}

TensorId conv_norm(NetworkBuilder& net, const std::string& name, TensorId x,
                   NetworkBuilder::Convolution convolution) {
  convolution.bias = false;
  return net.batch_norm(name + "_bn", net.conv(name, x, convolution));
}

/// Two residual blocks, the second of which halves the image and has a projection.
Graph residual() {
  Graph graph("residual");
  NetworkBuilder net(graph, all_operators(), 1);
  TensorId x = net.image(3, 16, 16);
  x = net.relu("relu1", conv_norm(net, "conv1", x, {.filters = 8, .kernel = 3, .pad = 1}));
  TensorId y = net.relu("relu2", conv_norm(net, "conv2", x, {.filters = 8, .kernel = 3, .pad = 1}));
  y = conv_norm(net, "conv3", y, {.filters = 8, .kernel = 3, .pad = 1});
  x = net.relu("relu3", net.add("sum1", x, y));
  y = net.relu("relu4",
               conv_norm(net, "conv4", x, {.filters = 16, .kernel = 3, .stride = 2, .pad = 1}));
  y = conv_norm(net, "conv5", y, {.filters = 16, .kernel = 3, .pad = 1});
  x = conv_norm(net, "conv6", x, {.filters = 16, .kernel = 1, .stride = 2});
  x = net.relu("relu5", net.add("sum2", x, y));
  x = net.flatten("flatten", net.global_average_pool("pool", x));
  graph.add_output(net.softmax("prob", net.dense("fc", x, 10)));
  return graph;
}

TensorId layer_norm(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t width) {
  return net.layer(
      "LayerNormalization", name,
      {x, net.drawn(name + ".scale", {width}, 1, 0.1), net.drawn(name + ".bias", {width}, 0, 0.1)});
}

constexpr std::int64_t kTokens = 8;
constexpr std::int64_t kWidth = 16;

/// Attention with two heads.
TensorId attention(NetworkBuilder& net, TensorId x) {
  const auto heads = [&](const std::string& name, std::vector<std::int64_t> order) {
    const TensorId y = net.linear(name, x, kWidth);
    return net.transpose(name + "_heads", net.reshape(name + "_split", y, {0, kTokens, 2, 8}),
                         std::move(order));
  };
  const TensorId query = heads("query", {0, 2, 1, 3});
  const TensorId key = heads("key", {0, 2, 3, 1});
  const TensorId value = heads("value", {0, 2, 1, 3});
  TensorId y = net.layer("MatMul", "scores", {query, key});
  y = net.layer("Div", "scaled", {y, net.number("scale", 2.828427F)});
  y = net.layer("MatMul", "context", {net.softmax("attention", y), value});
  y = net.reshape("merged", net.transpose("tokens", y, {0, 2, 1, 3}), {0, kTokens, kWidth});
  return net.linear("projection", y, kWidth);
}

/// One block of a transformer on eight tokens, and the mean of its tokens.
Graph transformer() {
  Graph graph("transformer");
  NetworkBuilder net(graph, all_operators(), 1);
  TensorId x = net.embedding("table", net.tokens("words", kTokens), 20, kWidth);
  x = net.add("sum1", x, attention(net, layer_norm(net, "norm1", x, kWidth)));
  TensorId y = net.linear("expand", layer_norm(net, "norm2", x, kWidth), 4 * kWidth);
  const TensorId half = net.mul("half", y, net.number("one_half", 0.5F));
  y = net.layer("Erf", "erf", {net.layer("Div", "root", {y, net.number("root_two", 1.4142135F)})});
  y = net.mul("gelu", half, net.add("more", y, net.number("one", 1)));
  x = net.add("sum2", x, net.linear("contract", y, kWidth));
  Attributes attributes;
  attributes.set("axes", std::vector<std::int64_t>{1});
  attributes.set("keepdims", std::int64_t{0});
  x = net.layer("ReduceMean", "mean", {x}, attributes);
  graph.add_output(net.softmax("prob", net.dense("fc", x, 5)));
  return graph;
}

/// Eight tokens through a recurrent layer, whose last state says the class.
Graph recurrent(const std::string& op, std::int64_t gates) {
  Graph graph(op);
  NetworkBuilder net(graph, all_operators(), 1);
  const TensorId x = net.embedding("table", net.tokens("words", kTokens), 20, kWidth);
  Attributes attributes;
  attributes.set("hidden_size", kWidth);
  attributes.set("layout", std::int64_t{1});
  if (op == "GRU") {
    attributes.set("linear_before_reset", std::int64_t{1});  // As PyTorch does.
  }
  const auto outputs = net.layers(op, "cell",
                                  {x, net.drawn("cell.W", {1, gates * kWidth, kWidth}, 0, 0.1),
                                   net.drawn("cell.R", {1, gates * kWidth, kWidth}, 0, 0.1),
                                   net.drawn("cell.B", {1, 2 * gates * kWidth}, 0, 0.1)},
                                  attributes, 2);
  graph.add_output(net.softmax("prob", net.dense("fc", net.flatten("flatten", outputs[1]), 5)));
  return graph;
}

}  // namespace

const Registry<ops::Operator>& all_operators() {
  static const Registry<ops::Operator> registry = [] {
    Registry<ops::Operator> filled;
    ops::register_operators(filled);
    return filled;
  }();
  return registry;
}

std::vector<ComparedNetwork> compared_networks() {
  return {{.name = "lenet5", .build = lenet, .optimizer = "adam", .rate = 0.001},
          {.name = "digits",
           .build =
               [] {
                 return onnx::import_onnx(source_path("models/data/digits/digits_cnn.onnx"),
                                          all_operators());
               },
           .optimizer = "momentum",
           .rate = 0.01,
           .from_file = true},
          {.name = "residual",
           .build = residual,
           .optimizer = "nesterov",
           .rate = 0.02,
           .decay = 0.0005},
          {.name = "transformer",
           .build = transformer,
           .optimizer = "adamw",
           .rate = 0.003,
           .decay = 0.01,
           .clip = 1,
           .classes = 5,
           .tokens = 20},
          {.name = "lstm",
           .build = [] { return recurrent("LSTM", 4); },
           .optimizer = "adam",
           .rate = 0.01,
           .classes = 5,
           .tokens = 20},
          {.name = "gru",
           .build = [] { return recurrent("GRU", 3); },
           .optimizer = "sgd",
           .rate = 0.5,
           .clip = 1,
           .classes = 5,
           .tokens = 20}};
}

}  // namespace offcut::train
