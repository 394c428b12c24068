#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::conformance {

enum class Verdict {
  passed,
  declined,  // The import refused it, with a reason.
  disputed,  // The result follows ONNX's text, and not its generator of cases.
  failed,    // The result is another one, or something else broke.
};

std::string_view to_text(Verdict verdict);

struct CaseResult {
  std::string name;
  std::string operators;  // The model's, separated by spaces.
  std::string op;  // The tested operator; of an expanded case, the operator that was expanded.
  bool known_types = false;  // All inputs and outputs are tensors of element types that offcut has.
  bool real = false;         // One of them holds real numbers.
  Verdict verdict = Verdict::failed;
  std::string reason;  // Empty if it passed.
};

/// Returns the folders of all cases, sorted.
std::vector<std::filesystem::path> all_cases(const std::filesystem::path& folder);

/// Imports the case's model, runs it on each of its data sets and compares the outputs: exactly if
/// the operator only moves or chooses elements or if they are not floats, otherwise each element to
/// 1e-5 of the largest.
///
/// The cases give everything as an input of the model. Inputs that are constants in a real model,
/// and that offcut needs as constants (shapes, axes, bounds: small tensors after the first input),
/// become initialisers first. Then the case runs a second time with all but the first input as
/// initialisers, as weights are. An operator whose output shape depends on the values of its first
/// input gets that as a constant, too.
///
/// The expected values of two cases are written down to four digits and are compared to 1e-4. Two
/// other cases are disputed, see node_case.cpp.
CaseResult run_case(const std::filesystem::path& folder, const Registry<ops::Operator>& operators);

}  // namespace offcut::conformance
