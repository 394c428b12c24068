// The gradient of ReduceProd: the product of the other elements. A zero leaves a gradient to itself
// alone, and two zeros none.

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

constexpr int kProdAxes = ops::kAxesAlwaysAttribute;

std::vector<Tensor> backward_reduce_prod(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), b.call.shape(0)});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const x = elements_of<T>(b.inputs[0]);
    const T* const dy = elements_of<T>(b.slopes[0]);
    const auto results = static_cast<std::size_t>(b.slopes[0].size());
    std::vector<T> product(results, T{1});  // Of the elements that are not zero.
    std::vector<int> zeros(results);
    for_each_reduced(b.call, kProdAxes, [&](std::int64_t in, std::int64_t out) {
      const auto place = static_cast<std::size_t>(out);
      zeros[place] += x[in] == 0 ? 1 : 0;
      product[place] *= x[in] == 0 ? T{1} : x[in];
    });
    for_each_reduced(b.call, kProdAxes, [&](std::int64_t in, std::int64_t out) {
      const auto place = static_cast<std::size_t>(out);
      const int others = zeros[place] - (x[in] == 0 ? 1 : 0);
      const T rest = x[in] == 0 ? product[place] : product[place] / x[in];
      elements_of<T>(all[0])[in] = others == 0 ? rest * dy[out] : T{0};
    });
  });
  return all;
}

}  // namespace

void register_reduce_prod(Registry<Gradient>& registry) {
  registry.add({.name = "ReduceProd",
                .doc = "the product of the other elements",
                .reads_inputs = {0},
                .backward = backward_reduce_prod});
}

}  // namespace offcut::train
