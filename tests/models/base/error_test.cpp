#include "models/base/error.h"

#include <doctest/doctest.h>

namespace offcut {

TEST_CASE("error: the same error is added only once") {
  const Diagnostic first{{"a.yaml", 1, 2}, "no such tier"};
  std::vector<Diagnostic> diagnostics = {first};
  for (const Diagnostic& other :
       {Diagnostic{{"a.yaml", 1, 3}, "no such tier"}, Diagnostic{{"b.yaml", 1, 2}, "no such tier"},
        Diagnostic{{"a.yaml", 1, 2}, "no such hop"}}) {
    CHECK(!is_among(other, diagnostics));
    add_new(std::vector{first, other, other}, diagnostics);
    CHECK(diagnostics.back() == other);
  }
  CHECK(diagnostics.size() == 4);
  CHECK(is_among(first, diagnostics));
}

}  // namespace offcut
