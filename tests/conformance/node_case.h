#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::conformance {

enum class Verdict {
  passed,
  declined,  // refused by the import, with a reason
  disputed,  // computed as ONNX's text says, and not as its generator of cases does
  failed,    // computed, with another result; or broken in any other way
};

std::string_view to_text(Verdict verdict);

struct CaseResult {
  std::string name;
  std::string operators;  // of the model, separated by spaces
  std::string op;         // what the case is about: an expanded one the operator that was expanded
  bool known_types = false;  // the inputs and outputs are tensors of element types that offcut has
  bool real = false;         // and one of them holds real numbers
  Verdict verdict = Verdict::failed;
  std::string reason;  // empty where passed
};

/// The folders of all cases, sorted.
std::vector<std::filesystem::path> all_cases(const std::filesystem::path& folder);

/// Imports the case's model, runs it on each of its data sets and compares the outputs: exactly,
/// where the operator only moves or chooses elements or they are no floats; else each element to
/// 1e-5 of the largest.
///
/// The cases give everything as an input of the model. What stands in a real model as a constant,
/// and offcut needs as one (shapes, axes, bounds: small things behind the first input), is made an
/// initialiser first. Then the case runs a second time with everything but the first input as an
/// initialiser, as weights are. Operators whose outputs' shape depends on the values of their first
/// input get that as a constant, too.
///
/// Two cases' expected values are written down to four digits: they are compared to 1e-4. Two
/// others are disputed, see node_case.cpp.
CaseResult run_case(const std::filesystem::path& folder, const Registry<ops::Operator>& operators);

}  // namespace offcut::conformance
