// Numbers for people: fmt's general format, which writes large and small numbers with an exponent,
// and its fixed one for these.

#include "models/base/readable.h"

#include <fmt/format.h>

#include <cmath>

namespace offcut {

std::string significant(double value, int digits) {
  constexpr double kLeastFixed = 1e-9;
  constexpr double kLeastGeneral = 1e-4;  // From here on, the general format has no exponent.
  constexpr double kMostFixed = 1e15;
  const double size = std::abs(value);
  // A little below a power of ten, rounding reaches it: 999.5 has three digits as 1000.
  if (size >= std::pow(10, digits) - 0.5 && size < kMostFixed) {
    return fmt::format("{:.0f}", value);
  }
  if (size < kLeastFixed || size >= kLeastGeneral) {
    return fmt::format("{:.{}g}", value, digits);
  }
  const int decimals = digits - 1 - static_cast<int>(std::floor(std::log10(size)));
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

std::string percent(double share, int digits) { return significant(100 * share, digits) + " %"; }

}  // namespace offcut
