#include "models/base/error.h"

#include <doctest/doctest.h>

namespace offcut {

TEST_CASE("error: a mistake that was noted before is not noted again") {
  const Mistake first{{"a.yaml", 1, 2}, "no such tier"};
  std::vector<Mistake> mistakes = {first};
  for (const Mistake& other :
       {Mistake{{"a.yaml", 1, 3}, "no such tier"}, Mistake{{"b.yaml", 1, 2}, "no such tier"},
        Mistake{{"a.yaml", 1, 2}, "no such hop"}}) {
    CHECK(!is_among(other, mistakes));
    add_new(std::vector{first, other, other}, mistakes);
    CHECK(mistakes.back() == other);
  }
  CHECK(mistakes.size() == 4);
  CHECK(is_among(first, mistakes));
}

}  // namespace offcut
