// Tensors that are transposed, split or picked from without a copy.

#include <doctest/doctest.h>

#include <numeric>

#include "models/exec/gemm.h"
#include "models/exec/strided.h"
#include "models/ops/walk.h"
#include "tests/models/exec/net.h"

namespace offcut::exec::moved_test {
namespace {

/// Returns the elements in row-major order, one by one.
std::vector<float> elements_of(const Shape& shape, const Strided& view,
                               const std::vector<float>& memory) {
  std::vector<float> values;
  std::vector<std::int64_t> index(shape.size(), 0);
  for (std::int64_t n = 0; n < elements(shape); ++n) {
    std::int64_t rest = n;
    std::int64_t position = view.offset;
    for (std::size_t i = shape.size(); i-- > 0;) {
      position += rest % shape[i] * view.steps[i];
      rest /= shape[i];
    }
    values.push_back(memory[static_cast<std::size_t>(position)]);
  }
  return values;
}

}  // namespace

TEST_CASE("strided: views keep their elements under another shape, or report that they can't") {
  std::vector<float> memory(240);
  std::iota(memory.begin(), memory.end(), 0.0F);
  RandomStream random = random_stream(1, "strided");
  int moved = 0;
  int kept = 0;
  for (int round = 0; round < 2000; ++round) {
    // A permuted view of a dense 4 x 3 x 1 x 5 x 4, and several shapes for it.
    const Shape dense = {4, 3, 1, 5, 4};
    std::vector<std::size_t> order = {0, 1, 2, 3, 4};
    for (std::size_t i = order.size(); i-- > 1;) {
      std::swap(order[i], order[random() % (i + 1)]);
    }
    const auto steps = ops::row_major_steps(dense);
    Shape shape;
    Strided view;
    for (const std::size_t axis : order) {
      shape.push_back(dense[axis]);
      view.steps.push_back(steps[axis]);
    }
    const std::vector<Shape> shapes = {{12, 20}, {240},      {4, 3, 5, 4},  {2, 2, 3, 5, 2, 2},
                                       {20, 12}, {5, 4, 12}, {1, 60, 4, 1}, {3, 4, 4, 5}};
    const Shape& to = shapes[random() % shapes.size()];
    const auto result = reshaped(shape, view, to);
    std::vector<float> copied(240);
    copy_dense(shape, view, memory.data(), copied.data());
    CHECK(copied == elements_of(shape, view, memory));
    if (result) {
      ++kept;
      CHECK(elements_of(to, *result, memory) == copied);
    } else {
      ++moved;
      CHECK_FALSE(is_dense(shape, view));
    }
  }
  CHECK(kept > 100);
  CHECK(moved > 100);
}

TEST_CASE("gemm: rows or columns in order, with gaps between") {
  RandomStream random = random_stream(1, "gemm");
  std::vector<float> memory(4000);
  for (float& value : memory) {
    value = static_cast<float>(random() >> 56U) / 128 - 1;
  }
  for (const bool a_rows : {true, false}) {
    for (const bool b_rows : {true, false}) {
      const std::int64_t m = 7;
      const std::int64_t n = 5;
      const std::int64_t k = 11;
      const MatrixView a{memory.data(), m, k, a_rows ? k + 3 : 1, a_rows ? 1 : m + 2};
      const MatrixView b{memory.data() + 1000, k, n, b_rows ? n + 1 : 1, b_rows ? 1 : k + 4};
      std::vector<float> c(static_cast<std::size_t>(m * (n + 2)), -7);
      multiply(0.5F, a, b, c.data(), n + 2);
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n + 2; ++j) {
          double sum = 0;
          for (std::int64_t l = 0; l < k; ++l) {
            sum += a.data[i * a.row_step + l * a.column_step] *
                   b.data[l * b.row_step + j * b.column_step];
          }
          const double expected = j < n ? sum / 2 : -7;  // The gap keeps its values.
          CHECK(c[static_cast<std::size_t>(i * (n + 2) + j)] ==
                doctest::Approx(expected).epsilon(1e-5));
        }
      }
    }
  }
}

TEST_CASE("moved: transposed, split and picked tensors, read by all kinds of layers") {
  Net net;
  const auto axis = [](std::int64_t value) {
    Attributes attributes;
    attributes.set("axis", value);
    return attributes;
  };
  const TensorId x = net.values("x", {2, 6, 4, 5});
  const TensorId moved = net.build.transpose("moved", x, {0, 2, 3, 1});
  net.graph.add_output(moved);
  net.graph.add_output(net.build.relu("relu", moved));
  const auto parts = net.build.layers("Split", "parts", {moved}, axis(3), 3);
  for (const TensorId part : parts) {
    net.graph.add_output(part);
  }
  net.graph.add_output(net.build.add("sum", parts[0], parts[2]));
  const TensorId picked =
      net.layer("Gather", "picked", {parts[1], net.build.integers("index", {}, {-2})}, axis(1));
  net.graph.add_output(net.build.reshape("flat", picked, {20}));
  net.graph.add_output(net.layer("Softmax", "prob", {parts[1]}, axis(-1)));
  net.graph.add_output(
      net.build.reshape("again", net.build.transpose("back", moved, {0, 3, 1, 2}), {12, 20}));
  const auto first = net.build.layers("Split", "first", {x}, axis(0), 2);
  net.graph.add_output(first[0]);  // Begins where x begins, and is shorter.
  net.graph.add_output(net.build.relu("first_relu", first[0]));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
  int cuts = 0;
  CHECK(worst_cut(
            net.graph, [](int number) { return number % 29 == 0; }, cuts) <= kTolerance);
}

}  // namespace offcut::exec::moved_test
