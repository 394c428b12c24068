#include "sim/study/answers/condition.h"

#include <doctest/doctest.h>

namespace offcut::study::condition_test {
namespace {

const std::vector<std::string> kConditionFigures = {"latency_p99_s", "goodput_per_s", "accuracy",
                                                    "money"};

std::vector<std::string> errors_of(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  read_conditions(text, kConditionFigures, {"--until"}, diagnostics);
  std::vector<std::string> errors;
  for (const Diagnostic& diagnostic : diagnostics) {
    errors.push_back(to_text(diagnostic));
  }
  return errors;
}

TEST_CASE("conditions are numbers in the figure's unit, or quantities") {
  std::vector<Diagnostic> diagnostics;
  const auto conditions = read_conditions(
      "latency_p99_s < 0.1 and latency_p99_s<=150 ms and goodput_per_s > 5 /s and "
      "accuracy >= 90 % and money < 2.5",
      kConditionFigures, {"--until"}, diagnostics);
  REQUIRE(diagnostics.empty());
  REQUIRE(conditions.size() == 5);
  CHECK(conditions[0].bound == 0.1);
  CHECK(conditions[1].bound == doctest::Approx(0.15));
  CHECK(conditions[2].bound == 5);
  CHECK(conditions[3].bound == doctest::Approx(0.9));
  CHECK(conditions[0].wants_less());
  CHECK_FALSE(conditions[3].wants_less());
  CHECK(conditions[1].text == "latency_p99_s <= 150 ms");
}

TEST_CASE("all errors of conditions are reported") {
  CHECK(errors_of("latency_p9_s < 0.1 and money << 3").size() == 2);
  CHECK(errors_of("latency_p9_s < 0.1").at(0) ==
        "--until: error: unknown figure 'latency_p9_s'; did you mean 'latency_p99_s'?");
  CHECK(errors_of("latency_p99_s").size() == 1);
  CHECK(errors_of("").size() == 1);
  CHECK(errors_of("latency_p99_s < 3 Mbit/s").size() == 1);
}

TEST_CASE("a condition must hold for the whole interval") {
  std::vector<Diagnostic> diagnostics;
  const auto below = read_conditions("money < 2", kConditionFigures, {}, diagnostics).at(0);
  const auto above = read_conditions("money >= 2", kConditionFigures, {}, diagnostics).at(0);
  const analysis::Interval under{.estimate = 1.5, .low = 1, .high = 1.9};
  const analysis::Interval around{.estimate = 1.9, .low = 1.7, .high = 2.1};
  const analysis::Interval at{.estimate = 2, .low = 2, .high = 2};
  CHECK(holds_within(below, under) == Holds::yes);
  CHECK(holds_within(below, around) == Holds::unclear);
  CHECK(holds_within(below, at) == Holds::no);
  CHECK(holds_within(above, under) == Holds::no);
  CHECK(holds_within(above, around) == Holds::unclear);
  CHECK(holds_within(above, at) == Holds::yes);
}

}  // namespace
}  // namespace offcut::study::condition_test
