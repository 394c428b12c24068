// N:M sparsity, against a count of every group.

#include <doctest/doctest.h>

#include <cmath>

#include "models/graph/parameter_value.h"
#include "models/zoo/builder.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"

namespace offcut::compress::n_m_test {

TEST_CASE("of 4 weights along the input channels the 2 greatest stay, in kernels and matrices") {
  Graph graph("draft");
  zoo::NetworkBuilder net(graph, train::all_operators(), 1);
  TensorId x = net.conv("conv", net.image(8, 3, 3), {.filters = 3, .kernel = 3});
  x = net.dense("fc", net.flatten("flatten", net.conv("second", x, {.filters = 6, .kernel = 1})),
                5);
  graph.add_output(net.linear("matrix", net.reshape("rows", x, {1, 1, 5}), 4));
  const std::vector<float> before = values_in(graph, "conv.weight");
  const Network sparse = applied("n-m", {.graph = graph});
  const std::vector<float> after = values_in(sparse.graph, "conv.weight");
  for (std::size_t filter = 0; filter < 3; ++filter) {
    for (std::size_t tap = 0; tap < 9; ++tap) {
      for (std::size_t first = 0; first < 8; first += 4) {
        double kept = 0;
        double gone = 0;
        int count = 0;
        for (std::size_t c = first; c < first + 4; ++c) {
          const std::size_t place = (filter * 8 + c) * 9 + tap;
          count += after[place] != 0 ? 1 : 0;
          kept = after[place] != 0 ? std::max(kept, 1 / double{std::abs(before[place])}) : kept;
          gone = after[place] == 0 ? std::max(gone, double{std::abs(before[place])}) : gone;
          CHECK((after[place] == 0 || after[place] == before[place]));
        }
        CHECK(count == 2);
        CHECK(gone <= 1 / kept);
      }
    }
  }
  const std::vector<float> matrix =
      values_in(sparse.graph, "matrix.weight");  // 5 x 4, inputs first.
  for (std::size_t output = 0; output < 4; ++output) {
    int count = 0;
    for (std::size_t input = 0; input < 4; ++input) {
      count += matrix[input * 4 + output] != 0 ? 1 : 0;
    }
    CHECK(count == 2);
    CHECK(matrix[4 * 4 + output] != 0);  // A group of its own.
  }
  CHECK(sparse.rules.count("fc.weight") == 1);
  CHECK(sparse.rules.count("fc.bias") == 0);
}

TEST_CASE("n must be less than m") {
  CHECK_THROWS_WITH_AS(applied("n-m:n=4,m=4", {.graph = lenet5()}),
                       "n-m: n must be less than m, got n=4 and m=4", std::invalid_argument);
}

}  // namespace offcut::compress::n_m_test
