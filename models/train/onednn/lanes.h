#pragma once

#include <cstdint>
#include <cstring>

namespace offcut::train {

/// The channels of a block in oneDNN's layout for AVX2, which are adjacent in memory.
inline constexpr std::int64_t kLanes = 8;
using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using LanePlaces [[gnu::vector_size(kLanes * sizeof(std::int32_t))]] = std::int32_t;

inline Lanes load_lanes(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

inline void store_lanes(const Lanes& lanes, float* to) { std::memcpy(to, &lanes, sizeof(lanes)); }

}  // namespace offcut::train
