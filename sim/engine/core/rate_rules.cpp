// The rules for rates that a simulation can be run with. A rate that stays 0 would keep messages
// waiting for ever, and the run would have no end.

#include "sim/engine/core/rate_rules.h"

#include <algorithm>
#include <cmath>

namespace offcut::engine {
namespace {

bool may_move(const std::optional<network::Rates>& rates, std::size_t count, bool may_end_at_zero) {
  return !rates ||
         (rates->covers(count) && rates->all([may_end_at_zero](const network::Rate& rate) {
           return rate.least() >= 0 && std::isfinite(rate.most()) &&
                  (may_end_at_zero || !rate.ends_at_zero());
         }));
}

}  // namespace

bool are_rates(const network::Rates& rates, std::size_t count) {
  return rates.covers(count) && rates.all([](const network::Rate& rate) {
    return rate.least() > 0 && std::isfinite(rate.most());
  });
}

bool are_bandwidths(BytesPerSecond up, BytesPerSecond down) {
  return are_rates(network::Rate(up), 1) && are_rates(network::Rate(down), 1);
}

bool are_moving_rates(const network::OverTime& rates, std::size_t count) {
  return may_move(rates.up, count, false) && may_move(rates.down, count, false);
}

bool are_moving_latencies(const network::OverTime& latencies, std::size_t count) {
  return may_move(latencies.up, count, true) && may_move(latencies.down, count, true);
}

bool are_disturbances(const Link& link) {
  const auto are_delays = [](const std::vector<Seconds>& delays) {
    return !delays.empty() && std::all_of(delays.begin(), delays.end(), [](Seconds delay) {
      return delay >= Seconds(0) && delay < kNever;
    });
  };
  const bool jitter =
      !link.jitter || (link.jitter->mean >= Seconds(0) && link.jitter->mean < kNever &&
                       link.jitter->cv > 0 && std::isfinite(link.jitter->cv) &&
                       (link.jitter->kind != network::Jitter::Kind::empirical ||
                        (are_delays(link.jitter->up) && are_delays(link.jitter->down))));
  const bool loss = !link.loss || (link.loss->probability >= 0 && link.loss->probability < 1 &&
                                   link.loss->time_out >= Seconds(0) &&
                                   link.loss->time_out < kNever && link.loss->packet > Bytes(0));
  return jitter && loss;
}

}  // namespace offcut::engine
