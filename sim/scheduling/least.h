#pragma once

#include <boost/random/uniform_int_distribution.hpp>
#include <cstddef>
#include <span>

#include "models/base/random.h"
#include "sim/scheduling/server_state.h"

namespace offcut {

/// The index of the server that is up and has the least measure(server); of several, one of them at
/// random, each as likely. REQUIRES: one is up.
template <class Measure>
std::size_t least(std::span<const ServerState> servers, Measure measure, RandomStream& stream) {
  std::size_t best = servers.size();
  std::size_t alike = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (!servers[i].is_up ||
        (best < servers.size() && measure(servers[i]) > measure(servers[best]))) {
      continue;
    }
    alike = best < servers.size() && measure(servers[i]) == measure(servers[best]) ? alike + 1 : 1;
    // The k-th of those alike takes the place of the one before with probability 1 / k.
    if (alike == 1 || boost::random::uniform_int_distribution<std::size_t>(1, alike)(stream) == 1) {
      best = i;
    }
  }
  return best;
}

/// The index of the first server that is up and fits(server), or else that of least().
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

}  // namespace offcut
