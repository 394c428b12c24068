#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace offcut {

/// Formats numbers for people. Quantities with a unit have to_readable() (models/base/units.h).

/// Returns a count and its noun: "1 layer", "22 layers". `plural` is that of a noun that does not
/// just take an s.
template <std::integral Count>
std::string counted(Count count, std::string_view noun, std::string_view plural = {}) {
  std::string text = std::to_string(count) + " ";
  text += count == 1 || plural.empty() ? noun : plural;
  text += count == 1 || !plural.empty() ? "" : "s";
  return text;
}

/// Returns a number with so many significant digits, and with all of those before its point:
/// "0.0123", "17560". Below 1e-9, and from 1e15 on, it has an exponent.
std::string significant(double value, int digits);

/// Returns a share as a percentage with so many significant digits: "29 %".
std::string percent(double share, int digits);

}  // namespace offcut
