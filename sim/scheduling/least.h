#pragma once

#include <boost/random/uniform_int_distribution.hpp>
#include <cstddef>
#include <span>

#include "models/base/random.h"
#include "sim/scheduling/server_state.h"

namespace offcut::scheduling {

/// Returns the index of the server that is up and has the least measure(server). A tie is broken at
/// random, with equal probabilities. REQUIRES: one is up.
template <class Measure>
std::size_t least(std::span<const ServerState> servers, Measure measure, RandomStream& stream) {
  decltype(measure(servers[0])) smallest{};
  std::size_t alike = 0;
  for (const ServerState& server : servers) {
    if (!server.is_up) {
      continue;
    }
    const auto value = measure(server);
    if (alike == 0 || value < smallest) {
      smallest = value;
      alike = 1;
    } else if (value == smallest) {
      ++alike;
    }
  }
  std::size_t ahead =
      alike > 1 ? boost::random::uniform_int_distribution<std::size_t>(0, alike - 1)(stream) : 0;
  std::size_t chosen = 0;
  while (!servers[chosen].is_up || measure(servers[chosen]) != smallest || ahead-- > 0) {
    ++chosen;
  }
  return chosen;
}

/// Returns the index of the first server that is up and satisfies fits(server), or else that of
/// least().
template <class Fits, class Measure>
std::size_t first_or_least(std::span<const ServerState> servers, Fits fits, Measure measure,
                           RandomStream& stream) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (servers[i].is_up && fits(servers[i])) {
      return i;
    }
  }
  return least(servers, measure, stream);
}

}  // namespace offcut::scheduling
