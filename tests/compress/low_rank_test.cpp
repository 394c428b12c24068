// Low rank. By Eckart and Young, the squared distance of the product of the two matrices from W is
// the sum of the squared singular values that were cut off.

#include <doctest/doctest.h>

#include <Eigen/SVD>
#include <optional>

#include "models/graph/replace.h"
#include "models/zoo/builder.h"
#include "tests/compress/masked.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"

namespace offcut::compress::low_rank_test {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix matrix_in(const Graph& graph, const std::string& parameter) {
  const Shape shape = graph.tensor(graph.find_tensor(parameter).value()).type.shape;
  const std::vector<float> values = values_in(graph, parameter);
  return Eigen::Map<const Matrix>(values.data(), shape[0], shape[1]);
}

Graph network_of(const std::string& kind) {
  Graph graph("draft");
  zoo::NetworkBuilder net(graph, train::all_operators(), 1);
  if (kind == "Conv") {
    graph.add_output(net.conv("layer", net.image(24, 5, 5),
                              {.filters = 32, .kernel = 1, .stride = 2, .pad = 1}));
  } else if (kind == "Gemm") {
    graph.add_output(net.dense("layer", net.features(24), 32));
  } else {
    graph.add_output(net.matrix("layer", net.features(24), 32));  // Stored as inputs x outputs.
  }
  return graph;
}

}  // namespace

TEST_CASE("the error of a rank is the energy of the singular values beyond it") {
  for (const std::string kind : {"Conv", "Gemm", "transposed"}) {
    CAPTURE(kind);
    const Graph whole = network_of(kind);
    const Graph low = applied("low-rank:rate=0.5", {.graph = whole}).graph;
    const Matrix w = matrix_in(whole, "layer.weight");
    const Matrix narrow = matrix_in(low, "layer.weight.narrow");
    const Matrix wide = matrix_in(low, "layer.weight");
    const bool transposed = kind == "transposed";
    const Eigen::Index rank = transposed ? narrow.cols() : narrow.rows();
    CHECK(rank == 6);  // 24 * 32 / 2 / (24 + 32) = 6.86.
    const Matrix product = transposed ? Matrix(narrow * wide) : Matrix(wide * narrow);
    const Eigen::VectorXd singular = w.cast<double>().bdcSvd().singularValues();
    const double tail = singular.tail(singular.size() - rank).squaredNorm();
    CHECK((w - product).cast<double>().squaredNorm() == doctest::Approx(tail).epsilon(1e-5));
    CHECK(low.total_work().macs <= 0.5 * whole.total_work().macs + 1);
    CHECK(low.tensor(low.outputs().front()).type == whole.tensor(whole.outputs().front()).type);
  }
}

TEST_CASE("a layer of low rank keeps its results") {
  for (const std::string kind : {"Conv", "Gemm", "transposed"}) {
    CAPTURE(kind);
    const Graph low = applied("low-rank:rate=0.5", {.graph = network_of(kind)}).graph;
    Graph joined = network_of(kind);
    const Matrix narrow = matrix_in(low, "layer.weight.narrow");
    const Matrix wide = matrix_in(low, "layer.weight");
    const Matrix product = kind == "transposed" ? Matrix(narrow * wide) : Matrix(wide * narrow);
    joined = with_parameters(joined, [&](const TensorNode& node) -> std::optional<Tensor> {
      return node.name == "layer.weight"
                 ? std::optional(
                       Tensor(node.type.shape,
                              std::span<const float>(product.data(),
                                                     static_cast<std::size_t>(product.size()))))
                 : std::nullopt;
    });
    const Tensor expected = output_of(joined);
    const Tensor actual = output_of(low);
    for (std::size_t i = 0; i < expected.values<float>().size(); ++i) {
      CHECK(actual.values<float>()[i] ==
            doctest::Approx(expected.values<float>()[i]).epsilon(1e-4).scale(1));
    }
  }
}

TEST_CASE("all energy needs the full rank, which saves nothing") {
  const Graph whole = network_of("Gemm");
  CHECK(applied("low-rank:energy=1", {.graph = whole}).graph.layer_count() == 1);
  CHECK(applied("low-rank:energy=0.3", {.graph = whole}).graph.layer_count() == 2);
}

TEST_CASE("a target of multiply-accumulates is met") {
  const Graph lenet = lenet5();
  // Its dense layers have 2.6 % of the multiply-accumulates; with ranks of 1, 97.4 % are left.
  const Graph low = applied("low-rank:macs=0.98", {.graph = lenet}).graph;
  CHECK(low.total_work().macs <= 0.98 * lenet.total_work().macs);
  CHECK(low.total_work().macs > 0.975 * lenet.total_work().macs);
  CHECK_THROWS_WITH_AS(applied("low-rank:macs=0.1", {.graph = lenet}),
                       doctest::Contains("are left with ranks of 1"), std::invalid_argument);
}

}  // namespace offcut::compress::low_rank_test
