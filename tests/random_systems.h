#pragma once

#include <cstdint>
#include <cstdlib>

namespace offcut {

/// Returns how many of `all` random systems a test tries: a fourth, so that all tests together end
/// soon, or all of them if OFFCUT_ALL_SYSTEMS is in the environment.
inline std::uint64_t random_systems(std::uint64_t all) {
  return std::getenv("OFFCUT_ALL_SYSTEMS") != nullptr ? all : all / 4;
}

}  // namespace offcut
