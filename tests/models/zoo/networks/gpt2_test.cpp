#include "tests/models/zoo/checks.h"

namespace offcut::zoo::gpt2_test {
namespace {

constexpr std::size_t kTokens = 64;
constexpr std::size_t kVocabulary = 50257;

/// Returns the logits for ids at positions 0, 1 and so on.
std::vector<float> logits(const Graph& graph, const std::function<std::int64_t(std::size_t)>& id) {
  Tensor ids({DataType::int64, {1, kTokens}});
  Tensor positions({DataType::int64, {1, kTokens}});
  for (std::size_t i = 0; i < kTokens; ++i) {
    ids.values<std::int64_t>()[i] = id(i);
    positions.values<std::int64_t>()[i] = static_cast<std::int64_t>(i);
  }
  const auto outputs = exec::run(graph, exec::whole(graph),
                                 {{graph.find_tensor("input_ids").value(), ids},
                                  {graph.find_tensor("position_ids").value(), positions}});
  const auto y = outputs.at(graph.outputs().front()).values<float>();
  return {y.begin(), y.end()};
}

std::int64_t some_id(std::size_t i) { return static_cast<std::int64_t>(i * 787 % kVocabulary); }

}  // namespace

TEST_CASE("gpt2: work and weights") {
  // With n = 64 tokens, d = 768 and 4 d between: n (12 * 12 d^2 + 50257 d) = 7906.0 M MAC in layers
  // with weights, 12 * 2 n^2 d = 75.5 M in attention. Hugging Face's gpt2: 124439808 parameters.
  const Zoo zoo;
  const Graph graph = zoo.build("gpt2");
  check_work(graph, 7906.0e6 + 75.5e6, 124439808);
}

TEST_CASE("gpt2: ids and positions go in, logits come out") {
  const Zoo zoo;
  const Graph graph = zoo.build("gpt2");
  REQUIRE(graph.inputs().size() == 2);
  CHECK(graph.tensor(graph.inputs()[0]).name == "input_ids");
  CHECK(graph.tensor(graph.inputs()[1]).name == "position_ids");
  CHECK(rows_read_by(graph, graph.inputs()[0]) == 50257);
  CHECK(rows_read_by(graph, graph.inputs()[1]) == 1024);
  CHECK(type_of(graph, "layer1_qkv").shape == Shape{1, 64, 2304});
  CHECK(type_of(graph, "layer1_split_2").shape == Shape{1, 64, 768});
  CHECK(type_of(graph, "layer12_attention_scores").shape == Shape{1, 12, 64, 64});
  CHECK(type_of(graph, "logits").shape == Shape{1, 64, 50257});
}

TEST_CASE("gpt2: activations neither explode nor die out" * doctest::test_suite("slow")) {
  const Zoo zoo;
  check_deviation(zoo.build("gpt2"), 0.5, 5);
}

TEST_CASE("gpt2: no token sees a later one" * doctest::test_suite("slow")) {
  const Zoo zoo;
  const Graph graph = zoo.build("gpt2");
  constexpr std::size_t kSame = 40;
  const std::vector<float> a = logits(graph, some_id);
  const std::vector<float> b =
      logits(graph, [](std::size_t i) { return i < kSame ? some_id(i) : std::int64_t{17}; });
  const auto end = static_cast<std::ptrdiff_t>(kSame * kVocabulary);
  CHECK(std::equal(a.begin(), a.begin() + end, b.begin()));
  CHECK_FALSE(std::equal(a.begin() + end, a.end(), b.begin() + end));
}

TEST_CASE("gpt2: an id beyond the vocabulary is refused") {
  const Zoo zoo;
  const Graph graph = zoo.build("gpt2");
  CHECK_THROWS_WITH_AS(logits(graph, [](std::size_t) { return std::int64_t{50257}; }),
                       "layer 'word' (Gather): index 50257 is out of range for 50257 elements",
                       std::invalid_argument);
}

}  // namespace offcut::zoo::gpt2_test
