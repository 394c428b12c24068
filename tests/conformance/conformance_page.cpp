// Writes docs/conformance.md from the results of all cases. The tables at the top justify the cases
// that offcut declines, by operator or by the reason that offcut gives.

#include "tests/conformance/conformance_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace offcut::conformance {
namespace {

struct Excuse {
  std::string_view match;  // An operator, or a part of the reason that offcut gives.
  std::string_view text;
};

constexpr std::string_view kTraining = "training, while offcut simulates inference";
constexpr std::string_view kRandom =
    "its result is random, so there is nothing to compare or to split";
constexpr std::string_view kSequence =
    "sequences and optionals do not occur in networks that are split";
constexpr std::string_view kControl = "control flow, which is not an operator of the registry";
constexpr std::string_view kText = "operates on text, while offcut's tensors hold numbers";
constexpr std::string_view kSignal = "signal processing, which precedes a network";

/// The operators that offcut does not have.
constexpr std::array<Excuse, 23> kOperators = {{{"Adagrad", kTraining},
                                                {"Adam", kTraining},
                                                {"Momentum", kTraining},
                                                {"NegativeLogLikelihoodLoss", kTraining},
                                                {"SoftmaxCrossEntropyLoss", kTraining},
                                                {"Bernoulli", kRandom},
                                                {"If", kSequence},
                                                {"Loop", kSequence},
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

/// Uses of operators that offcut has.
constexpr std::array<Excuse, 6> kUses = {
    {{"is supported from opset 9 on", "the older form of Scan, which no exporter writes"},
     {"is not a tensor", kSequence},
     {"train", kTraining},
     {"operator 'Loop' is not supported", kControl},
     {"elements of type",
      "offcut does not compute with strings or wide unsigned integers"},
     {"only float32, int64 and int32 are supported", "no exporter writes it for other types"}}};

bool is_training_or_random(const CaseResult& result) {
  const std::string_view excuse = justification(result);
  return excuse == kTraining || excuse == kRandom;
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

`tests/conformance` writes this page. A test fails if the page differs from the result of the run,
and says how to update it.

ONNX ships test cases for single operators: a model of one node (or of the function that the
operator expands to), inputs, and the expected outputs. The tests import each case like a user's
file, run it, and compare the outputs: exactly if the operator only moves or chooses elements, or if
they are not real numbers; otherwise to 1e-5 of the largest element (1e-4 for the two RoiAlign
cases, whose expected values are written down to four digits).

* **passed**: the outputs are as expected. A case with several inputs must also pass with all but
  the first as constants. Inputs that determine the shape of an output are constants, as in the
  networks that exporters write: the shapes of a network are known before it runs. NonZero,
  NonMaxSuppression and Unique, whose output's extent depends on all of their input, are folded if
  that is a constant, and refused otherwise.
* **declined**: refused with a message when the model is read; the table has the justification.
* **disputed**: Resize with `align_corners` and a scale that rounds the extent. ONNX's text divides
  by the length of the resized axis, an integer, as ONNX Runtime, PyTorch and offcut do; ONNX's
  generator of cases divides by the unrounded product. And CastLike with bfloat16, whose second
  input has another shape in the data of the cases than in their models.
* **failed**: computed, with another result.

The generators of the window functions use 3.1415 for pi. Later releases of ONNX correct this, and
so do the tests.

)";

}  // namespace

std::string_view justification(const CaseResult& result) {
  const bool missing = result.reason.find("operator '") != std::string::npos &&
                       result.reason.find("is not supported") != std::string::npos;
  for (const Excuse& excuse : kOperators) {
    if (excuse.match == result.op && (missing || excuse.text == kTraining)) {
      return excuse.text;
    }
  }
  for (const Excuse& excuse : kUses) {
    if (result.reason.find(excuse.match) != std::string::npos) {
      return excuse.text;
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
  page += "\nInference excludes losses, optimisers, training modes and random operators.\n";
  page += "\n## Declined operators\n\nNone of their cases passes:\n\n" + declined_of(by_operator);
  page += "\n## Operators\n\n" + operators_of(by_operator);
  return page;
}

}  // namespace offcut::conformance
