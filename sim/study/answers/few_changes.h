#pragma once

#include <cstddef>
#include <vector>

namespace offcut::study {

/// Combinations of alternatives, one for each part. Alternative 0 is the present one.
struct FewChanges {
  std::vector<std::vector<std::size_t>> choices;  // By combination and part.
  std::size_t changes = 0;                        // The most parts that are not the present ones.
  bool are_all = false;                           // They are all combinations.
};

/// Returns all combinations in which at most so many parts change, for the largest such number that
/// gives at most `most` combinations: those with fewer changes first, then in lexicographic order.
/// The present ones are always there. `alternatives` has the number for each part, at least 1.
FewChanges few_changes(const std::vector<std::size_t>& alternatives, std::size_t most);

}  // namespace offcut::study
