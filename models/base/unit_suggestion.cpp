// Other spellings of units. A valid unit is a prefix, a base and an ending ("M", "bit", "/s"), each
// of which people also write in other ways ("mega", "bits", "ps"), in either case. The edit
// distance alone would turn kWh into Wh and PB into B, a factor of 1000 or more, so it is only used
// for longer names, and only for units with the same prefix and ending.

#include "models/base/unit_suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "models/base/error.h"
#include "models/base/lower_case.h"

namespace offcut {
namespace {

using Spellings = std::vector<std::string_view>;

/// A part of units, and how else it is written, in lower case.
struct Part {
  std::string_view text;
  Spellings spellings;
};

const std::vector<Part>& prefixes() {
  static const std::vector<Part> parts = {
      {"", {""}},
      {"n", {"n", "nano"}},
      {"u", {"u", "micro", "\u00b5", "\u03bc"}},  // The two code points of a small mu.
      {"m", {"m", "milli"}},
      {"k", {"k", "kilo"}},
      {"M", {"m", "mega"}},
      {"G", {"g", "giga"}},
      {"T", {"t", "tera"}},
      {"K", {"k", "kilo"}},  // Of KiB, as the next two.
      {"Ki", {"ki", "kibi"}},
      {"Mi", {"mi", "mebi"}},
      {"Gi", {"gi", "gibi"}}};
  return parts;
}

/// The base of a unit of data may be a single b: see reads_b_as().
const std::vector<Part>& bases() {
  static const std::vector<Part> parts = {
      {"s", {"s", "sec", "secs", "second", "seconds"}},
      {"min", {"min", "mins", "minute", "minutes"}},
      {"h", {"h", "hr", "hrs", "hour", "hours"}},
      {"d", {"d", "day", "days"}},
      {"B", {"b", "byte", "bytes"}},
      {"bit", {"b", "bit", "bits"}},
      {"FLOP", {"flop", "flops"}},
      {"J", {"j", "joule", "joules", "ws"}},
      {"Wh", {"wh", "watthour", "watthours"}},
      {"W", {"w", "watt", "watts", "j/s"}},
      {"/s",
       {"/s", "s", "/sec", "/second", "1/s", "per s", "per second", "hz", "hertz", "rps", "fps",
        "req/s", "requests/s"}},
      {"/ms", {"/ms", "/millisecond", "1/ms", "khz"}},
      {"/min", {"/min", "/minute", "1/min", "per minute"}},
      {"/h", {"/h", "/hr", "/hour", "1/h", "per hour"}},
      {"/d", {"/d", "/day", "1/d", "per day"}},
      {"%", {"%", "%%", "percent", "per cent", "pct"}}};
  return parts;
}

const std::vector<Part>& endings() {
  static const std::vector<Part> parts = {
      {"/s", {"/s", "ps", "/sec", "/second", " / s", " per second", ""}}, {"", {""}}};
  return parts;
}

/// Returns whether the letter b at `position` may stand for the base. A small one means bits and a
/// capital one bytes, unless all letters have the same case.
bool reads_b_as(std::string_view base, std::string_view name, std::size_t position, bool is_binary,
                Dimension dimension) {
  const bool is_small = name[position] == 'b';
  const bool is_lower = name == lower_case(name);
  if (base == "B") {
    return !is_small || (is_lower && (is_binary || dimension == Dimension::data));
  }
  return is_small || name.substr(position + 1) == "PS";
}

/// Returns whether the name is another spelling of the unit with these parts.
bool is_spelt(std::string_view name, const Part& prefix, const Part& base, const Part& ending,
              Dimension dimension) {
  const std::string lower = lower_case(name);
  for (const std::string_view a : prefix.spellings) {
    // MW is not mW: a prefix in the other case is a factor of a billion.
    const bool is_mega = prefix.text == "m" && a == "m" && name.starts_with('M');
    for (const std::string_view b : base.spellings) {
      for (const std::string_view c : ending.spellings) {
        if (!is_mega && lower.size() == a.size() + b.size() + c.size() && lower.starts_with(a) &&
            lower.substr(a.size(), b.size()) == b && lower.ends_with(c) &&
            (b != "b" ||
             reads_b_as(base.text, name, a.size(), prefix.text.ends_with('i'), dimension))) {
          return true;
        }
      }
    }
  }
  return false;
}

bool is_spelling_of(std::string_view name, std::string_view unit, Dimension dimension) {
  for (const Part& prefix : prefixes()) {
    for (const Part& base : bases()) {
      for (const Part& ending : endings()) {
        if (unit == fmt::format("{}{}{}", prefix.text, base.text, ending.text) &&
            is_spelt(name, prefix, base, ending, dimension)) {
          return true;
        }
      }
    }
  }
  return false;
}

std::string_view after_slash(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash == std::string_view::npos ? "" : text.substr(slash);
}

/// Returns whether a slip of a key may have made the name from the unit, and not another prefix.
bool may_be_slip(std::string_view name, std::string_view unit) {
  constexpr std::size_t kShortest = 4;
  const auto is_binary = [](std::string_view text) { return text.substr(1).starts_with('i'); };
  return !unit.empty() && name.front() == unit.front() && lower_case(name) != lower_case(unit) &&
         after_slash(name) == after_slash(unit) && is_binary(name) == is_binary(unit) &&
         (name.size() >= kShortest || (name.size() > 2 && name.starts_with(unit)));
}

std::string did_you_mean(const std::vector<std::string>& units) {
  return fmt::format("; did you mean '{}'?", fmt::join(units, "' or '"));
}

}  // namespace

std::string unit_suggestion(std::string_view name, Dimension dimension,
                            std::span<const std::string> valid) {
  constexpr std::size_t kMostMeant = 3;
  if (name.size() > 1 && name.front() == ',' && std::isdigit(static_cast<unsigned char>(name[1]))) {
    return "; a decimal point is a '.'";
  }
  const auto where = [&](const auto& holds) {
    std::vector<std::string> found;
    std::copy_if(valid.begin(), valid.end(), std::back_inserter(found), holds);
    return found;
  };
  const std::vector<std::string> spelt =
      where([&](const std::string& unit) { return is_spelling_of(name, unit, dimension); });
  if (!spelt.empty() && spelt.size() <= kMostMeant) {
    return did_you_mean(spelt);
  }
  // "m" may stand for ms as well as for min.
  const std::vector<std::string> longer =
      where([&](const std::string& unit) { return unit.starts_with(name); });
  if (longer.size() > 1 && longer.size() <= kMostMeant) {
    return did_you_mean(longer);
  }
  const std::string close = nearest(name, valid);
  if (!close.empty() && may_be_slip(name, close)) {
    return did_you_mean({close});
  }
  return fmt::format("; valid: {}", fmt::join(valid, ", "));
}

}  // namespace offcut
