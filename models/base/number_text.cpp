// Numbers in messages. The sign of a NaN means nothing, so it is not shown.

#include "models/base/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace offcut {

std::string number_text(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "infinity" : "-infinity";
  }
  return fmt::format("{:g}", value);
}

}  // namespace offcut
