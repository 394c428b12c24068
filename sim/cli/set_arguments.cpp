// Finds values of --set that a shell has split at their blanks. The argument after such a value is
// the rest of it: a unit after a number, or anything after an open bracket.

#include "sim/cli/set_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/units.h"

namespace offcut::cli {
namespace {

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_quantity(const std::string& text) {
  constexpr std::array kDimensions = {Dimension::number,    Dimension::time,    Dimension::data,
                                      Dimension::work,      Dimension::energy,  Dimension::rate,
                                      Dimension::bandwidth, Dimension::speed,   Dimension::power,
                                      Dimension::length,    Dimension::velocity};
  return std::any_of(kDimensions.begin(), kDimensions.end(), [&](Dimension dimension) {
    try {
      parse_quantity(text, dimension);
      return true;
    } catch (const std::invalid_argument&) {
      return false;
    }
  });
}

/// Returns whether a bracket is open at the end of the text.
bool is_open(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return c == '{' || c == '['; }) >
         std::count_if(text.begin(), text.end(), [](char c) { return c == '}' || c == ']'; });
}

/// Returns whether `next` is the rest of the value.
bool is_rest(const std::string& value, const std::string& next, bool any) {
  if (is_open(value)) {
    return true;
  }
  std::error_code ignored;
  if (next.starts_with("-") || std::filesystem::exists(next, ignored)) {
    return false;
  }
  return any || (is_number(value) && is_quantity(value + " " + next));
}

}  // namespace

void check_set_arguments(const std::vector<std::string>& arguments, bool any) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    std::string setting = arguments[i].starts_with("--set=") ? arguments[i].substr(6) : "";
    std::size_t next = i + 1;
    if (arguments[i] == "--set") {
      setting = arguments[next++];
    }
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || next >= arguments.size() ||
        !is_rest(setting.substr(equals + 1), arguments[next], any)) {
      continue;
    }
    std::string whole = setting;
    do {
      whole += " " + arguments[next++];
    } while (is_open(whole) && next < arguments.size());
    throw InputError({"--set " + setting},
                     fmt::format("the shell splits a value at its blanks; expected quotes around "
                                 "it: --set '{}'",
                                 whole));
  }
}

}  // namespace offcut::cli
