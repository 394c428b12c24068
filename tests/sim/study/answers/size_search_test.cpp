// The search compared with trying all values, on synthetic figures.

#include "sim/study/answers/size_search.h"

#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <set>

#include "models/base/random.h"

namespace offcut::study::size_search_test {
namespace {

Condition condition(const std::string& figure, Condition::Is is, double bound) {
  return {.figure = figure, .is = is, .bound = bound, .text = figure};
}

/// Figures by value: every replication has nearly the same.
struct System {
  std::vector<std::function<double(std::size_t)>> figures;
  std::function<bool(std::size_t)> is_saturated = [](std::size_t) { return false; };
  std::set<std::size_t> asked = {};

  RunValues runs() {
    return [this](const std::vector<std::size_t>& values) {
      std::vector<ValueRuns> all;
      for (const std::size_t value : values) {
        CHECK(asked.insert(value).second);  // Never twice.
        ValueRuns runs{.replications = 3};
        if (is_saturated(value)) {
          runs.saturated = 3;
        }
        for (const auto& figure : figures) {
          std::vector<double>& own = runs.figures.emplace_back();
          for (int i = -1; runs.saturated == 0 && i <= 1; ++i) {
            own.push_back(figure(value) * (1 + 1e-6 * i));
          }
        }
        all.push_back(std::move(runs));
      }
      return all;
    };
  }
};

double value_of(std::size_t value) { return static_cast<double>(value); }

TEST_CASE("the smallest of a thousand values is found in a few steps") {
  for (const std::size_t answer : {0U, 1U, 2U, 499U, 500U, 998U, 999U}) {
    System system{.figures = {[](std::size_t v) { return 1 / (1 + value_of(v)); }}};
    const double bound = 1 / (0.5 + value_of(answer));
    const SizeAnswer found =
        find_size({.values = 1000, .conditions = {condition("x", Condition::Is::below, bound)}},
                  system.runs());
    CHECK(found.value == answer);
    CHECK(found.reason_for_all.empty());
    CHECK(system.asked.size() <= 16);
    CHECK(found.tried.size() == system.asked.size());
  }
}

TEST_CASE("saturated values do not hold, whatever they show") {
  System system{.figures = {[](std::size_t v) { return 1 / (1 + value_of(v)); }},
                .is_saturated = [](std::size_t v) { return v < 700; }};
  const SizeAnswer found = find_size(
      {.values = 1000, .conditions = {condition("x", Condition::Is::below, 1)}}, system.runs());
  CHECK(found.value == 700U);
  CHECK(found.reason_for_all.empty());
}

TEST_CASE("where no value holds, there is no answer, after a few values") {
  System system{.figures = {[](std::size_t v) { return 1 + 1 / (1 + value_of(v)); }}};
  const SizeAnswer found = find_size(
      {.values = 1000, .conditions = {condition("x", Condition::Is::below, 1)}}, system.runs());
  CHECK_FALSE(found.value);
  CHECK(system.asked.size() == 3);
  System full{.figures = {[](std::size_t) { return 0.0; }},
              .is_saturated = [](std::size_t) { return true; }};
  CHECK_FALSE(
      find_size({.values = 9, .conditions = {condition("x", Condition::Is::below, 1)}}, full.runs())
          .value);
}

TEST_CASE("several conditions leave a range, of which the smallest or the cheapest is chosen") {
  // The latency falls, the energy rises: 40 to 60 hold for both.
  const std::vector<Condition> both = {condition("latency", Condition::Is::at_most, 60.5),
                                       condition("energy", Condition::Is::below, 60.5)};
  const auto latency = [](std::size_t v) { return 100 - value_of(v); };
  const auto energy = [](std::size_t v) { return value_of(v); };
  System system{.figures = {latency, energy}};
  CHECK(find_size({.values = 101, .conditions = both}, system.runs()).value == 40U);
  for (const bool rises : {true, false}) {
    System priced{.figures = {latency, energy, [rises](std::size_t v) {
                                return rises ? value_of(v) : 200 - value_of(v);
                              }}};
    const SizeAnswer found =
        find_size({.values = 101, .conditions = both, .has_cost = true}, priced.runs());
    CHECK(found.value == (rises ? 40U : 60U));
    CHECK(priced.asked.size() < 30);
  }
  System dear{
      .figures = {latency, energy, [](std::size_t v) { return std::abs(value_of(v) - 47); }}};
  CHECK(find_size({.values = 101, .conditions = both, .has_cost = true}, dear.runs()).value == 47U);
  const std::vector<Condition> none = {condition("latency", Condition::Is::at_most, 39.5),
                                       condition("energy", Condition::Is::below, 39.5)};
  System impossible{.figures = {latency, energy}};
  CHECK_FALSE(find_size({.values = 101, .conditions = none}, impossible.runs()).value);
}

TEST_CASE("a figure that is not monotone makes the search try all values, and says so") {
  // Only 30 to 34 hold, and the ends and the middle do not tell.
  const auto dip = [](std::size_t v) {
    return v >= 30 && v <= 34 ? 0.5 : 2 + 0.01 * value_of(v % 7);
  };
  System system{.figures = {dip}};
  const SizeAnswer found = find_size(
      {.values = 101, .conditions = {condition("x", Condition::Is::below, 1)}}, system.runs());
  // At 0, 50 and 100 the figure is 2, 2.01 and 2.02, which is monotone: such a dip cannot be seen.
  CHECK_FALSE(found.value);
  System bowl{.figures = {[](std::size_t v) { return std::abs(value_of(v) - 48); }}};
  const SizeAnswer seen = find_size(
      {.values = 101, .conditions = {condition("x", Condition::Is::below, 5)}}, bowl.runs());
  CHECK(seen.value == 44U);
  CHECK(seen.reason_for_all == "x is not monotone");
  CHECK(seen.tried.size() == 101);
}

TEST_CASE("values without an order are all tried") {
  System system{.figures = {[](std::size_t v) { return value_of(v * 7 % 10); }}};
  const SizeAnswer found = find_size(
      {.values = 10, .conditions = {condition("x", Condition::Is::below, 3)}, .is_ordered = false},
      system.runs());
  CHECK(found.value == 0U);
  CHECK(found.tried.size() == 10);
}

TEST_CASE("bisection finds what trying all values finds, on random monotone systems") {
  RandomStream stream = random_stream(1, "sizes");
  const auto draw = [&stream](int from, int to) {
    return boost::random::uniform_int_distribution<int>(from, to)(stream);
  };
  for (int round = 0; round < 500; ++round) {
    const auto values = static_cast<std::size_t>(draw(1, 40));
    const int stable_from = draw(0, 20), bound = draw(0, 60), limit = draw(0, 60);
    const bool has_cost = draw(0, 1) == 1, dear = draw(0, 1) == 1;
    const auto make = [&] {
      return System{
          .figures = {[](std::size_t v) { return 50 - value_of(v) + 0.5; },
                      [](std::size_t v) { return value_of(v) + 0.5; },
                      [dear](std::size_t v) { return dear ? value_of(v) + 1 : 99 - value_of(v); }},
          .is_saturated = [=](std::size_t v) { return static_cast<int>(v) < stable_from; }};
    };
    SizeQuestion question{.values = values,
                          .conditions = {condition("a", Condition::Is::below, bound),
                                         condition("b", Condition::Is::below, limit)},
                          .has_cost = has_cost};
    System fast = make(), slow = make();
    const SizeAnswer found = find_size(question, fast.runs());
    question.is_ordered = false;
    const SizeAnswer expected = find_size(question, slow.runs());
    CAPTURE(round);
    CHECK(found.value == expected.value);
    CHECK(found.reason_for_all.empty());
  }
}

}  // namespace
}  // namespace offcut::study::size_search_test
