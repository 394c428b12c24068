// GPT-2 small: Radford, Wu, Child, Luan, Amodei, Sutskever, "Language models are unsupervised
// multitask learners", 2019, one pass over 64 tokens without a cache, as PyTorch's exporter writes
// Hugging Face's GPT2LMHeadModel with its positions as an input. The output is the logits of all
// tokens. The last product reads the table of the words' embeddings, as in the network's
// definition; the exporter would store the table's transpose as well, 38.6 M numbers more. 7,981 M
// multiply-accumulates, 124.44 M parameters.

#include <fmt/format.h>

#include <limits>

#include "models/zoo/blocks/transformer.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr std::int64_t kGpt2Tokens = 64;
constexpr std::int64_t kPositions = 1024;  // The length of the longest text.
constexpr std::int64_t kGpt2Width = 768;
constexpr std::int64_t kGpt2Vocabulary = 50257;
constexpr int kGpt2Layers = 12;

/// Adds the causal mask: a token sees itself and earlier ones.
TensorId add_causal_mask(Graph& graph, std::int64_t tokens) {
  const TensorType type{DataType::boolean, {1, 1, tokens, tokens}};
  return graph.add_parameter("causal", type, std::make_shared<Parameter>([type, tokens] {
                               Tensor mask(type);
                               const auto sees = mask.values<bool>();
                               for (std::int64_t i = 0; i < mask.size(); ++i) {
                                 const auto place = static_cast<std::size_t>(i);
                                 sees[place] = i % tokens <= i / tokens;
                               }
                               return mask;
                             }));
}

/// Adds x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))), which is close to GELU.
TensorId tanh_gelu(NetworkBuilder& net, const std::string& name, TensorId x) {
  constexpr float kRoot = 0.79788456F;
  const TensorId half = net.mul(name + "_half", x, net.number(name + ".half", 0.5F));
  TensorId y = net.layer("Pow", name + "_cube", {x, net.number(name + ".power", 3)});
  y = net.mul(name + "_small", y, net.number(name + ".factor", 0.044715F));
  y = net.add(name + "_sum", x, y);
  y = net.mul(name + "_inner", y, net.number(name + ".root", kRoot));
  y = net.tanh(name + "_tanh", y);
  y = net.add(name + "_plus", y, net.number(name + ".one", 1));
  return net.mul(name, half, y);
}

struct Decoder {
  NetworkBuilder& net;
  Transformer blocks;
  TensorId causal;

  /// Adds Hugging Face's Conv1D: a product of matrices, with weights stored as inputs x outputs.
  TensorId dense(const std::string& name, TensorId x, std::int64_t reads, std::int64_t outputs,
                 double gain = 1) const {
    x = net.reshape(name + "_rows", x, {-1, reads});
    x = net.matrix(name + "_product", x, outputs, gain);
    return net.reshape(name, x, {1, blocks.tokens, outputs});
  }

  TensorId self_attention(const std::string& name, TensorId x) const {
    x = dense(name + "_qkv", x, kGpt2Width, 3 * kGpt2Width);
    Attributes axis;
    axis.set("axis", std::int64_t{2});
    const TensorId sizes =
        net.integers(name + "_split.sizes", {3}, {kGpt2Width, kGpt2Width, kGpt2Width});
    const auto qkv = net.layers("Split", name + "_split", {x, sizes}, std::move(axis), 3);
    const auto mask = [&](const std::string& masked, TensorId scores) {
      constexpr float kLowest = std::numeric_limits<float>::lowest();
      return net.layer("Where", masked, {causal, scores, net.number(masked + ".least", kLowest)});
    };
    x = blocks.attention(name + "_attention", qkv.at(0), qkv.at(1), qkv.at(2), mask);
    return dense(name + "_projection", x, kGpt2Width, kGpt2Width, blocks.residual_gain);
  }

  TensorId feed_forward(const std::string& name, TensorId x) const {
    x = dense(name + "_expand", x, kGpt2Width, 4 * kGpt2Width);
    x = tanh_gelu(net, name + "_gelu", x);
    return dense(name + "_contract", x, 4 * kGpt2Width, kGpt2Width, blocks.residual_gain);
  }

  TensorId operator()(const std::string& name, TensorId x) const {
    TensorId y = blocks.layer_norm(name + "_attention_norm", x);
    x = net.add(name + "_attention_sum", self_attention(name, y), x);
    y = blocks.layer_norm(name + "_norm", x);
    return net.add(name + "_sum", x, feed_forward(name, y));
  }
};

TensorId gpt2_embeddings(NetworkBuilder& net, std::int64_t tokens, TensorId ids,
                         TensorId positions) {
  ids = net.reshape("input_ids_rows", ids, {-1, tokens});
  positions = net.reshape("position_ids_rows", positions, {-1, tokens});
  const TensorId words = net.embedding("word", ids, kGpt2Vocabulary, kGpt2Width);
  return net.add("embedding", words, net.embedding("position", positions, kPositions, kGpt2Width));
}

Graph build_gpt2(const Registry<ops::Operator>& operators, std::uint64_t seed,
                 std::int64_t tokens) {
  Graph graph("gpt2");
  NetworkBuilder net(graph, operators, seed);
  const Transformer blocks = {.net = net,
                              .tokens = tokens,
                              .width = kGpt2Width,
                              .heads = 12,
                              .epsilon = 1e-5F,
                              .residual_gain = std::sqrt(1.0 / (2 * kGpt2Layers))};
  const TensorId ids = net.tokens("input_ids", tokens);
  const TensorId positions = net.tokens("position_ids", tokens);
  const Decoder decoder = {.net = net, .blocks = blocks, .causal = add_causal_mask(graph, tokens)};
  TensorId x = gpt2_embeddings(net, tokens, ids, positions);
  for (int i = 1; i <= kGpt2Layers; ++i) {
    x = decoder(fmt::format("layer{}", i), x);
  }
  x = blocks.layer_norm("norm", x);
  x = net.reshape("head_rows", x, {-1, kGpt2Width});
  Attributes transposed;
  transposed.set("transB", std::int64_t{1});
  const TensorId table = graph.find_tensor("word.weight").value();
  x = net.layer("Gemm", "head", {x, table}, std::move(transposed));
  graph.add_output(net.reshape("logits", x, {1, tokens, kGpt2Vocabulary}));
  return graph;
}

}  // namespace

void register_gpt2(Registry<Network>& registry) {
  registry.add(
      {.name = "gpt2",
       .doc = "GPT-2 small, one pass over 64 tokens to 50257 logits each: 12 transformer "
              "layers with causal attention, 124 M weights",
       .source = "Radford et al., 2019; Hugging Face's GPT2LMHeadModel, exported",
       .build = [](const auto& operators,
                   std::uint64_t seed) { return build_gpt2(operators, seed, kGpt2Tokens); },
       .open = OpenDimension{.name = "tokens", .usual = kGpt2Tokens, .most = kPositions},
       .build_for = build_gpt2});
}

}  // namespace offcut::zoo
