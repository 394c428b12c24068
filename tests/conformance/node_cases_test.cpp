// Runs all 924 of ONNX's test cases for single operators. The test writes conformance.md into the
// build folder, which must equal docs/conformance.md, and onnx-node-cases.md with a row per case
// and the reason if offcut declines it.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/conformance/conformance_page.h"
#include "tests/paths.h"

namespace offcut::conformance::node_cases_test {
namespace {

std::filesystem::path cases() { return test_data_path("onnx-node"); }

/// A smaller number would mean that an operator or a fixture was lost. Raise it with new operators.
constexpr std::size_t kLeastPassed = 690;

Registry<ops::Operator> all_operators() {
  Registry<ops::Operator> operators;
  ops::register_operators(operators);
  return operators;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Writes a row per case, for reference.
void write_rows(const std::vector<CaseResult>& results, const std::string& file) {
  std::ofstream page(test_data_path(file));
  page << "| case | operators | verdict | reason |\n| --- | --- | --- | --- |\n";
  for (const CaseResult& result : results) {
    page << fmt::format("| {} | {} | {} | {} |\n", result.name, result.operators,
                        to_text(result.verdict), result.reason);
  }
}

/// Returns the verdict on a case if the operator's results are scaled by 1 + 2^exponent.
template <int exponent>
Verdict verdict_with(const std::string& name, const std::string& test) {
  static ops::Operator original;
  original = *all_operators().find(name);
  ops::Operator scaled = original;
  scaled.forward = [](const ops::Call& call, std::span<const Tensor> inputs) {
    std::vector<Tensor> outputs = original.forward(call, inputs);
    for (float& x : outputs.front().values<float>()) {
      x *= 1 + std::ldexp(1.0F, exponent);
    }
    return outputs;
  };
  Registry<ops::Operator> operators;
  operators.add(scaled);
  return run_case(cases() / test, operators).verdict;
}

}  // namespace

TEST_CASE("node cases: none fails, each declined one is justified, and the page agrees") {
  const Registry<ops::Operator> operators = all_operators();
  std::vector<CaseResult> results;
  for (const auto& folder : all_cases(cases())) {
    results.push_back(run_case(folder, operators));
  }
  write_rows(results, "../onnx-node-cases.md");
  for (const CaseResult& result : results) {
    const bool valid = result.verdict == Verdict::declined ? !justification(result).empty()
                                                           : result.verdict != Verdict::failed;
    CHECK_MESSAGE(valid, result.name, ": ", to_text(result.verdict), ": ", result.reason);
  }
  const Tally real = tally(results, is_real_inference);
  CHECK(tally(results, [](const CaseResult&) { return true; }).passed >= kLeastPassed);
  CHECK(real.passed * 100 >= real.cases * 95);
  MESSAGE(real.passed, " of ", real.cases, " cases of float inference operators pass");

  const std::string made = test_data_path("../conformance.md");
  std::ofstream(made, std::ios::binary) << conformance_page(results);
  const bool same = read_file(made) == read_file(source_path("docs/conformance.md"));
  CHECK_MESSAGE(same, "docs/conformance.md is out of date; update it: cp ", made,
                " docs/conformance.md");
}

TEST_CASE("node cases: those of another release of ONNX, if OFFCUT_ONNX_CASES names their folder") {
  const char* const folder = std::getenv("OFFCUT_ONNX_CASES");
  if (folder == nullptr) {
    return;
  }
  const Registry<ops::Operator> operators = all_operators();
  std::vector<CaseResult> results;
  for (const auto& one : all_cases(folder)) {
    results.push_back(run_case(one, operators));
    const CaseResult& result = results.back();
    CHECK_MESSAGE(result.verdict != Verdict::failed, result.name, ": ", result.reason);
  }
  write_rows(results, "../onnx-other-cases.md");
  const Tally real = tally(results, is_real_inference);
  MESSAGE(real.passed, " of ", real.cases, " cases of float inference operators pass");
}

TEST_CASE("node cases: an operator with a small error makes its case fail") {
  // Relu must be exact, and Sigmoid within 1e-5 of its largest element.
  CHECK(verdict_with<-20>("Relu", "test_relu") == Verdict::failed);
  CHECK(verdict_with<-13>("Sigmoid", "test_sigmoid") == Verdict::failed);
  CHECK(verdict_with<-20>("Sigmoid", "test_sigmoid") == Verdict::passed);
}

TEST_CASE("node cases: a refusal makes a case declined, an exception makes it failed") {
  const auto run_with = [](auto change) {
    ops::Operator relu = *all_operators().find("Relu");
    change(relu);
    Registry<ops::Operator> operators;
    operators.add(relu);
    return run_case(cases() / "test_relu", operators);
  };
  const CaseResult declined = run_with([](ops::Operator& relu) {
    relu.infer = [](const ops::Call&) -> std::vector<TensorType> {
      throw std::invalid_argument("not today");
    };
  });
  CHECK(declined.verdict == Verdict::declined);
  CHECK(declined.reason == "layer 'relu_1' (Relu): not today");
  const CaseResult broken = run_with([](ops::Operator& relu) {
    relu.forward = [](const ops::Call&, std::span<const Tensor>) -> std::vector<Tensor> {
      throw std::runtime_error("no memory");
    };
  });
  CHECK(broken.verdict == Verdict::failed);
  CHECK(broken.reason == "no memory");
}

}  // namespace offcut::conformance::node_cases_test
