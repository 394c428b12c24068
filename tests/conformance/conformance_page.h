#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/conformance/node_case.h"

namespace offcut::conformance {

/// Returns the justification for declining the case, or "" if there is none.
std::string_view justification(const CaseResult& result);

/// Returns whether the case tests an inference operator on tensors of element types that offcut
/// has, with real numbers (float32 or float64) among its inputs or outputs. Losses, optimisers,
/// training modes and random operators are not inference.
bool is_real_inference(const CaseResult& result);

struct Tally {
  std::size_t cases = 0, passed = 0, declined = 0, disputed = 0, failed = 0;
};
Tally tally(const std::vector<CaseResult>& results,
            const std::function<bool(const CaseResult&)>& counts);

/// Returns the page docs/conformance.md.
std::string conformance_page(const std::vector<CaseResult>& results);

}  // namespace offcut::conformance
