// Union-find over positions of axes. A set is fixed if any of its positions was fixed, which the
// representative's flag says.
#include "models/compress/channel_ties.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace offcut::compress {

ChannelTies::ChannelTies(const Graph& graph) : graph_(graph), sets_(nullptr, nullptr) {
  std::size_t elements = 0;
  for (TensorId tensor = 0; tensor < graph.tensor_count(); ++tensor) {
    first_axis_.push_back(extents_.size());
    for (const std::int64_t extent : graph.tensor(tensor).type.shape) {
      extents_.push_back(extent);
      first_element_.push_back(elements);
      elements += static_cast<std::size_t>(extent);
    }
  }
  first_axis_.push_back(extents_.size());
  ranks_.assign(elements, 0);
  parents_.resize(elements);
  std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  fixed_.assign(elements, false);
  sets_ = boost::disjoint_sets(ranks_.data(), parents_.data());
}

std::size_t ChannelTies::element(Axis axis, std::int64_t position) const {
  if (axis.tensor + 1 >= first_axis_.size() || id(axis) >= first_axis_[axis.tensor + 1] ||
      position < 0 || position >= extents_[id(axis)]) {
    throw std::logic_error("a rule names a position that does not exist");
  }
  return first_element_[id(axis)] + static_cast<std::size_t>(position);
}

void ChannelTies::tie(Axis a, std::int64_t i, Axis b, std::int64_t j) {
  const std::size_t x = sets_.find_set(element(a, i));
  const std::size_t y = sets_.find_set(element(b, j));
  const bool fixed = fixed_[x] || fixed_[y];
  sets_.link(x, y);
  fixed_[sets_.find_set(x)] = fixed;
}

void ChannelTies::fix(Axis axis, std::int64_t position) {
  fixed_[sets_.find_set(element(axis, position))] = true;
}

void ChannelTies::fix(Axis axis) {
  for (std::int64_t i = 0; i < extent(axis); ++i) {
    fix(axis, i);
  }
}

void ChannelTies::fix(TensorId tensor) {
  for (std::size_t axis = 0; axis < graph_.tensor(tensor).type.shape.size(); ++axis) {
    fix({tensor, axis});
  }
}

bool ChannelTies::is_fixed(Axis axis) {
  for (std::int64_t i = 0; i < extent(axis); ++i) {
    if (!fixed_[sets_.find_set(element(axis, i))]) {
      return false;
    }
  }
  return true;
}

ChannelMap ChannelTies::map() {
  ChannelMap map;
  map.summed = summed_;
  std::vector<std::size_t> number(parents_.size(), kFixed);  // By representative.
  for (TensorId tensor = 0; tensor < graph_.tensor_count(); ++tensor) {
    auto& axes = map.channel.emplace_back();
    for (std::size_t axis = 0; axis < graph_.tensor(tensor).type.shape.size(); ++axis) {
      auto& channels = axes.emplace_back();
      for (std::int64_t i = 0; i < extent({tensor, axis}); ++i) {
        const std::size_t set = sets_.find_set(element({tensor, axis}, i));
        if (!fixed_[set] && number[set] == kFixed) {
          number[set] = map.count++;
        }
        channels.push_back(number[set]);
      }
    }
  }
  return map;
}

KeptPositions kept_positions(const ChannelMap& map, const std::vector<bool>& removed) {
  KeptPositions kept;
  for (const auto& axes : map.channel) {
    auto& of_tensor = kept.emplace_back();
    for (const std::vector<std::size_t>& channels : axes) {
      auto& positions = of_tensor.emplace_back();
      for (std::size_t i = 0; i < channels.size(); ++i) {
        if (channels[i] == kFixed || !removed[channels[i]]) {
          positions.push_back(static_cast<std::int64_t>(i));
        }
      }
      if (positions.size() == channels.size()) {
        positions.clear();
      }
    }
  }
  return kept;
}

}  // namespace offcut::compress
