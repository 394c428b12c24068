// Combinations by the number of their changes, compared with all combinations.

#include "sim/study/answers/few_changes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace offcut::study::few_changes_test {
namespace {

std::size_t changes_in(const std::vector<std::size_t>& choice) {
  return choice.size() - static_cast<std::size_t>(std::count(choice.begin(), choice.end(), 0U));
}

/// Returns all combinations, counted up like a number.
std::vector<std::vector<std::size_t>> all_choices(const std::vector<std::size_t>& alternatives) {
  std::vector<std::vector<std::size_t>> all;
  std::vector<std::size_t> choice(alternatives.size(), 0);
  while (true) {
    all.push_back(choice);
    std::size_t part = choice.size();
    while (part > 0 && ++choice[part - 1] == alternatives[part - 1]) {
      choice[--part] = 0;
    }
    if (part == 0) {
      return all;
    }
  }
}

TEST_CASE("few changes: with room for all, they are all, those with fewer changes first") {
  const std::vector<std::size_t> alternatives = {3, 1, 2, 4};
  std::vector<std::vector<std::size_t>> all = all_choices(alternatives);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return changes_in(a) < changes_in(b); });
  const FewChanges few = few_changes(alternatives, 24);
  CHECK(few.choices == all);
  CHECK(few.are_all);
  CHECK(few.changes == 3);
}

TEST_CASE("few changes: the number of changes is the largest that has room") {
  const std::vector<std::size_t> alternatives = {3, 2, 5};
  const auto all = all_choices(alternatives);
  for (std::size_t most = 1; most <= 31; ++most) {
    const FewChanges few = few_changes(alternatives, most);
    CAPTURE(most);
    CHECK(few.choices.size() <= most);
    const auto with = [&](std::size_t changes) {
      return static_cast<std::size_t>(std::count_if(
          all.begin(), all.end(), [&](const auto& one) { return changes_in(one) <= changes; }));
    };
    CHECK(few.choices.size() == with(few.changes));
    CHECK((few.changes == 3 || with(few.changes + 1) > most));
    CHECK(few.are_all == (few.choices.size() == 30));
    CHECK(std::set(few.choices.begin(), few.choices.end()).size() == few.choices.size());
  }
}

TEST_CASE("few changes: without parts, there is one combination") {
  CHECK(few_changes({}, 5).choices.size() == 1);
  CHECK(few_changes({1, 1}, 1).are_all);
}

}  // namespace
}  // namespace offcut::study::few_changes_test
