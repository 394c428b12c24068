// ViT-B/16: Dosovitskiy et al., "An image is worth 16x16 words: transformers for image recognition
// at scale", ICLR 2021, table 1, as PyTorch's exporter writes Hugging Face's
// ViTForImageClassification, with a softmax after it: 196 patches and a token that stands for the
// class. 17,564 M multiply-accumulates, 86.57 M parameters.

#include <fmt/format.h>

#include "models/zoo/blocks/transformer.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr std::int64_t kImage = 224;
constexpr std::int64_t kPatch = 16;
constexpr std::int64_t kPatches = (kImage / kPatch) * (kImage / kPatch);
constexpr std::int64_t kVitB16Width = 768;
constexpr int kVitB16Layers = 12;

TensorId vit_b16_embeddings(NetworkBuilder& net, TensorId image) {
  TensorId x =
      net.conv("patches", image, {.filters = kVitB16Width, .kernel = kPatch, .stride = kPatch});
  x = net.reshape("patches_flat", x, {1, kVitB16Width, kPatches});
  x = net.transpose("patches_tokens", x, {0, 2, 1});
  x = net.concat("tokens", {net.drawn("class.weight", {1, 1, kVitB16Width}, 0, 1), x});
  return net.add("embedding", x,
                 net.drawn("position.weight", {1, kPatches + 1, kVitB16Width}, 0, 0.5));
}

Graph build_vit_b16(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("vit-b16");
  NetworkBuilder net(graph, operators, seed);
  const Transformer blocks = {.net = net,
                              .tokens = kPatches + 1,
                              .width = kVitB16Width,
                              .heads = 12,
                              .epsilon = 1e-12F,
                              .residual_gain = std::sqrt(1.0 / (2 * kVitB16Layers))};
  TensorId x = vit_b16_embeddings(net, net.image(3, kImage, kImage));
  for (int i = 1; i <= kVitB16Layers; ++i) {
    const std::string layer = fmt::format("layer{}", i);
    TensorId y = blocks.layer_norm(layer + "_attention_norm", x);
    x = net.add(layer + "_attention_sum", blocks.self_attention(layer, y), x);
    y = blocks.layer_norm(layer + "_norm", x);
    x = net.add(layer + "_sum", blocks.feed_forward(layer, y), x);
  }
  x = blocks.layer_norm("norm", x);
  x = blocks.first_token("first", x);
  x = net.dense("head", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_vit_b16(Registry<Network>& registry) {
  registry.add({.name = "vit-b16",
                .doc = "ViT-B/16, 3x224x224 to 1000 classes: 12 transformer layers on 16x16 "
                       "patches, 86.6 M weights",
                .source = "Dosovitskiy et al., ICLR 2021, table 1",
                .build = build_vit_b16});
}

}  // namespace offcut::zoo
