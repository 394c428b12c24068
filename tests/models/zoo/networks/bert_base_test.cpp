#include <cmath>

#include "tests/models/zoo/checks.h"

namespace offcut::zoo::bert_base_test {
namespace {

constexpr std::size_t kTokens = 128;
constexpr std::size_t kWidth = 768;

TensorId named(const Graph& graph, const std::string& name) {
  return graph.find_tensor(name).value();
}

Tensor numbers(const Graph& graph, const std::string& input,
               const std::function<std::int64_t(std::size_t)>& number) {
  Tensor tensor(type_of(graph, input));
  for (std::size_t i = 0; i < kTokens; ++i) {
    tensor.values<std::int64_t>()[i] = number(i);
  }
  return tensor;
}

/// Returns the last layer's activations for ids, of which the first `attended` count.
Tensor hidden_state(const Graph& graph, std::size_t attended,
                    const std::function<std::int64_t(std::size_t)>& id) {
  const auto outputs = exec::run(
      graph, exec::whole(graph),
      {{named(graph, "input_ids"), numbers(graph, "input_ids", id)},
       {named(graph, "attention_mask"),
        numbers(graph, "attention_mask", [&](std::size_t i) { return i < attended ? 1 : 0; })},
       {named(graph, "token_type_ids"),
        numbers(graph, "token_type_ids", [](std::size_t) { return 0; })}});
  return outputs.at(named(graph, "last_hidden_state"));
}

std::int64_t some_id(std::size_t i) { return static_cast<std::int64_t>(i * 239 % 30522); }

/// Returns the cosine between two tokens' activations.
double cosine(std::span<const float> all, std::size_t a, std::size_t b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < kWidth; ++i) {
    const double x = all[a * kWidth + i];
    const double y = all[b * kWidth + i];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

}  // namespace

TEST_CASE("bert-base: work and weights") {
  // With n = 128 tokens, d = 768 and 4 d between: 12 (4 n d^2 + 2 n^2 d + 8 n d^2) = 11173.6 M MAC.
  // 109.48 M parameters, 384 * d = 0.29 M of which are positions that 128 tokens don't read.
  const Zoo zoo;
  check_work(zoo.build("bert-base"), 11173.6e6, 109.48e6);
}

TEST_CASE("bert-base: three inputs of ids, two outputs") {
  const Zoo zoo;
  const Graph graph = zoo.build("bert-base");
  REQUIRE(graph.inputs().size() == 3);
  CHECK(graph.tensor(graph.inputs()[0]).name == "input_ids");
  CHECK(graph.tensor(graph.inputs()[1]).name == "attention_mask");
  CHECK(graph.tensor(graph.inputs()[2]).name == "token_type_ids");
  CHECK(rows_read_by(graph, graph.inputs()[0]) == 30522);
  CHECK(rows_read_by(graph, graph.inputs()[1]) == 0);
  CHECK(rows_read_by(graph, graph.inputs()[2]) == 2);
  CHECK(type_of(graph, "layer1_attention_scores").shape == Shape{1, 12, 128, 128});
  CHECK(type_of(graph, "layer12_gelu").shape == Shape{1, 128, 3072});
  CHECK(type_of(graph, "last_hidden_state").shape == Shape{1, 128, 768});
  CHECK(type_of(graph, "pooler_output").shape == Shape{1, 768});
}

TEST_CASE("bert-base: activations neither explode nor become the same for all tokens" *
          doctest::test_suite("slow")) {
  const Zoo zoo;
  const Graph graph = zoo.build("bert-base");
  for (const std::vector<float>& y : answers(graph)) {
    REQUIRE(all_finite(y));
  }
  const Tensor y = hidden_state(graph, kTokens, some_id);
  for (const std::size_t other : {1U, 64U, 127U}) {
    CHECK(std::abs(cosine(y.values<float>(), 0, other)) < 0.9);
  }
}

TEST_CASE("bert-base: masked tokens change nothing for the others" * doctest::test_suite("slow")) {
  const Zoo zoo;
  const Graph graph = zoo.build("bert-base");
  constexpr std::size_t kAttended = 40;
  const Tensor a = hidden_state(graph, kAttended, some_id);
  const Tensor b = hidden_state(graph, kAttended, [](std::size_t i) {
    return i < kAttended ? some_id(i) : std::int64_t{17};
  });
  const auto x = a.values<float>().first(kAttended * kWidth);
  const auto y = b.values<float>().first(kAttended * kWidth);
  CHECK(std::equal(x.begin(), x.end(), y.begin()));
  CHECK_FALSE(
      std::equal(a.values<float>().begin(), a.values<float>().end(), b.values<float>().begin()));
}

TEST_CASE("bert-base: an id beyond the vocabulary is refused") {
  const Zoo zoo;
  const Graph graph = zoo.build("bert-base");
  CHECK_THROWS_WITH_AS(
      hidden_state(graph, kTokens, [](std::size_t) { return std::int64_t{30522}; }),
      "layer 'word' (Gather): index 30522 is out of range for 30522 elements",
      std::invalid_argument);
}

}  // namespace offcut::zoo::bert_base_test
