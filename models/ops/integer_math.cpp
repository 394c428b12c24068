#include "models/ops/integer_math.h"

#include <Eigen/Core>

namespace offcut::ops {
namespace {

using Integers = Eigen::Matrix<std::uint32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstIntegersMap = Eigen::Map<const Integers>;
using IntegersMap = Eigen::Map<Integers>;

}  // namespace

std::vector<std::uint32_t> convolved(const Convolution& g, const std::vector<std::uint32_t>& x,
                                     const std::vector<std::uint32_t>& w) {
  const std::int64_t reads = g.in_channels * g.taps();
  std::vector<std::uint32_t> y(
      static_cast<std::size_t>(g.batch * g.groups * g.out_channels * g.out_plane()));
  Integers columns(reads, g.out_plane());
  const std::uint32_t* from = x.data();
  std::uint32_t* to = y.data();
  for (std::int64_t n = 0; n < g.batch; ++n) {
    const std::uint32_t* weights = w.data();
    for (std::int64_t group = 0; group < g.groups; ++group) {
      im2col(g, from, columns.data());
      IntegersMap(to, g.out_channels, g.out_plane()).noalias() =
          ConstIntegersMap(weights, g.out_channels, reads) * columns;
      from += g.in_channels * g.in_plane();
      weights += g.out_channels * reads;
      to += g.out_channels * g.out_plane();
    }
  }
  return y;
}

std::vector<std::uint32_t> multiplied(const MatrixProduct& product,
                                      const std::vector<std::uint32_t>& a,
                                      const std::vector<std::uint32_t>& b) {
  std::vector<std::uint32_t> y(static_cast<std::size_t>(elements(product.shape)));
  const MatrixProduct p = product.merged();
  p.for_each_pair([&](std::int64_t a_start, std::int64_t b_start, std::int64_t start) {
    IntegersMap(y.data() + start, p.a.rows, p.b.columns).noalias() =
        ConstIntegersMap(a.data() + a_start, p.a.rows, p.a.columns) *
        ConstIntegersMap(b.data() + b_start, p.b.rows, p.b.columns);
  });
  return y;
}

Tensor as_int32(const std::vector<std::uint32_t>& sums, TensorType type) {
  Tensor output(std::move(type));
  std::transform(sums.begin(), sums.end(), output.values<std::int32_t>().begin(),
                 [](std::uint32_t sum) { return static_cast<std::int32_t>(sum); });
  return output;
}

}  // namespace offcut::ops
