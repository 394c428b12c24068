// Every group of layers that is computed by one kernel, with one change of each kind: the results
// stay those of the reference operators, and the group itself is found.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/models/exec/drafts/drafts.h"
#include "tests/models/exec/net.h"

namespace offcut::exec::rewriting_test {
namespace {

/// Returns whether one kernel call computes all nodes that the draft expects it to.
bool is_fused(const Draft& draft, const Graph& graph, const Prepared& prepared) {
  const auto calls = prepared.calls();
  return std::any_of(calls.begin(), calls.end(), [&](const KernelCall& call) {
    return std::all_of(draft.fused.begin(), draft.fused.end(), [&](const std::string& name) {
      return std::any_of(call.layers.begin(), call.layers.end(),
                         [&](LayerId layer) { return graph.layer(layer).name == name; });
    });
  });
}

struct RewritingTotals {
  int valid = 0;
  int apart = 0;  // Graphs in which the group is not found.
};

/// Returns the largest difference that rounding to other integers may make.
double steps_of(const Draft& draft) {
  double largest = 0;
  for (const Draft::Source& source : draft.sources) {
    const bool is_scale =
        std::find(draft.scales.begin(), draft.scales.end(), source.name) != draft.scales.end();
    largest =
        is_scale && source.value ? std::max<double>(largest, std::abs(*source.value)) : largest;
  }
  return 2.01 * largest;
}

/// Returns the largest absolute difference, or infinity where error_of() does.
double difference_of(const TensorMap& got, const TensorMap& expected) {
  double largest = error_of(got, expected) < INFINITY ? 0 : INFINITY;
  for (const auto& [id, tensor] : expected) {
    if (largest < INFINITY && tensor.type().type == DataType::float32) {
      for (std::size_t i = 0; i < tensor.values<float>().size(); ++i) {
        largest = std::max<double>(
            largest, std::abs(got.at(id).values<float>()[i] - tensor.values<float>()[i]));
      }
    }
  }
  return largest;
}

/// Returns whether integers that are outputs differ by one at most, and other outputs not at all
/// beyond the draft's steps.
bool is_within_steps(const Draft& draft, TensorMap got, TensorMap expected) {
  for (auto& [id, tensor] : expected) {
    if (!got.contains(id) || got.at(id).type() != tensor.type()) {
      return false;
    }
    if (tensor.type().type == DataType::uint8) {
      for (std::size_t i = 0; i < tensor.bytes().size(); ++i) {
        if (std::abs(static_cast<int>(tensor.values<std::uint8_t>()[i]) -
                     static_cast<int>(got.at(id).values<std::uint8_t>()[i])) > 1) {
          return false;
        }
      }
      got.at(id) = tensor;
    }
  }
  return difference_of(got, expected) <= steps_of(draft);
}

void check_changes(const Draft& draft, const std::vector<PrepareOptions>& choices,
                   RewritingTotals& totals) {
  static const zoo::Zoo zoo;
  for (const ChangedDraft& changed : changes_of(draft)) {
    CAPTURE(draft.name);
    CAPTURE(changed.change);
    const auto drafted = graph_of(changed.draft, zoo.operators);
    if (!drafted) {
      CHECK_FALSE(changed.change == "nothing");
      continue;
    }
    const Segment all = whole(drafted->graph);
    TensorMap expected;
    try {
      expected = run(drafted->graph, all, drafted->inputs);
    } catch (const std::invalid_argument&) {
      continue;
    }
    ++totals.valid;
    for (const PrepareOptions& options : choices) {
      Prepared prepared = prepare(drafted->graph, all, options);
      const TensorMap got = prepared.run(drafted->inputs);
      const double error = same_bits(got, expected) ? 0 : error_of(got, expected);
      const bool rounded = error > kTolerance && !draft.scales.empty() &&
                           is_within_steps(changed.draft, got, expected);
      CAPTURE(error);
      CHECK((error <= kTolerance || rounded));
      const bool fused = is_fused(draft, drafted->graph, prepared);
      totals.apart += fused ? 0 : 1;
      if (changed.same_function) {
        CHECK(fused);
        CHECK(prepared.repeated_runs() == 0);
      }
    }
  }
}

RewritingTotals check_all(const std::vector<Draft>& drafts,
                          const std::vector<PrepareOptions>& choices) {
  RewritingTotals totals;
  for (const Draft& draft : drafts) {
    check_changes(draft, choices, totals);
  }
  return totals;
}

PrepareOptions untimed() {
  return {.time_layouts = false, .winograd = PrepareOptions::Winograd::never};
}
PrepareOptions own_kernels() { return {.fast_kernels = false, .time_layouts = false}; }

}  // namespace

TEST_CASE("rewriting: every change of an activation that is written as products") {
  const RewritingTotals totals = check_all(activation_drafts(), {untimed()});
  CHECK(totals.valid > 1500);
  CHECK(totals.apart > 1000);
}

TEST_CASE("rewriting: every change of a layer normalisation") {
  const RewritingTotals totals = check_all(layer_norm_drafts(), {untimed()});
  CHECK(totals.valid > 800);
  CHECK(totals.apart > 500);
}

TEST_CASE("rewriting: every change of an attention") {
  const RewritingTotals totals = check_all(attention_drafts(), {untimed()});
  CHECK(totals.valid > 1200);
  CHECK(totals.apart > 700);
}

TEST_CASE("rewriting: every change of a product with a matrix") {
  const RewritingTotals totals = check_all(product_drafts(), {untimed(), own_kernels()});
  CHECK(totals.valid > 700);
  CHECK(totals.apart > 600);
}

TEST_CASE("rewriting: every change of a convolution and the layers after it") {
  const RewritingTotals totals = check_all(convolution_drafts(), {untimed()});
  CHECK(totals.valid > 1300);
  CHECK(totals.apart > 500);
}

TEST_CASE("rewriting: every change of layers between integers") {
  const RewritingTotals totals = check_all(quantised_drafts(), {untimed()});
  CHECK(totals.valid > 300);
  CHECK(totals.apart > 150);
}

TEST_CASE("rewriting: every change of layers that read blocks of channels or moved tensors") {
  const RewritingTotals totals = check_all(layout_drafts(), {untimed()});
  CHECK(totals.valid > 1300);
}

}  // namespace offcut::exec::rewriting_test
