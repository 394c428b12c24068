// Sums that gradients need: over the axes of a broadcast, and of the contributions of a tensor's
// readers. Both run in the order of memory, so results do not depend on anything else.

#include "models/train/sum_to.h"

#include "models/ops/broadcast.h"
#include "models/train/floats.h"

namespace offcut::train {
namespace {

template <class T>
Tensor summed(const Tensor& tensor, const Shape& shape) {
  const ops::Broadcast pairs(shape, tensor.shape());
  std::vector<double> sums(static_cast<std::size_t>(elements(shape)));
  const T* const from = elements_of<T>(tensor);
  pairs.for_each_run([&](std::int64_t to, std::int64_t, std::int64_t start, std::int64_t n) {
    double* const place = sums.data() + to;
    if (pairs.a_step() == 0) {
      double sum = *place;
      for (std::int64_t i = 0; i < n; ++i) {
        sum += static_cast<double>(from[start + i]);
      }
      *place = sum;
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        place[i] += static_cast<double>(from[start + i]);
      }
    }
  });
  Tensor result(TensorType{tensor.type().type, shape});
  T* const to = elements_of<T>(result);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    to[i] = static_cast<T>(sums[i]);
  }
  return result;
}

}  // namespace

Tensor sum_to(const Tensor& tensor, const Shape& shape) {
  if (tensor.shape() == shape) {
    return tensor;
  }
  if (tensor.size() == elements(shape)) {
    return tensor.reshaped(shape);
  }
  return with_float(tensor.type().type,
                    [&](auto zero) { return summed<decltype(zero)>(tensor, shape); });
}

Tensor added(const Tensor& a, const Tensor& b) {
  if (a.absent() || b.absent()) {
    return a.absent() ? b : a;
  }
  Tensor sum(a.type());
  with_float(a.type().type, [&](auto zero) {
    using T = decltype(zero);
    const T* const x = elements_of<T>(a);
    const T* const y = elements_of<T>(b);
    T* const z = elements_of<T>(sum);
    for (std::int64_t i = 0; i < sum.size(); ++i) {
      z[i] = x[i] + y[i];
    }
  });
  return sum;
}

}  // namespace offcut::train
