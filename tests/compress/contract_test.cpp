// The contract of all passes of the registry, on small networks of several kinds.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "models/graph/parameter_value.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"

namespace offcut::compress::contract_test {
namespace {

/// The pass with every parameter at its default, and required ones in the middle of their range.
ChosenPass usual(const Pass& pass) {
  std::string text;
  for (const ParameterSpec& spec : pass.parameters) {
    const bool is_required =
        spec.is_text ? spec.one_of.empty() && spec.absent.empty() : !spec.is_list && !spec.fallback;
    if (is_required && spec.instead_of.empty()) {
      text += fmt::format("{}{}={}", text.empty() ? ":" : ",", spec.name,
                          spec.is_text     ? spec.example
                          : spec.most <= 1 ? "0.5"
                          : spec.is_whole  ? "4"
                                           : "0.05");
    }
  }
  return make_pass(pass.name + text, all_passes());
}

/// Calls check(network before, after the pass) for each small network that the pass fits.
template <class Check>
void for_each_result(const Pass& pass, Check check) {
  const ChosenPass chosen = usual(pass);
  std::size_t fitting = 0;
  for (const SmallNetwork& small : small_networks()) {
    CAPTURE(small.name);
    const TensorNode& input = small.graph.tensor(small.graph.inputs().front());
    if (pass.needs_samples && input.type.type != DataType::float32) {
      continue;
    }
    const dataset::Samples samples =
        input.type.type == DataType::float32 ? drawn_samples(small.graph, 12) : dataset::Samples();
    const Material material{.libraries = all_libraries(),
                            .samples = samples.inputs.absent() ? nullptr : &samples};
    try {
      const Network after = apply_pass(pass, chosen.parameters, {.graph = small.graph}, material);
      ++fitting;
      check(small.graph, after, material);
    } catch (const std::invalid_argument& refusal) {
      CHECK(std::string(refusal.what()).starts_with(pass.name + ": "));
    }
  }
  CHECK(fitting > 0);
}

std::string bytes_of(const Graph& graph) { return onnx::export_onnx_bytes(graph); }

void check_types(const Graph& before, const std::vector<TensorId>& were, const Graph& after,
                 const std::vector<TensorId>& are) {
  REQUIRE(were.size() == are.size());
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK(before.tensor(were[i]).name == after.tensor(are[i]).name);
    CHECK(before.tensor(were[i]).type == after.tensor(are[i]).type);
  }
}

}  // namespace

TEST_CASE("every pass keeps inputs and outputs, and its result survives export and import") {
  for (const auto& [name, pass] : all_passes()) {
    CAPTURE(name);
    for_each_result(pass, [](const Graph& before, const Network& after, const Material&) {
      check_types(before, before.inputs(), after.graph, after.graph.inputs());
      check_types(before, before.outputs(), after.graph, after.graph.outputs());
      const Graph read =
          onnx::import_onnx_bytes(bytes_of(after.graph), "small.onnx", train::all_operators());
      CHECK(read.layer_count() == after.graph.layer_count());
      CHECK(read.total_work().macs == after.graph.total_work().macs);
    });
  }
}

TEST_CASE("every pass gives the same bytes twice, and never more weights or work") {
  for (const auto& [name, pass] : all_passes()) {
    CAPTURE(name);
    const ChosenPass chosen = usual(pass);
    for_each_result(pass, [&](const Graph& before, const Network& after, const Material& material) {
      const Network again = apply_pass(pass, chosen.parameters, {.graph = before}, material);
      CHECK(bytes_of(again.graph) == bytes_of(after.graph));
      CHECK(after.graph.total_work().macs <= before.total_work().macs);
    });
  }
}

TEST_CASE("the rules of every pass are idempotent, and its parameters obey them") {
  for (const auto& [name, pass] : all_passes()) {
    CAPTURE(name);
    bool has_rules = false;
    bool changes = false;  // A mask of groups may keep all of the few channels of a layer.
    for_each_result(pass, [&](const Graph&, const Network& after, const Material&) {
      for (const auto& [parameter, rule] : after.rules) {
        CAPTURE(parameter);
        const auto id = after.graph.find_tensor(parameter);
        REQUIRE(id.has_value());
        const Tensor own = parameter_value(after.graph.tensor(*id));
        const auto same = [](const Tensor& a, const Tensor& b) {
          return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
        };
        CHECK(same(rule(own), own));
        Tensor moved(own.type());  // As training would move it.
        RandomStream stream = random_stream(3, parameter);
        for (std::size_t i = 0; i < moved.values<float>().size(); ++i) {
          moved.values<float>()[i] =
              own.values<float>()[i] + static_cast<float>(stream() % 1000) / 1e4F - 0.05F;
        }
        const Tensor once = rule(moved);
        CHECK(same(rule(once), once));
        has_rules = true;
        changes = changes || !same(once, moved);
      }
    });
    CHECK(changes == has_rules);
  }
}

TEST_CASE("every pass refuses parameters that it does not have, and says so") {
  for (const auto& [name, pass] : all_passes()) {
    CHECK_THROWS_AS(make_pass(name + ":no-such=1", all_passes()), std::invalid_argument);
    CHECK_FALSE(pass.doc.empty());
    CHECK_FALSE(pass.citation.empty());
  }
  CHECK_THROWS_WITH_AS(make_pass("magnitud:rate=1", all_passes()),
                       "there is no pass 'magnitud'; did you mean 'magnitude'?",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(make_pass("magnitude:rate=2", all_passes()),
                       "rate: expected 0 to 1, got '2'", std::invalid_argument);
  CHECK_THROWS_AS(make_pass("magnitude", all_passes()), std::invalid_argument);
  CHECK_THROWS_WITH_AS(make_pass("magnitude:rate=0.5,threshold=1", all_passes()),
                       "magnitude: expected only one of rate, threshold, deviations",
                       std::invalid_argument);
}

}  // namespace offcut::compress::contract_test
