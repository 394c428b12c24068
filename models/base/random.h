#pragma once

#include <cstdint>
#include <pcg_random.hpp>
#include <string_view>

namespace offcut {

/// A source of random bits (PCG64, O'Neill 2014) for Boost.Random's distributions, which give the
/// same numbers everywhere, unlike those of the standard library.
using RandomStream = pcg64;

/// Returns the stream of one named source of randomness of one entity ("arrivals", device 7).
/// Streams that differ in seed, name or entity are independent; a new entity or source never
/// shifts another's draws.
RandomStream random_stream(std::uint64_t seed, std::string_view name, std::uint64_t entity = 0);

}  // namespace offcut
