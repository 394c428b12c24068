// Interpolates measured times between batch sizes. Computing a batch costs a part that does not
// depend on its size (launches, weights) and a part for each request, so that times lie on straight
// lines where neither changes; beyond the largest batch, the first part is taken to be used up.
#include "models/graph/measured_times.h"

#include <iterator>
#include <utility>

namespace offcut {

void MeasuredTimes::add(std::int64_t batch, std::vector<Seconds> layers) {
  by_batch_[batch] = std::move(layers);
}

std::vector<std::int64_t> MeasuredTimes::batches() const {
  std::vector<std::int64_t> sizes;
  for (const auto& [size, layers] : by_batch_) {
    sizes.push_back(size);
  }
  return sizes;
}

std::vector<Seconds> MeasuredTimes::at(double batch) const {
  const auto above = by_batch_.upper_bound(static_cast<std::int64_t>(batch));
  const auto& [below_size, below] = *std::prev(above);
  std::vector<Seconds> times = below;
  const auto below_batch = static_cast<double>(below_size);
  if (above == by_batch_.end()) {
    for (Seconds& time : times) {
      time = time * (batch / below_batch);
    }
    return times;
  }
  const double share = (batch - below_batch) / (static_cast<double>(above->first) - below_batch);
  for (std::size_t layer = 0; layer < times.size(); ++layer) {
    times[layer] += (above->second[layer] - below[layer]) * share;
  }
  return times;
}

}  // namespace offcut
