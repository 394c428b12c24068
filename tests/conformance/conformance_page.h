#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/conformance/node_case.h"

namespace offcut::conformance {

/// Why it is right that offcut declines the case, or "" where nothing excuses it.
std::string_view justification(const CaseResult& result);

/// A case of an inference operator of ONNX's own domain on tensors of element types that offcut
/// has, with real numbers (float32 or float64) among what it reads or makes. Losses, optimisers,
/// training modes and random operators are not inference.
bool is_real_inference(const CaseResult& result);

struct Tally {
  std::size_t cases = 0, passed = 0, declined = 0, disputed = 0, failed = 0;
};
Tally tally(const std::vector<CaseResult>& results,
            const std::function<bool(const CaseResult&)>& counts);

/// The page in the docs, in Markdown.
std::string conformance_page(const std::vector<CaseResult>& results);

}  // namespace offcut::conformance
