#include "models/base/readable.h"

#include <doctest/doctest.h>

namespace offcut::readable_test {

TEST_CASE("readable: counts with their nouns") {
  CHECK(counted(0, "layer") == "0 layers");
  CHECK(counted(1, "layer") == "1 layer");
  CHECK(counted(std::size_t{22}, "layer") == "22 layers");
  CHECK(counted(1, "vertex", "vertices") == "1 vertex");
  CHECK(counted(2, "vertex", "vertices") == "2 vertices");
}

TEST_CASE("readable: significant digits without an exponent") {
  CHECK(significant(290.4, 2) == "290");
  CHECK(significant(17560, 4) == "17560");
  CHECK(significant(99.4, 2) == "99");
  CHECK(significant(99.5, 2) == "100");
  CHECK(significant(-1234.5, 3) == "-1234");
  CHECK(significant(0.012345, 3) == "0.0123");
  CHECK(significant(0, 3) == "0");
  CHECK(significant(1.6e-5, 4) == "0.000016");
  CHECK(significant(-9.99996e-5, 4) == "-0.0001");
  CHECK(significant(1e-10, 2) == "1e-10");
  CHECK(significant(1e15, 3) == "1e+15");
  CHECK(percent(2.9, 2) == "290 %");
  CHECK(percent(0.0123, 2) == "1.2 %");
}

}  // namespace offcut::readable_test
