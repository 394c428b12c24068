#include "sim/engine/tiers/warmth.h"

#include <algorithm>

namespace offcut::engine {

bool Warmth::is_cold(std::size_t server, double now) const {
  const Server& state = servers_[server];
  return server >= kept_ && state.users == 0 && now - state.idle_since > idle_after_;
}

double Warmth::wait(std::size_t server, double now) const {
  return is_cold(server, now) ? time_ : std::max(servers_[server].warm_at - now, 0.0);
}

std::size_t Warmth::readiest(std::span<const std::uint32_t> free, double now) const {
  std::size_t best = free.size() - 1;
  for (std::size_t i = best; i-- > 0 && wait(free[best], now) > 0;) {
    if (wait(free[i], now) < wait(free[best], now)) {
      best = i;
    }
  }
  return best;
}

double Warmth::begin_use(std::size_t server, double now) {
  const double seconds = wait(server, now);
  Server& state = servers_[server];
  state.warm_at = now + seconds;
  ++state.users;
  return seconds;
}

void Warmth::end_use(std::size_t server, double now) {
  Server& state = servers_[server];
  --state.users;
  state.idle_since = now;
}

}  // namespace offcut::engine
