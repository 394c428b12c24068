// The gradient of Max and Min: the inputs that equal the result are counted first, then each gets
// its share of the slope.

#include "models/train/chosen.h"

#include "models/train/binary_gradient.h"

namespace offcut::train {

std::vector<Tensor> chosen_backward(const Backward& b) {
  const Tensor& y = b.outputs[0];
  Tensor ones(y.type());
  Tensor equal(y.type());
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(elements_of<T>(ones), ones.size(), T{1});
  });
  const auto is_equal = [](auto x, auto result) { return x == result ? x * 0 + 1 : x * 0; };
  for (const Tensor& input : b.inputs) {
    equal = added(equal, times_slope(input, y, ones, is_equal));
  }
  const Tensor share = times_slope(equal, y, b.slopes[0], [](auto n, auto) { return 1 / n; });
  std::vector<Tensor> all(b.inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (b.wanted[i]) {
      all[i] = sum_to(times_slope(b.inputs[i], y, share, is_equal), b.call.shape(i));
    }
  }
  return all;
}

}  // namespace offcut::train
