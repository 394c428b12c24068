// Enumerates combinations by the number of their changes. Their numbers are the elementary
// symmetric polynomials of the numbers of other alternatives.

#include "sim/study/answers/few_changes.h"

namespace offcut::study {
namespace {

/// Returns how many combinations have 0, 1, 2, ... changes.
std::vector<double> numbers_by_changes(const std::vector<std::size_t>& alternatives) {
  std::vector<double> numbers = {1};
  for (const std::size_t count : alternatives) {
    numbers.push_back(0);
    for (std::size_t changes = numbers.size(); changes-- > 1;) {
      numbers[changes] += numbers[changes - 1] * static_cast<double>(count - 1);
    }
  }
  return numbers;
}

/// Adds all combinations with so many changes in the parts from `part` on.
void add_changes(const std::vector<std::size_t>& alternatives, std::size_t part,
                 std::size_t changes, std::vector<std::size_t>& choice,
                 std::vector<std::vector<std::size_t>>& all) {
  if (part == alternatives.size()) {
    if (changes == 0) {
      all.push_back(choice);
    }
    return;
  }
  if (changes > alternatives.size() - part) {
    return;
  }
  add_changes(alternatives, part + 1, changes, choice, all);
  for (std::size_t other = 1; changes > 0 && other < alternatives[part]; ++other) {
    choice[part] = other;
    add_changes(alternatives, part + 1, changes - 1, choice, all);
  }
  choice[part] = 0;
}

}  // namespace

FewChanges few_changes(const std::vector<std::size_t>& alternatives, std::size_t most) {
  const std::vector<double> numbers = numbers_by_changes(alternatives);
  FewChanges result;
  double count = 1;
  while (result.changes + 1 < numbers.size() && numbers[result.changes + 1] > 0 &&
         count + numbers[result.changes + 1] <= static_cast<double>(most)) {
    count += numbers[++result.changes];
  }
  result.are_all = true;
  for (std::size_t changes = result.changes + 1; changes < numbers.size(); ++changes) {
    result.are_all = result.are_all && numbers[changes] == 0;
  }
  std::vector<std::size_t> choice(alternatives.size(), 0);
  for (std::size_t changes = 0; changes <= result.changes; ++changes) {
    add_changes(alternatives, 0, changes, choice, result.choices);
  }
  return result;
}

}  // namespace offcut::study
