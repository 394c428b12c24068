// Conversion between quantities and texts. One table has the units of each dimension with their
// factors to SI; std::from_chars and fmt convert the numbers.
#include "models/base/units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <stdexcept>
#include <vector>

#include "models/base/error.h"

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
  static const std::array<DimensionInfo, 9> table = {{
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

/// Returns the unit of data or bandwidth that a name in another form means: "Mb/s" is Mbit/s and
/// "KB" is kB. A small b stands for bits, a capital one for bytes, which their edit distance to the
/// valid names does not see. Empty if it is not of that form.
std::string data_unit(std::string_view name, Dimension dimension) {
  constexpr std::string_view kPrefixes = "kKmMgGtT";
  std::string prefix;
  if (!name.empty() && kPrefixes.find(name.front()) != std::string_view::npos) {
    const char letter = name.front();
    prefix = letter == 'K' ? 'k' : letter == 'm' ? 'M' : letter == 'g' ? 'G' : letter;
    prefix = letter == 't' ? "T" : prefix;
    name.remove_prefix(1);
  }
  const bool binary = !prefix.empty() && name.starts_with('i');
  name.remove_prefix(binary ? 1 : 0);
  if (name.empty() || (name.front() != 'b' && name.front() != 'B')) {
    return "";
  }
  const bool bits = name.front() == 'b';
  name.remove_prefix(1);
  if (!name.empty() && name != "/s" && name != "/S" && name != "ps" && name != "PS") {
    return "";
  }
  const std::string_view bytes = binary ? "iB" : "B";
  return fmt::format("{}{}{}", binary && !bits && prefix == "k" ? "K" : prefix,
                     bits ? "bit" : bytes, dimension == Dimension::bandwidth ? "/s" : "");
}

/// Returns the ending of the message that a unit is unknown.
std::string unit_suggestion(std::string_view name, Dimension dimension) {
  constexpr std::size_t kMostMeant = 3;
  const bool counts_data = dimension == Dimension::data || dimension == Dimension::bandwidth;
  const std::string meant = counts_data ? data_unit(name, dimension) : "";
  if (!meant.empty() && find_unit(info(dimension), meant) != nullptr) {
    return fmt::format("; did you mean {}?", in_quotes(meant));
  }
  std::vector<std::string> names;
  for (const Unit& known : info(dimension).units) {
    if (!known.name.empty()) {
      names.emplace_back(known.name);
    }
  }
  // "m" may stand for ms as well as for min.
  std::vector<std::string> longer;
  std::copy_if(names.begin(), names.end(), std::back_inserter(longer),
               [&](const std::string& known) { return known.starts_with(name); });
  if (longer.size() > 1 && longer.size() <= kMostMeant) {
    return fmt::format("; did you mean '{}'?", fmt::join(longer, "' or '"));
  }
  // MW is not mW: a prefix in the other case is a factor of a billion.
  return name.starts_with('M') && nearest(name, names).starts_with('m')
             ? fmt::format("; valid: {}", fmt::join(names, ", "))
             : suggestion(name, names);
}

}  // namespace

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
    refuse(name.empty() ? " (a unit is missing)" : unit_suggestion(name, dimension));
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
