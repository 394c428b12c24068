#include "sim/study/answers/over_option.h"

#include <doctest/doctest.h>

namespace offcut::study::over_option_test {
namespace {

Over over_of(const std::vector<std::string>& texts, std::vector<std::string>* errors = nullptr) {
  std::vector<Diagnostic> diagnostics;
  Over over = read_over(texts, "--over", diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    if (errors != nullptr) {
      errors->push_back(diagnostic.message);
    }
  }
  CHECK((errors != nullptr || diagnostics.empty()));
  return over;
}

TEST_CASE("--over: lists, repeated, with commas in values") {
  const Over over =
      over_of({"plan, tiers.edge.count=1..8", "network.a-b.up=[1, 2] Mbit/s,scheduling",
               "workload.rate={from: 1, to: 3, points: 3},name='a, b'"});
  CHECK(over.plan);
  CHECK(over.scheduling);
  CHECK(over.vary ==
        std::vector<std::string>{"tiers.edge.count=1..8", "network.a-b.up=[1, 2] Mbit/s",
                                 "workload.rate={from: 1, to: 3, points: 3}", "name='a, b'"});
  CHECK_FALSE(over_of({"tiers.edge.count=1..8"}).plan);
}

TEST_CASE("--over: unknown words and contradictions are errors") {
  std::vector<std::string> errors;
  over_of({"plans", "tiers.edge.count=1,2", "", "=3"}, &errors);
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].find("got 'plans'; did you mean 'plan'?") != std::string::npos);
  CHECK(errors[1].find("got '2'") != std::string::npos);
  errors.clear();
  over_of({"plan,scheduling,plan.algorithm=[exact, greedy],models.a.plan.after=[x],"
           "scheduling.edge=[fifo],plan.limits.deadline=[1 s]"},
          &errors);
  CHECK(errors == std::vector<std::string>{
                      "'plan' already chooses 'plan.algorithm': expected one of them",
                      "'plan' already chooses 'models.a.plan.after': expected one of them",
                      "'scheduling' already chooses 'scheduling.edge': expected one of them"});
}

}  // namespace
}  // namespace offcut::study::over_option_test
