#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut {

enum class Verdict {
  passed,
  declined,  // refused by the import, with a reason
  failed,    // computed, with another result; or broken in any other way
};

std::string_view to_text(Verdict verdict);

struct CaseResult {
  std::string name;
  std::string operators;  // of the model, separated by spaces
  Verdict verdict = Verdict::failed;
  std::string reason;  // empty where passed
};

/// The folders of those cases whose models use only operators that offcut has, sorted.
std::vector<std::filesystem::path> supported_cases(const std::filesystem::path& folder,
                                                   const Registry<Operator>& operators);

/// Imports the case's model, runs it on each of its data sets and compares the outputs: exactly,
/// where the operator only moves or chooses elements or they are no floats; else each element to
/// 1e-5 of the largest.
///
/// The cases give everything as an input of the model. What stands in a real model as a constant,
/// and offcut needs as one (shapes, axes, bounds: small things behind the first input), is made an
/// initialiser first. Then the case runs a second time with everything but the first input as an
/// initialiser, as weights are.
CaseResult run_case(const std::filesystem::path& folder, const Registry<Operator>& operators);

}  // namespace offcut
