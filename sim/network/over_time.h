#pragma once

#include <optional>
#include <utility>

#include "sim/network/rates.h"

namespace offcut::network {

/// A figure of the links of a hop that changes over time, by link, in each direction. None: it is
/// constant in that direction.
struct OverTime {
  std::optional<Rates> up = {};
  std::optional<Rates> down = {};

  bool any() const { return up || down; }
  const std::optional<Rates>& of(bool upwards) const { return upwards ? up : down; }
  /// Returns the figures of the links, which are `constant` unless they change.
  Rates or_else(bool upwards, double constant) const {
    const std::optional<Rates>& changing = of(upwards);
    return changing ? *changing : Rates(Rate(constant));
  }
};

}  // namespace offcut::network
