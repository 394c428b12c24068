// BERT base, uncased: Devlin, Chang, Lee, Toutanova, "BERT: pre-training of deep bidirectional
// transformers for language understanding", NAACL 2019, on 128 tokens, as PyTorch's exporter writes
// Hugging Face's BertModel. Inputs are ids, a mask (1 for tokens that count) and segments (0 or 1);
// outputs are the last layer's activations and the pooled first token's. The positions' embeddings
// are folded, so only the 128 rows that are read remain of the table's 512. 11,174 M
// multiply-accumulates, 109.19 M parameters.

#include <fmt/format.h>

#include <limits>

#include "models/zoo/blocks/transformer.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr std::int64_t kBertBaseTokens = 128;
constexpr std::int64_t kBertBasePositions = 512;
constexpr std::int64_t kBertBaseWidth = 768;
constexpr std::int64_t kBertBaseVocabulary = 30522;
constexpr std::int64_t kSegments = 2;
constexpr int kBertBaseLayers = 12;

/// Makes the mask that is added to scores: 0 for tokens that count, the lowest number for others.
TensorId score_mask(NetworkBuilder& net, TensorId mask) {
  constexpr std::int64_t kFloat = 1;  // ONNX's number of the type.
  TensorId x =
      net.layer("Unsqueeze", "mask_heads", {mask, net.integers("mask_heads.axes", {1}, {1})});
  x = net.layer("Unsqueeze", "mask_rows", {x, net.integers("mask_rows.axes", {1}, {2})});
  Attributes to;
  to.set("to", kFloat);
  x = net.layer("Cast", "mask_float", {x}, std::move(to));
  x = net.layer("Sub", "mask_inverse", {net.number("mask_inverse.one", 1), x});
  return net.mul("mask", x, net.number("mask.least", std::numeric_limits<float>::lowest()));
}

TensorId bert_base_embeddings(NetworkBuilder& net, const Transformer& blocks, TensorId ids,
                              TensorId segments) {
  TensorId x = net.embedding("word", ids, kBertBaseVocabulary, kBertBaseWidth);
  x = net.add("word_segment", x, net.embedding("segment", segments, kSegments, kBertBaseWidth));
  const double deviation = std::sqrt(2.0 / kBertBaseWidth);  // The deviation of the other two.
  x = net.add("embedding", x,
              net.drawn("position.weight", {1, blocks.tokens, kBertBaseWidth}, 0, deviation));
  return blocks.layer_norm("embedding_norm", x);
}

Graph build_bert_base(const Registry<ops::Operator>& operators, std::uint64_t seed,
                      std::int64_t tokens) {
  Graph graph("bert-base");
  NetworkBuilder net(graph, operators, seed);
  // With stronger branches, random weights make all tokens the same within a few layers.
  const Transformer blocks = {.net = net,
                              .tokens = tokens,
                              .width = kBertBaseWidth,
                              .heads = 12,
                              .epsilon = 1e-12F,
                              .residual_gain = std::sqrt(1.0 / (2 * kBertBaseLayers))};
  const TensorId ids = net.tokens("input_ids", tokens);
  const TensorId attended = net.tokens("attention_mask", tokens);
  const TensorId segments = net.tokens("token_type_ids", tokens);
  const TensorId mask = score_mask(net, attended);
  const auto add_mask = [&](const std::string& name, TensorId scores) {
    return net.add(name, scores, mask);
  };
  TensorId x = bert_base_embeddings(net, blocks, ids, segments);
  for (int i = 1; i <= kBertBaseLayers; ++i) {
    const std::string layer = fmt::format("layer{}", i);
    const TensorId y = blocks.self_attention(layer, x, add_mask);
    x = blocks.layer_norm(layer + "_attention_norm", net.add(layer + "_attention_sum", y, x));
    const TensorId z = blocks.feed_forward(layer, x);
    x = net.add(layer + "_sum", z, x);
    x = blocks.layer_norm(i == kBertBaseLayers ? "last_hidden_state" : layer + "_norm", x);
  }
  graph.add_output(x);
  x = blocks.first_token("first", x);
  graph.add_output(net.tanh("pooler_output", net.dense("pooler", x, kBertBaseWidth)));
  return graph;
}

}  // namespace

void register_bert_base(Registry<Network>& registry) {
  registry.add(
      {.name = "bert-base",
       .doc = "BERT base, 128 tokens to 768 numbers each, and to 768 for all: 12 "
              "transformer layers, 109 M weights",
       .source = "Devlin et al., NAACL 2019; Hugging Face's BertModel, exported",
       .build =
           [](const auto& operators, std::uint64_t seed) {
             return build_bert_base(operators, seed, kBertBaseTokens);
           },
       .open =
           OpenDimension{.name = "tokens", .usual = kBertBaseTokens, .most = kBertBasePositions},
       .build_for = build_bert_base});
}

}  // namespace offcut::zoo
