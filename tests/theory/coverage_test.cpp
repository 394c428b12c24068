// The coverage of 95 % intervals for M/M/1, with fewer runs than bench_coverage makes. Of 500 runs
// with a true coverage of 95 %, the share scatters by 1 %: below 91.5 % or above 98.5 % means that
// it is not 95 +- 1 %, except once in 200 times; the seeds are fixed.

#include "coverage.h"

#include <doctest/doctest.h>

#include <string_view>

namespace offcut::theory_tests {
namespace {

void check(double load, std::size_t requests) {
  for (const CoverageRow& row : mm1_coverage(load, requests, 500, 1)) {
    if (row.method.find("original") != std::string::npos) {
      continue;  // Its bias is known.
    }
    INFO(load, " ", requests, " ", row.method, " ", row.figure);
    if (row.method == "batch means") {
      CHECK(row.too_short < row.runs / 20);
    }
    if (row.too_short < row.runs / 20) {
      CHECK(row.coverage() > 0.915);
      CHECK(row.coverage() < 0.985);
    }
  }
}

TEST_CASE("coverage: M/M/1 at load 0.5, 40,000 requests") { check(0.5, 40000); }

TEST_CASE("coverage: M/M/1 at load 0.9, 400,000 requests") { check(0.9, 400000); }

TEST_CASE("coverage: nearly all short runs are called too short") {
  for (const CoverageRow& row : mm1_coverage(0.9, 20000, 500, 1)) {
    INFO(row.method, " ", row.figure);
    CHECK(row.too_short > row.runs * 97 / 100);
  }
}

}  // namespace
}  // namespace offcut::theory_tests
