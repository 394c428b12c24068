#pragma once

#include <string>
#include <vector>

#include "sim/cli/answer_commands.h"
#include "sim/study/answers/recommendation.h"

namespace offcut::cli {

/// A question of `offcut recommend`, and its answer.
struct RecommendResult {
  study::RecommendQuestion question;
  study::Predicted predicted;
  /// Of the entrants of the field, by their places in it. Values are negative if more is better.
  study::RaceResult race;
  std::vector<std::string> failures;  // By entrant: why a run has no value; empty: all have one.

  /// Returns the configuration of a contender.
  std::size_t configuration_of(const study::Contender& contender) const {
    return predicted.field.entrants[contender.candidate];
  }
  /// Returns the interval of the contender's goal, in the figure's unit and direction.
  analysis::Interval goal_of(const study::Contender& contender) const;
};

/// Returns "tiers.edge.count = 3, plan: after pool2".
std::string configuration_text(const RecommendResult& result, std::size_t configuration);

/// Returns why a contender left the race, or that it did not, in a word.
std::string end_word(const study::Contender& contender);
/// Returns the promise of a forecast in a word.
std::string promise_word(study::Promise promise);

/// Returns a table of the best configurations that raced, and the answer.
std::string recommend_text(const RecommendResult& result, const RecommendArguments& arguments);

}  // namespace offcut::cli
