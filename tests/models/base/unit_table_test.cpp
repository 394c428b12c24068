// Every unit of every dimension, compared with a table of its own: names by the SI brochure, IEC
// 80000-13 and the usual short names of bit rates. The error for an unknown unit lists all valid
// ones, so the table is complete in both directions.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::unit_table_test {
namespace {

/// One unit is numerator / denominator SI units. Both are whole numbers.
struct Factor {
  long long numerator, denominator;
};
using UnitTable = std::map<std::string, Factor>;

const std::map<Dimension, UnitTable> kTables = {
    {Dimension::number, {{"", {1, 1}}, {"%", {1, 100}}}},
    {Dimension::time,
     {{"s", {1, 1}},
      {"ms", {1, 1000}},
      {"us", {1, 1000000}},
      {"ns", {1, 1000000000}},
      {"min", {60, 1}},
      {"h", {60 * 60, 1}},
      {"d", {24 * 60 * 60, 1}}}},
    {Dimension::data,
     {{"B", {1, 1}},
      {"kB", {1000, 1}},
      {"MB", {1000000, 1}},
      {"GB", {1000000000, 1}},
      {"TB", {1000000000000, 1}},
      {"KiB", {1024, 1}},
      {"MiB", {1048576, 1}},
      {"GiB", {1073741824, 1}},
      {"bit", {1, 8}},
      {"kbit", {125, 1}},
      {"Mbit", {125000, 1}},
      {"Gbit", {125000000, 1}},
      {"Tbit", {125000000000, 1}}}},
    {Dimension::work,
     {{"FLOP", {1, 1}},
      {"kFLOP", {1000, 1}},
      {"MFLOP", {1000000, 1}},
      {"GFLOP", {1000000000, 1}},
      {"TFLOP", {1000000000000, 1}}}},
    {Dimension::energy,
     {{"J", {1, 1}},
      {"mJ", {1, 1000}},
      {"uJ", {1, 1000000}},
      {"kJ", {1000, 1}},
      {"Wh", {3600, 1}},
      {"mWh", {36, 10}}}},
    {Dimension::rate,
     {{"/s", {1, 1}},
      {"/ms", {1000, 1}},
      {"/min", {1, 60}},
      {"/h", {1, 3600}},
      {"/d", {1, 86400}}}},
    {Dimension::bandwidth,
     {{"B/s", {1, 1}},
      {"kB/s", {1000, 1}},
      {"MB/s", {1000000, 1}},
      {"GB/s", {1000000000, 1}},
      {"TB/s", {1000000000000, 1}},
      {"KiB/s", {1024, 1}},
      {"MiB/s", {1048576, 1}},
      {"GiB/s", {1073741824, 1}},
      {"bit/s", {1, 8}},
      {"kbit/s", {125, 1}},
      {"Mbit/s", {125000, 1}},
      {"Gbit/s", {125000000, 1}},
      {"Tbit/s", {125000000000, 1}},
      {"bps", {1, 8}},
      {"kbps", {125, 1}},
      {"Mbps", {125000, 1}},
      {"Gbps", {125000000, 1}},
      {"Tbps", {125000000000, 1}}}},
    {Dimension::speed,
     {{"FLOP/s", {1, 1}},
      {"kFLOP/s", {1000, 1}},
      {"MFLOP/s", {1000000, 1}},
      {"GFLOP/s", {1000000000, 1}},
      {"TFLOP/s", {1000000000000, 1}}}},
    {Dimension::power, {{"W", {1, 1}}, {"mW", {1, 1000}}, {"kW", {1000, 1}}}},
    {Dimension::length, {{"m", {1, 1}}, {"km", {1000, 1}}}},
    {Dimension::velocity, {{"m/s", {1, 1}}, {"km/h", {10, 36}}}}};

std::string message(const std::string& text, Dimension dimension) {
  try {
    parse_quantity(text, dimension);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

/// Returns the units that the error for a unit without similarity to any other lists as valid.
std::set<std::string> listed_units(Dimension dimension) {
  const std::string text = message("1 qqqqqqqqqqqqqqqqqqqqqqqqq", dimension);
  std::set<std::string> units;
  std::size_t begin = text.find("; valid: ");
  for (begin = begin == std::string::npos ? begin : begin + 9; begin < text.size();) {
    const std::size_t end = std::min(text.find(", ", begin), text.size());
    units.insert(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return units;
}

std::string with_unit(const std::string& number, const std::string& unit, bool blank = true) {
  return unit.empty() ? number : number + (blank ? " " : "") + unit;
}

}  // namespace

TEST_CASE("units: every unit of every dimension has its factor, and no other is valid") {
  REQUIRE(kTables.size() == 11);
  for (const auto& [dimension, table] : kTables) {
    std::set<std::string> names;
    for (const auto& [unit, factor] : table) {
      CAPTURE(unit);
      const auto numerator = static_cast<double>(factor.numerator);
      const auto denominator = static_cast<double>(factor.denominator);
      for (const double value : {1.0, 0.0, 3.0, 7.0, 250.0, 1234567.0, -1.0, -40.0}) {
        const double si = value * numerator / denominator;
        CHECK(parse_quantity(with_unit(fmt::format("{}", value), unit), dimension) ==
              doctest::Approx(si).epsilon(1e-15));
        CHECK(parse_quantity(with_unit(fmt::format("{:e}", value), unit, false), dimension) ==
              doctest::Approx(si).epsilon(1e-15));
      }
      // The product of whole numbers is exact, and the quotient is correctly rounded.
      CHECK(parse_quantity(with_unit("3", unit), dimension) == 3 * numerator / denominator);
      CHECK(parse_quantity(with_unit("+3e0", unit), dimension) == 3 * numerator / denominator);
      if (!unit.empty()) {
        names.insert(unit);
      }
    }
    CHECK(listed_units(dimension) == names);
  }
}

TEST_CASE("units: a unit of one dimension is not valid in another, unless both have it") {
  for (const auto& [dimension, table] : kTables) {
    for (const auto& [other, units] : kTables) {
      for (const auto& [unit, factor] : units) {
        CAPTURE(unit);
        const bool is_valid = message(with_unit("1", unit), dimension).empty();
        CHECK(is_valid == table.contains(unit));
        // Names differ in case: no other spelling is accepted.
        std::string swapped = unit;
        for (char& letter : swapped) {
          letter = letter >= 'a' && letter <= 'z'   ? static_cast<char>(letter - 'a' + 'A')
                   : letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a')
                                                    : letter;
        }
        CHECK(message(with_unit("1", swapped), dimension).empty() == table.contains(swapped));
      }
    }
  }
}

TEST_CASE("units: the largest and the smallest number of each unit") {
  constexpr double kMost = std::numeric_limits<double>::max();
  for (const auto& [dimension, table] : kTables) {
    for (const auto& [unit, factor] : table) {
      CAPTURE(unit);
      const double times = static_cast<double>(factor.numerator);
      const std::string most = with_unit(fmt::format("{}", kMost), unit);
      if (times > 1 || unit == "mWh" || (unit.ends_with("bps") && unit != "bps") ||
          (unit.find("bit") != std::string::npos && !unit.starts_with("bit"))) {
        CHECK(message(most, dimension).find("(too large)") != std::string::npos);
      } else {
        CHECK(parse_quantity(most, dimension) == kMost / static_cast<double>(factor.denominator));
        CHECK(parse_quantity("-" + most, dimension) ==
              -kMost / static_cast<double>(factor.denominator));
      }
      const std::string beyond = message(with_unit("1e309", unit), dimension);
      CHECK(beyond.find("(too large or too small)") != std::string::npos);
      CHECK(message(with_unit("1e-400", unit), dimension).find("(too large or too small)") !=
            std::string::npos);
      for (const char* word : {"inf", "-inf", "nan", "infinity"}) {
        CHECK(message(with_unit(word, unit), dimension).find("(not a finite number)") !=
              std::string::npos);
      }
    }
  }
}

TEST_CASE("units: what is not one number and one unit is refused") {
  for (const auto& [dimension, table] : kTables) {
    for (const char* text : {"", " ", "\t", "+", "-", "++1", "+-1", "-+1", "- 1", "+ 1", ".", "e3",
                             "1e", "1,5", "0x10", "1 2", "1 %%", "one"}) {
      CAPTURE(text);
      CHECK(message(text, dimension) != "");
    }
    const std::string unit = table.begin()->first.empty() ? "%" : table.begin()->first;
    for (const std::string& text :
         {unit, unit + " 1", "1 " + unit + " " + unit, "1 2 " + unit, "1 " + unit + "2"}) {
      CAPTURE(text);
      CHECK(message(text, dimension) != "");
    }
    CHECK(message("1", dimension).empty() == (dimension == Dimension::number));
    // Blanks and tabs around the number and the unit mean nothing.
    const double one = parse_quantity("1 " + unit, dimension);
    CHECK(parse_quantity("\t 1\t" + unit + " \t", dimension) == one);
    CHECK(parse_quantity("1." + unit, dimension) == one);
    CHECK(parse_quantity(".5" + unit, dimension) == one / 2);
    CHECK(parse_quantity("10e-1" + unit, dimension) == one);
    CHECK(parse_quantity("0.1E+1" + unit, dimension) == one);
  }
}

TEST_CASE("units: an unknown unit of data suggests the one that was meant") {
  // By IEC 80000-13 and IEEE 1541, b is a bit and B a byte; k is a thousand and Ki is 1024.
  struct Prefix {
    std::string given, meant, binary;
  };
  const std::vector<Prefix> prefixes = {{"", "", ""},     {"k", "k", "Ki"}, {"K", "k", "Ki"},
                                        {"M", "M", "Mi"}, {"m", "M", "Mi"}, {"G", "G", "Gi"},
                                        {"g", "G", "Gi"}, {"T", "T", ""},   {"t", "T", ""}};
  for (const bool is_rate : {false, true}) {
    const Dimension dimension = is_rate ? Dimension::bandwidth : Dimension::data;
    const UnitTable& table = kTables.at(dimension);
    const std::string end = is_rate ? "/s" : "";
    const auto check = [&](const std::string& given, const std::string& meant) {
      if (table.contains(given)) {
        return;
      }
      CAPTURE(given);
      REQUIRE(table.contains(meant));
      const std::string text = message("10 " + given, dimension);
      CHECK(text.find("; did you mean '") != std::string::npos);
      CHECK(text.find("'" + meant + "'") != std::string::npos);
    };
    const std::vector<std::string> endings =
        is_rate ? std::vector<std::string>{"", "/s", "ps", "/S", "PS"}
                : std::vector<std::string>{""};
    for (const Prefix& prefix : prefixes) {
      for (const std::string& after : endings) {
        check(prefix.given + "b" + after, prefix.meant + "bit" + end);
        check(prefix.given + "B" + after, prefix.meant + "B" + end);
        if (!prefix.binary.empty()) {
          check(prefix.given + "iB" + after, prefix.binary + "B" + end);
        }
      }
    }
  }
}

TEST_CASE("units: readable texts of powers of ten, and of the values around them") {
  struct Scale {
    Dimension dimension;
    std::vector<std::pair<double, std::string>> units;  // Ascending; the first is the smallest.
  };
  const std::vector<Scale> scales = {
      {Dimension::time, {{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}}},
      {Dimension::data, {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}}},
      {Dimension::work,
       {{1, "FLOP"}, {1e3, "kFLOP"}, {1e6, "MFLOP"}, {1e9, "GFLOP"}, {1e12, "TFLOP"}}},
      {Dimension::energy, {{1e-6, "uJ"}, {1e-3, "mJ"}, {1, "J"}, {1e3, "kJ"}}},
      {Dimension::rate, {{1, "/s"}}},
      {Dimension::bandwidth,
       {{0.125, "bit/s"}, {125, "kbit/s"}, {125e3, "Mbit/s"}, {125e6, "Gbit/s"}}},
      {Dimension::speed,
       {{1, "FLOP/s"}, {1e3, "kFLOP/s"}, {1e6, "MFLOP/s"}, {1e9, "GFLOP/s"}, {1e12, "TFLOP/s"}}},
      {Dimension::power, {{1e-3, "mW"}, {1, "W"}, {1e3, "kW"}}}};
  for (const Scale& scale : scales) {
    for (std::size_t i = 0; i < scale.units.size(); ++i) {
      const auto& [factor, unit] = scale.units[i];
      const bool is_last = i + 1 == scale.units.size();
      const std::string next = is_last ? "" : scale.units[i + 1].second;
      CAPTURE(unit);
      CHECK(to_readable(factor, scale.dimension) == "1 " + unit);
      CHECK(to_readable(-factor, scale.dimension) == "-1 " + unit);
      CHECK(to_readable(12.3456 * factor, scale.dimension) == "12.3 " + unit);
      CHECK(to_readable(999.4 * factor, scale.dimension) == "999 " + unit);
      CHECK(to_readable(999.6 * factor, scale.dimension) ==
            (is_last ? "1000 " + unit : "1 " + next));
      CHECK(to_readable(-999.6 * factor, scale.dimension) ==
            (is_last ? "-1000 " + unit : "-1 " + next));
      if (is_last) {
        CHECK(to_readable(123456 * factor, scale.dimension) == "123456 " + unit);
      }
    }
  }
  CHECK(to_readable(0.8, Dimension::number) == "0.8");
  CHECK(to_readable(12345, Dimension::number) == "12345");
  CHECK(to_readable(0, Dimension::bandwidth) == "0 B/s");
}

}  // namespace offcut::unit_table_test
