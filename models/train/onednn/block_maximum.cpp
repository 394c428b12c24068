// Eight channels are compared at once, and their places are numbers of taps, narrowed to bytes
// where they are stored.

#include "models/train/onednn/block_maximum.h"

#include <algorithm>
#include <limits>

#include "models/train/onednn/lanes.h"

namespace offcut::train {
namespace {

using Bytes [[gnu::vector_size(kLanes)]] = std::uint8_t;

}  // namespace

bool BlockMaximum::suits(std::span<const ops::WindowAxis> axes) {
  constexpr std::int64_t kMostTaps = std::numeric_limits<std::uint8_t>::max();
  return axes.size() == 2 && axes[0].kernel * axes[1].kernel <= kMostTaps &&
         std::all_of(axes.begin(), axes.end(), [](const ops::WindowAxis& axis) {
           return axis.kernel == axis.stride && axis.dilation == 1 && axis.pad_begin == 0 &&
                  axis.out * axis.kernel <= axis.in;
         });
}

BlockMaximum::BlockMaximum(std::span<const ops::WindowAxis> axes, std::int64_t blocks)
    : rows_(axes[0]), columns_(axes[1]), blocks_(blocks) {}

void BlockMaximum::forward(const float* x, float* y, std::uint8_t* places) const {
  const std::int64_t line = columns_.in * kLanes;
  for (std::int64_t block = 0; block < blocks_; ++block, x += rows_.in * line) {
    for (std::int64_t r = 0; r < rows_.out; ++r) {
      for (std::int64_t c = 0; c < columns_.out; ++c, y += kLanes, places += kLanes) {
        const float* from = x + r * rows_.kernel * line + c * columns_.kernel * kLanes;
        Lanes most = load_lanes(from);
        LanePlaces place{};
        std::int32_t tap = 0;
        for (std::int64_t kr = 0; kr < rows_.kernel; ++kr, from += line) {
          for (std::int64_t kc = 0; kc < columns_.kernel; ++kc, ++tap) {
            const Lanes next = load_lanes(from + kc * kLanes);
            const LanePlaces is_more = next > most;
            most = is_more ? next : most;
            place = is_more ? LanePlaces{} + tap : place;
          }
        }
        store_lanes(most, y);
        const Bytes narrow = __builtin_convertvector(place, Bytes);
        std::memcpy(places, &narrow, sizeof(narrow));
      }
    }
  }
}

void BlockMaximum::backward(const float* dy, const std::uint8_t* places, float* dx) const {
  const std::int64_t line = columns_.in * kLanes;
  const bool covers =
      rows_.out * rows_.kernel == rows_.in && columns_.out * columns_.kernel == columns_.in;
  if (!covers) {
    std::fill_n(dx, blocks_ * rows_.in * line, 0.0F);
  }
  for (std::int64_t block = 0; block < blocks_; ++block, dx += rows_.in * line) {
    for (std::int64_t r = 0; r < rows_.out; ++r) {
      for (std::int64_t c = 0; c < columns_.out; ++c, dy += kLanes, places += kLanes) {
        Bytes narrow;
        std::memcpy(&narrow, places, sizeof(narrow));
        const LanePlaces place = __builtin_convertvector(narrow, LanePlaces);
        const Lanes slope = load_lanes(dy);
        float* to = dx + r * rows_.kernel * line + c * columns_.kernel * kLanes;
        std::int32_t tap = 0;
        for (std::int64_t kr = 0; kr < rows_.kernel; ++kr, to += line) {
          for (std::int64_t kc = 0; kc < columns_.kernel; ++kc, ++tap) {
            store_lanes(place == tap ? slope : Lanes{}, to + kc * kLanes);
          }
        }
      }
    }
  }
}

}  // namespace offcut::train
