#include "models/base/comma_list.h"

#include <doctest/doctest.h>

namespace offcut::comma_list_test {

using Parts = std::vector<std::string>;

TEST_CASE("comma list: parts, and empty ones") {
  CHECK(comma_list("a") == Parts{"a"});
  CHECK(comma_list("a, b,c") == Parts{"a", " b", "c"});
  CHECK(comma_list("") == Parts{""});
  CHECK(comma_list(",a,,") == Parts{"", "a", "", ""});
}

}  // namespace offcut::comma_list_test
