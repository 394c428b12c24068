#pragma once

#include <cstdint>
#include <pcg_random.hpp>
#include <string_view>

namespace offcut {

/// A source of random bits (PCG64, O'Neill 2014) for use with Boost.Random's distributions, which
/// unlike the standard library's give the same numbers everywhere.
using RandomStream = pcg64;

/// The stream of one named source of randomness of one entity ("arrivals", device 7). Streams of
/// unlike (seed, name, entity) are independent; adding an entity or a source never shifts another's
/// draws.
RandomStream random_stream(std::uint64_t seed, std::string_view name, std::uint64_t entity = 0);

}  // namespace offcut
