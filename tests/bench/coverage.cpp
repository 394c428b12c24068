// Prints a table of how often the intervals cover the known figures of M/M/1.
// `bench_coverage RUNS LOAD REQUESTS...` prints the rows of one load.

#include "../theory/coverage.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

void print_rows(double load, std::size_t requests, std::size_t runs) {
  for (const auto& row : offcut::theory_tests::mm1_coverage(load, requests, runs, 1)) {
    const std::size_t kept = row.runs - row.too_short;
    const double mean = 1 / (1 - load);
    const double truth = row.figure == "mean" ? mean : -std::log(0.05) * mean;
    const double half_width = row.half_width / static_cast<double>(kept) / truth;
    fmt::print("| {} | {} | {} | {} | {} | {:.1f} % | {} |\n", load, requests, row.method,
               row.figure, kept > 0 ? fmt::format("{:.1f} %", 100 * row.coverage()) : "-",
               100.0 * static_cast<double>(row.too_short) / static_cast<double>(row.runs),
               kept > 0 ? fmt::format("{:.1f} %", 100 * half_width) : "-");
  }
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fputs("expected: bench_coverage RUNS LOAD REQUESTS...\n", stderr);
    return 2;
  }
  const std::size_t runs = std::strtoull(arguments[1], nullptr, 10);
  const double load = std::strtod(arguments[2], nullptr);
  fmt::print("| load | requests | method | figure | coverage | too short | half-width |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- |\n");
  for (int i = 3; i < count; ++i) {
    print_rows(load, std::strtoull(arguments[i], nullptr, 10), runs);
  }
  return 0;
}
