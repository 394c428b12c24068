#include "tests/conformance/conformance_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace offcut::conformance {
namespace {

struct Why {
  std::string_view what;  // an operator, or a part of the reason that offcut gives
  std::string_view why;
};

constexpr std::string_view kTraining = "offcut simulates inference, and this is training";
constexpr std::string_view kRandom = "its result is random: nothing to compare, nothing to split";
constexpr std::string_view kSequence =
    "sequences and optionals do not occur in networks that are split";
constexpr std::string_view kControl = "control flow, which is no operator of the registry";
constexpr std::string_view kText = "works on text, and offcut has tensors of numbers";
constexpr std::string_view kSignal = "signal processing before a network, not part of it";

/// Operators that offcut does not have.
constexpr std::array<Why, 24> kOperators = {{{"Adagrad", kTraining},
                                             {"Adam", kTraining},
                                             {"Momentum", kTraining},
                                             {"NegativeLogLikelihoodLoss", kTraining},
                                             {"SoftmaxCrossEntropyLoss", kTraining},
                                             {"Bernoulli", kRandom},
                                             {"If", kSequence},
                                             {"Loop", kSequence},
                                             {"Scan", kControl},
                                             {"OptionalGetElement", kSequence},
                                             {"OptionalHasElement", kSequence},
                                             {"SequenceInsert", kSequence},
                                             {"SequenceMap", kSequence},
                                             {"StringNormalizer", kText},
                                             {"TfIdfVectorizer", kText},
                                             {"DFT", kSignal},
                                             {"STFT", kSignal},
                                             {"MelWeightMatrix", kSignal},
                                             {"SequenceAt", kSequence},
                                             {"SequenceConstruct", kSequence},
                                             {"SequenceEmpty", kSequence},
                                             {"SequenceErase", kSequence},
                                             {"SequenceLength", kSequence},
                                             {"SplitToSequence", kSequence}}};

/// Uses of operators that it has.
constexpr std::array<Why, 6> kUses = {
    {{"is a constant: no layer makes it", "nothing is computed, so there is nothing to split"},
     {"is not a tensor", kSequence},
     {"train", kTraining},
     {"operator 'Loop' is not supported", kControl},
     {"elements of type",
      "neither strings nor 16-bit floats nor wide unsigned integers are "
      "computed with"},
     {"only float32, int64 and int32 are supported", "no exporter writes it for other types"}}};

bool is_training_or_random(const CaseResult& result) {
  const std::string_view why = justification(result);
  return why == kTraining || why == kRandom;
}

bool is_inference(const CaseResult& result) {
  return result.known_types && !is_training_or_random(result);
}

std::string row(std::string_view title, const Tally& t) {
  return fmt::format("| {} | {} | {} | {} | {} | {} | {:.1f} % |\n", title, t.cases, t.passed,
                     t.declined, t.disputed, t.failed,
                     100 * static_cast<double>(t.passed) / static_cast<double>(t.cases));
}

std::string numbers_of(const std::vector<CaseResult>& results) {
  std::string text =
      "| cases | number | passed | declined | disputed | failed | passed of all |\n"
      "| --- | --: | --: | --: | --: | --: | --: |\n";
  text += row("all", tally(results, [](const CaseResult&) { return true; }));
  text += row("inference, element types that offcut has", tally(results, is_inference));
  text += row("of these with real numbers: the float inference operators",
              tally(results, is_real_inference));
  return text;
}

using ByOperator = std::map<std::string, std::vector<CaseResult>>;

std::string reasons_of(const std::vector<CaseResult>& results) {
  std::set<std::string> reasons;
  for (const CaseResult& result : results) {
    if (result.verdict == Verdict::declined) {
      reasons.insert(std::string(justification(result)));
    } else if (result.verdict == Verdict::disputed) {
      reasons.insert("disputed: see above");
    } else if (result.verdict == Verdict::failed) {
      reasons.insert("failed: " + result.name);
    }
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

std::string operators_of(const ByOperator& by_operator) {
  std::string text =
      "| operator | cases | passed | declined | disputed | failed | why |\n"
      "| --- | --: | --: | --: | --: | --: | --- |\n";
  for (const auto& [op, results] : by_operator) {
    const Tally t = tally(results, [](const CaseResult&) { return true; });
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", op, t.cases, t.passed, t.declined,
                        t.disputed, t.failed, reasons_of(results));
  }
  return text;
}

std::string declined_of(const ByOperator& by_operator) {
  std::string text;
  for (const auto& [op, results] : by_operator) {
    if (tally(results, [](const CaseResult&) { return true; }).passed == 0) {
      text += fmt::format("* {}: {}\n", op, reasons_of(results));
    }
  }
  return text;
}

constexpr std::string_view kIntroduction = R"(# Conformance with ONNX's own test cases

Made by `tests/conformance`; a test fails where this page differs from what the run gives, and says how to remake it.

ONNX ships test cases for single operators: a model of one node (or of the function that the operator expands to),
inputs, and the outputs that are expected. The tests import each as a user's file, run it, and compare: exactly where the
operator only moves or chooses elements, or they are no real numbers; else to 1e-5 of the largest element (the two RoiAlign
cases, whose expected values are written down to four digits, to 1e-4).

* **passed**: as expected; where the case has several inputs, also with all but the first as constants. What an output's
  shape depends on is a constant, as it is in the networks that exporters write: a network's shapes are known before it
  runs. NonZero, NonMaxSuppression and Unique, whose output's extent depends on all of their input, are folded where that
  is a constant, and refused elsewhere.
* **declined**: refused when the model is read, with a message; the table says why that is right.
* **disputed**: Resize with `align_corners` and a scale that rounds the extent. ONNX's text divides by the length of the
  resized axis, an integer, as ONNX Runtime and PyTorch do and offcut does; ONNX's generator of cases divides by the
  unrounded product.
* **failed**: computed with another result.

The generators of the window functions take 3.1415 for pi, which later releases of ONNX have put right; so do the tests.

)";

}  // namespace

std::string_view justification(const CaseResult& result) {
  const bool missing = result.reason.find("operator '") != std::string::npos &&
                       result.reason.find("is not supported") != std::string::npos;
  for (const Why& op : kOperators) {
    if (op.what == result.op && (missing || op.why == kTraining)) {
      return op.why;
    }
  }
  for (const Why& use : kUses) {
    if (result.reason.find(use.what) != std::string::npos) {
      return use.why;
    }
  }
  return "";
}

bool is_real_inference(const CaseResult& result) { return is_inference(result) && result.real; }

Tally tally(const std::vector<CaseResult>& results,
            const std::function<bool(const CaseResult&)>& counts) {
  Tally t;
  for (const CaseResult& result : results) {
    if (counts(result)) {
      ++t.cases;
      t.passed += result.verdict == Verdict::passed ? 1 : 0;
      t.declined += result.verdict == Verdict::declined ? 1 : 0;
      t.disputed += result.verdict == Verdict::disputed ? 1 : 0;
      t.failed += result.verdict == Verdict::failed ? 1 : 0;
    }
  }
  return t;
}

std::string conformance_page(const std::vector<CaseResult>& results) {
  ByOperator by_operator;
  for (const CaseResult& result : results) {
    by_operator[result.op].push_back(result);
  }
  std::string page(kIntroduction);
  page += numbers_of(results);
  page += "\nInference is all but losses, optimisers, training modes and random operators.\n";
  page += "\n## Declined operators\n\nNo case of theirs passes:\n\n" + declined_of(by_operator);
  page += "\n## Operators\n\n" + operators_of(by_operator);
  return page;
}

}  // namespace offcut::conformance
