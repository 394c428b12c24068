#pragma once

#include <cmath>

#include "models/base/units.h"

namespace offcut::partition {

/// Returns whether the value can be a time, a size or a price: finite and not negative.
inline bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

template <class Quantity>
bool is_amount(Quantity value) {
  return is_amount(value.si());
}

}  // namespace offcut::partition
