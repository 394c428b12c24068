// ONNX's own test cases for single operators (924 of them), those whose operators offcut has.
// Writes onnx-node-cases.md into the build folder: a row per case, with the reason where offcut
// declines it.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>

#include "tests/conformance/node_case.h"

namespace offcut {
namespace {

std::filesystem::path cases() { return std::filesystem::path(OFFCUT_TEST_DATA) / "onnx-node"; }

/// What offcut may decline: a part of the reason that it gives, and why that is right.
struct Justified {
  std::string_view reason;
  std::string_view why;
};

constexpr std::array<Justified, 10> kJustified = {
    {{"is a constant: no layer makes it", "nothing is computed, so there is nothing to split"},
     {"is no tensor", "sequences and optionals do not occur in networks that are split"},
     {"train", "offcut simulates inference"},
     {"2 outputs are asked for, 1 are supported",
      "masks and indices serve training and unpooling; an output that nobody reads is dropped"},
     {"elements of type", "neither strings nor 16-bit floats are computed with"},
     {"must be a constant: shapes depend on it",
      "the shapes of a network that is split are known before it runs"},
     {"mode 'cubic'", "no network offcut knows of resizes by cubics"},
     {"tf_crop_and_resize", "regions of interest belong to detectors' second stage"},
     {"rounds its extent", "ONNX's reference and ONNX Runtime differ there"},
     {"only float32", "networks compute in float32 here, and shapes in int64 and int32"}}};

/// Fewer would mean that an operator or a fixture was lost; raise it when operators are added.
constexpr std::ptrdiff_t kLeastPassed = 440;

bool is_justified(const CaseResult& result) {
  return std::any_of(kJustified.begin(), kJustified.end(), [&](const Justified& justified) {
    return result.reason.find(justified.reason) != std::string::npos;
  });
}

Registry<Operator> all_operators() {
  Registry<Operator> operators;
  register_operators(operators);
  return operators;
}

std::string summary(const std::vector<CaseResult>& results) {
  std::map<Verdict, std::size_t> count;
  for (const CaseResult& result : results) {
    ++count[result.verdict];
  }
  return fmt::format("{} cases: {} passed, {} declined, {} failed", results.size(),
                     count[Verdict::passed], count[Verdict::declined], count[Verdict::failed]);
}

void write_page(const std::vector<CaseResult>& results) {
  std::ofstream page(std::filesystem::path(OFFCUT_TEST_DATA).parent_path() / "onnx-node-cases.md");
  page << "# ONNX node test cases\n\n" << summary(results) << "\n\n";
  page << "Declined, and why that is right:\n\n";
  for (const Justified& justified : kJustified) {
    page << fmt::format("* \"{}\": {}\n", justified.reason, justified.why);
  }
  page << "\n| case | operators | verdict | reason |\n| --- | --- | --- | --- |\n";
  for (const CaseResult& result : results) {
    page << fmt::format("| {} | {} | {} | {} |\n", result.name, result.operators,
                        to_text(result.verdict), result.reason);
  }
}

/// The verdict on a case when the operator's results are scaled by 1 + 2^exponent.
template <int exponent>
Verdict verdict_with(const std::string& name, const std::string& test) {
  static Operator original;
  original = *all_operators().find(name);
  Operator scaled = original;
  scaled.forward = [](const Call& call, std::span<const Tensor> inputs) {
    std::vector<Tensor> outputs = original.forward(call, inputs);
    for (float& x : outputs.front().values<float>()) {
      x *= 1 + std::ldexp(1.0F, exponent);
    }
    return outputs;
  };
  Registry<Operator> operators;
  operators.add(scaled);
  return run_case(cases() / test, operators).verdict;
}

}  // namespace

TEST_CASE("node cases: none fails, and only what may be declined is") {
  const Registry<Operator> operators = all_operators();
  std::vector<CaseResult> results;
  for (const auto& folder : supported_cases(cases(), operators)) {
    results.push_back(run_case(folder, operators));
  }
  write_page(results);
  MESSAGE(summary(results));
  for (const CaseResult& result : results) {
    const bool right = result.verdict == Verdict::passed ||
                       (result.verdict == Verdict::declined && is_justified(result));
    CHECK_MESSAGE(right, result.name, ": ", to_text(result.verdict), ": ", result.reason);
  }
  CHECK(std::count_if(results.begin(), results.end(), [](const CaseResult& result) {
          return result.verdict == Verdict::passed;
        }) >= kLeastPassed);
}

TEST_CASE("node cases: an operator that is a little off makes its case fail") {
  // Relu must be exact, Sigmoid right to 1e-5 of its largest element.
  CHECK(verdict_with<-20>("Relu", "test_relu") == Verdict::failed);
  CHECK(verdict_with<-13>("Sigmoid", "test_sigmoid") == Verdict::failed);
  CHECK(verdict_with<-20>("Sigmoid", "test_sigmoid") == Verdict::passed);
}

TEST_CASE("node cases: an operator that refuses makes its case declined, one that breaks failed") {
  const auto run_with = [](auto change) {
    Operator relu = *all_operators().find("Relu");
    change(relu);
    Registry<Operator> operators;
    operators.add(relu);
    return run_case(cases() / "test_relu", operators);
  };
  const CaseResult declined = run_with([](Operator& relu) {
    relu.infer = [](const Call&) -> std::vector<TensorType> {
      throw std::invalid_argument("not today");
    };
  });
  CHECK(declined.verdict == Verdict::declined);
  CHECK(declined.reason == "layer 'relu_1' (Relu): not today");
  const CaseResult broken = run_with([](Operator& relu) {
    relu.forward = [](const Call&, std::span<const Tensor>) -> std::vector<Tensor> {
      throw std::runtime_error("no memory");
    };
  });
  CHECK(broken.verdict == Verdict::failed);
  CHECK(broken.reason == "no memory");
}

}  // namespace offcut
