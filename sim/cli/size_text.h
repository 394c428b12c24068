#pragma once

#include <string>
#include <vector>

#include "sim/cli/answer_commands.h"
#include "sim/study/answers/size_search.h"
#include "sim/study/sweep/sweep.h"

namespace offcut::cli {

/// A question of `offcut size`, and its answer.
struct SizeResult {
  study::SizeQuestion question;
  std::vector<std::string> figures;  // Those of the conditions, then the cost.
  study::Sweep sweep;                // Its points are the values.
  std::vector<std::string> invalid;  // Values that make the scenario invalid.
  study::SizeAnswer answer;
  std::vector<std::string> failures;  // Values with runs without a result, and why.
};

/// Returns "tiers.cloud.count = 6".
std::string value_text(const SizeResult& result, std::size_t value);

/// Returns a table of the values that were tried, and the answer.
std::string size_text(const SizeResult& result, const SizeArguments& arguments);

}  // namespace offcut::cli
