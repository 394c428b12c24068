// The gradient of MaxPool: the slope of each window goes to its greatest element, the first of
// equal ones, as in PyTorch.

#include "models/train/pooling_gradient.h"

namespace offcut::train {
namespace {

struct MaxPoolPlane {
  template <class T>
  void operator()(const ops::Pooling& p, const T* x, const T* dy, T* dx) const {
    for_each_window(p, [&](const PoolingWindow& window, std::int64_t out) {
      std::int64_t best = -1;
      for_each_tap(p, window,
                   [&](std::int64_t in) { best = best < 0 || x[in] > x[best] ? in : best; });
      dx[best] += dy[out];
    });
  }
};

}  // namespace

void register_max_pool(Registry<Gradient>& registry) {
  registry.add(
      {.name = "MaxPool",
       .doc = "the slope of each window for its greatest element",
       .reads_inputs = {0},
       .backward = [](const Backward& b) { return pooling_backward<true>(b, MaxPoolPlane{}); }});
}

}  // namespace offcut::train
