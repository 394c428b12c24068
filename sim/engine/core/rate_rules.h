#pragma once

#include "sim/network/over_time.h"

namespace offcut::engine {

/// The rules for rates: of `count` links, all are positive and finite.
bool are_rates(const network::Rates& rates, std::size_t count);
/// Returns whether the bandwidths of a link are valid, which are its means where they change.
bool are_bandwidths(BytesPerSecond up, BytesPerSecond down);

inline constexpr const char* kMovingRule =
    "rates that change must be given for all links or for each, and must be finite, not negative, "
    "and not 0 for good";
/// Return whether rates or latencies that change obey that rule. A latency may be 0 for good.
bool are_moving_rates(const network::OverTime& rates, std::size_t count);
bool are_moving_latencies(const network::OverTime& latencies, std::size_t count);

}  // namespace offcut::engine
