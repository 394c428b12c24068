// Conversion between quantities and texts. One table has the units of each dimension with their
// factors to SI; std::from_chars and fmt convert the numbers.
#include "models/base/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <stdexcept>
#include <vector>

#include "models/base/error.h"
#include "models/base/unit_names.h"
#include "models/base/unit_suggestion.h"

namespace offcut {
namespace {

/// SI value = number * times / over. Both factors are exact doubles, so that "20 ms" becomes the
/// double nearest to 0.02.
struct Unit {
  std::string_view name;
  double times = 1;
  double over = 1;
};

/// The first of `units` is the SI unit; to_readable() chooses among `readable`, smallest first.
struct DimensionInfo {
  std::string_view name;
  std::string_view example;
  std::vector<Unit> units;
  std::vector<std::string_view> readable;
};

std::vector<Unit> per_second(std::span<const Unit> units, std::span<const std::string> names) {
  std::vector<Unit> rates;
  for (std::size_t i = 0; i < units.size(); ++i) {
    rates.push_back({names[i], units[i].times, units[i].over});
  }
  return rates;
}

/// Adds the networks' short names of bit rates: Mbps is Mbit/s.
std::vector<Unit> with_bits_per_second(std::vector<Unit> rates) {
  rates.insert(
      rates.end(),
      {{"bps", 1, 8}, {"kbps", 1e3, 8}, {"Mbps", 1e6, 8}, {"Gbps", 1e9, 8}, {"Tbps", 1e12, 8}});
  return rates;
}

std::vector<std::string> with_suffix(std::span<const Unit> units, std::string_view suffix) {
  std::vector<std::string> names;
  for (const Unit& unit : units) {
    names.push_back(fmt::format("{}{}", unit.name, suffix));
  }
  return names;
}

const DimensionInfo& info(Dimension dimension) {
  constexpr double kKi = 1024;
  static const std::vector<Unit> data = {{"B"},
                                         {"kB", 1e3},
                                         {"MB", 1e6},
                                         {"GB", 1e9},
                                         {"TB", 1e12},
                                         {"KiB", kKi},
                                         {"MiB", kKi * kKi},
                                         {"GiB", kKi * kKi * kKi},
                                         {"bit", 1, 8},
                                         {"kbit", 1e3, 8},
                                         {"Mbit", 1e6, 8},
                                         {"Gbit", 1e9, 8},
                                         {"Tbit", 1e12, 8}};
  static const std::vector<Unit> work = {
      {"FLOP"}, {"kFLOP", 1e3}, {"MFLOP", 1e6}, {"GFLOP", 1e9}, {"TFLOP", 1e12}};
  static const std::vector<std::string> data_rates = with_suffix(data, "/s");
  static const std::vector<std::string> work_rates = with_suffix(work, "/s");
  // In the order of the enumeration.
  static const std::array<DimensionInfo, 11> table = {{
      {"a number", "0.5 or 50 %", {{""}, {"%", 1, 100}}, {""}},
      {"a time",
       "20 ms",
       {{"s"},
        {"ms", 1, 1e3},
        {"us", 1, 1e6},
        {"ns", 1, 1e9},
        {"min", 60},
        {"h", 3600},
        {"d", 86400}},
       {"ns", "us", "ms", "s"}},
      {"an amount of data", "4 GiB", data, {"B", "kB", "MB", "GB", "TB"}},
      {"an amount of work", "2 GFLOP", work, {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"}},
      {"an energy",
       "3 J",
       {{"J"}, {"mJ", 1, 1e3}, {"uJ", 1, 1e6}, {"kJ", 1e3}, {"Wh", 3600}, {"mWh", 3600, 1e3}},
       {"uJ", "mJ", "J", "kJ"}},
      {"a rate",
       "5 /s",
       {{"/s"}, {"/ms", 1e3}, {"/min", 1, 60}, {"/h", 1, 3600}, {"/d", 1, 86400}},
       {"/s"}},
      {"a bandwidth",
       "5.85 Mbit/s",
       with_bits_per_second(per_second(data, data_rates)),
       {"bit/s", "kbit/s", "Mbit/s", "Gbit/s"}},
      {"a speed",
       "40 GFLOP/s",
       per_second(work, work_rates),
       {"FLOP/s", "kFLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s"}},
      {"a power", "12 W", {{"W"}, {"mW", 1, 1e3}, {"kW", 1e3}}, {"mW", "W", "kW"}},
      {"a length", "400 m", {{"m"}, {"km", 1e3}}, {"m", "km"}},
      {"a velocity", "1.5 m/s", {{"m/s"}, {"km/h", 10, 36}}, {"m/s"}},
  }};
  return table.at(static_cast<std::size_t>(dimension));
}

const Unit* find_unit(const DimensionInfo& dimension, std::string_view name) {
  for (const Unit& unit : dimension.units) {
    if (unit.name == name) {
      return &unit;
    }
  }
  return nullptr;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> names_of(const DimensionInfo& dimension) {
  std::vector<std::string> names;
  for (const Unit& unit : dimension.units) {
    if (!unit.name.empty()) {
      names.emplace_back(unit.name);
    }
  }
  return names;
}

}  // namespace

std::vector<std::string> unit_names(Dimension dimension) { return names_of(info(dimension)); }

double parse_quantity(std::string_view text, Dimension dimension) {
  const DimensionInfo& expected = info(dimension);
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument(fmt::format("expected {} such as '{}', got {}{}", expected.name,
                                            expected.example, in_quotes(text), why));
  };
  std::string_view trimmed = trim(text);
  if (trimmed.size() > 1 && trimmed[0] == '+' && trimmed[1] != '-') {  // from_chars rejects '+'.
    trimmed.remove_prefix(1);
  }
  double number = 0;
  const auto [end, error] =
      std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
  if (error == std::errc::result_out_of_range) {
    refuse(" (too large or too small)");
  }
  if (error != std::errc() || !std::isfinite(number)) {
    refuse(error == std::errc() ? " (not a finite number)" : "");
  }
  const std::string_view name =
      trim(trimmed.substr(static_cast<std::size_t>(end - trimmed.data())));
  const Unit* unit = find_unit(expected, name);
  if (unit == nullptr) {
    refuse(name.empty() ? " (a unit is missing)"
                        : unit_suggestion(name, dimension, names_of(expected)));
  }
  const double si = number * unit->times / unit->over;
  if (!std::isfinite(si)) {
    refuse(" (too large)");
  }
  return si;
}

std::string to_text(double si, Dimension dimension) {
  const std::string_view unit = info(dimension).units.front().name;
  return unit.empty() ? fmt::format("{}", si) : fmt::format("{} {}", si, unit);
}

std::string to_readable(double si, Dimension dimension) {
  const DimensionInfo& known = info(dimension);
  const Unit* chosen = find_unit(known, known.readable.front());
  for (const std::string_view name : known.readable) {
    const Unit* unit = find_unit(known, name);
    // With three digits, 999.5 would print as 1e+03, so the next prefix takes over a little before
    // 1000.
    if (std::abs(si) * unit->over / unit->times >= 0.9995) {
      chosen = unit;
    }
  }
  if (si == 0) {
    chosen = &known.units.front();
  }
  const double value = si * chosen->over / chosen->times;
  const std::string number =
      std::abs(value) >= 999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
  return chosen->name.empty() ? number : fmt::format("{} {}", number, chosen->name);
}

}  // namespace offcut
