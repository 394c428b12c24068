// Groups channels by the list of their axes, which one walk over all positions collects.
#include "models/compress/channel_groups.h"

#include <algorithm>
#include <limits>

namespace offcut::compress {
namespace {

constexpr std::int64_t kNoParameter = std::numeric_limits<std::int64_t>::max();

struct Extents {
  std::vector<std::vector<Axis>> axes;  // By channel.
  std::vector<std::int64_t> width;      // By channel.
};

Extents extents_of(const Graph& graph, const ChannelMap& map) {
  Extents all{std::vector<std::vector<Axis>>(map.count),
              std::vector<std::int64_t>(map.count, kNoParameter)};
  std::vector<std::int64_t> positions(map.count, 0);
  for (TensorId tensor = 0; tensor < map.channel.size(); ++tensor) {
    for (std::size_t axis = 0; axis < map.channel[tensor].size(); ++axis) {
      std::vector<std::size_t> here;
      for (const std::size_t channel : map.channel[tensor][axis]) {
        if (channel != kFixed && positions[channel]++ == 0) {
          here.push_back(channel);
        }
      }
      for (const std::size_t channel : here) {
        all.axes[channel].push_back({tensor, axis});
        if (graph.tensor(tensor).is_parameter()) {
          all.width[channel] = std::min(all.width[channel], positions[channel]);
        }
        positions[channel] = 0;
      }
    }
  }
  return all;
}

}  // namespace

std::vector<ChannelGroup> channel_groups(const Graph& graph, const ChannelMap& map) {
  Extents extents = extents_of(graph, map);
  std::vector<ChannelGroup> all;
  std::map<std::vector<Axis>, std::size_t> group_of;
  for (std::size_t channel = 0; channel < map.count; ++channel) {
    const auto [place, is_new] = group_of.emplace(extents.axes[channel], all.size());
    if (is_new) {
      const std::int64_t width = extents.width[channel];
      all.push_back(
          {.axes = std::move(extents.axes[channel]), .width = width == kNoParameter ? 1 : width});
    }
    all[place->second].channels.push_back(channel);
  }
  std::erase_if(all, [](const ChannelGroup& group) { return group.channels.size() < 2; });
  return all;
}

}  // namespace offcut::compress
