// The gradient of AveragePool: each element of a window gets its share of the slope, 1 / n for the
// n elements that the mean counts, with the padding if count_include_pad says so.

#include "models/train/pooling_gradient.h"

namespace offcut::train {
namespace {

struct AveragePoolPlane {
  bool count_padding;

  template <class T>
  void operator()(const ops::Pooling& p, const T*, const T* dy, T* dx) const {
    for_each_window(p, [&](const PoolingWindow& window, std::int64_t out) {
      double count = 1;
      for (std::size_t i = 0; i < p.axes.size(); ++i) {
        count *= p.axes[i].count(window.at[i], count_padding);
      }
      const T share = static_cast<T>(static_cast<double>(dy[out]) / count);
      for_each_tap(p, window, [&](std::int64_t in) { dx[in] += share; });
    });
  }
};

std::vector<Tensor> backward_average_pool(const Backward& b) {
  const bool count_padding = b.call.attributes.integer("count_include_pad", 0) != 0;
  return pooling_backward<false>(b, AveragePoolPlane{count_padding});
}

}  // namespace

void register_average_pool(Registry<Gradient>& registry) {
  registry.add({.name = "AveragePool",
                .doc = "the share of each window's slope, added up",
                .backward = backward_average_pool});
}

}  // namespace offcut::train
