#include "models/base/units.h"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace offcut::units_test {
namespace {

std::string error_text(std::string_view text, Dimension dimension) {
  try {
    parse_quantity(text, dimension);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("units: a text parses to the double nearest to its SI value") {
  CHECK(parse<Seconds>("20 ms").si() == 0.02);
  CHECK(parse<Seconds>("20ms").si() == 0.02);
  CHECK(parse<Seconds>(" 10 min ").si() == 600);
  CHECK(parse<BytesPerSecond>("5.85 Mbit/s").si() == 731250);
  CHECK(parse<BytesPerSecond>("10 Mbps").si() == 1.25e6);
  CHECK(parse<BytesPerSecond>("8 bps") == parse<BytesPerSecond>("1 B/s"));
  CHECK(parse<BytesPerSecond>("3 kbps") == parse<BytesPerSecond>("3 kbit/s"));
  CHECK(parse<BytesPerSecond>("0.1 Gbps") == parse<BytesPerSecond>("0.1 Gbit/s"));
  CHECK(parse<Bytes>("4 GiB").si() == 4294967296.0);
  CHECK(parse<Watts>("12 W").si() == 12);
  CHECK(parse<FlopsPerSecond>("57.6 GFLOP/s").si() == 57.6e9);
  CHECK(parse<PerSecond>("30 /min").si() == 0.5);
  CHECK(parse_quantity("80 %", Dimension::number) == 0.8);
  CHECK(parse_quantity("0.3", Dimension::number) == 0.3);
  CHECK(parse<Seconds>("0.3 ms").si() == 0.0003);
}

TEST_CASE("units: a letter that several units begin with is no guess") {
  CHECK(error_text("300 m", Dimension::time) ==
        "expected a time such as '20 ms', got '300 m'; did you mean 'ms' or 'min'?");
}

TEST_CASE("units: the error for an invalid text says what was expected") {
  CHECK(error_text("20", Dimension::time) ==
        "expected a time such as '20 ms', got '20' (a unit is missing)");
  CHECK(error_text("20 mss", Dimension::time) ==
        "expected a time such as '20 ms', got '20 mss'; did you mean 'ms'?");
  CHECK(error_text("fast", Dimension::bandwidth) ==
        "expected a bandwidth such as '5.85 Mbit/s', got 'fast'");
  CHECK(error_text("5 furlongs", Dimension::number).ends_with("got '5 furlongs'; valid: %"));
  CHECK(error_text("10 Mb/s", Dimension::bandwidth) ==
        "expected a bandwidth such as '5.85 Mbit/s', got '10 Mb/s'; did you mean 'Mbit/s'?");
  const auto meant = [](const std::string& unit, Dimension dimension) {
    const std::string text = error_text("10 " + unit, dimension);
    const std::size_t begin = text.find("did you mean '");
    return begin == std::string::npos ? text
                                      : text.substr(begin + 14, text.rfind('\'') - begin - 14);
  };
  // A small b means bits and a capital one bytes, whatever the distance to the valid names.
  for (const auto& [unit, bandwidth] : std::map<std::string, std::string>{{"b/s", "bit/s"},
                                                                          {"kb/s", "kbit/s"},
                                                                          {"Kb/s", "kbit/s"},
                                                                          {"mb/s", "Mbit/s"},
                                                                          {"Gb/s", "Gbit/s"},
                                                                          {"Tb/s", "Tbit/s"},
                                                                          {"Mb", "Mbit/s"},
                                                                          {"mbps", "Mbit/s"},
                                                                          {"MBps", "MB/s"},
                                                                          {"KB/s", "kB/s"},
                                                                          {"mB/s", "MB/s"},
                                                                          {"KIB/s", "KiB/s"},
                                                                          {"kiB/s", "KiB/s"},
                                                                          {"MB", "MB/s"},
                                                                          {"Mbits/s", "Mbit/s"}}) {
    CAPTURE(unit);
    CHECK(meant(unit, Dimension::bandwidth) == bandwidth);
  }
  CHECK(error_text("3 MW", Dimension::power) ==
        "expected a power such as '12 W', got '3 MW'; valid: W, mW, kW");
  CHECK(meant("KW", Dimension::power) == "kW");
  CHECK(meant("MFlop/s", Dimension::speed) == "MFLOP/s");
  CHECK(meant("Mb", Dimension::data) == "Mbit");
  CHECK(meant("KB", Dimension::data) == "kB");
  CHECK(error_text("5 Mbit", Dimension::bandwidth).find("did you mean 'Mbit/s'?") !=
        std::string::npos);
  CHECK(error_text("inf s", Dimension::time).find("not a finite number") != std::string::npos);
  CHECK(error_text("nan", Dimension::number).find("not a finite number") != std::string::npos);
  CHECK(error_text("1e308 h", Dimension::time).find("too large") != std::string::npos);
  CHECK(error_text("", Dimension::time) == "expected a time such as '20 ms', got ''");
  CHECK(error_text("1 2 s", Dimension::time) != "");
}

TEST_CASE("units: a suggestion is of the same magnitude as the misspelling") {
  const auto meant = [](const std::string& unit, Dimension dimension) {
    const std::string text = error_text("10 " + unit, dimension);
    const std::size_t begin = text.find("; ") + 2;
    return text.compare(begin, 7, "valid: ") == 0 ? "" : text.substr(begin);
  };
  const auto mean = [](const std::string& units) { return "did you mean '" + units + "'?"; };
  struct Case {
    Dimension dimension;
    const char* unit;
    const char* meant;  // Empty: all valid units are listed.
  };
  for (const Case& c : std::initializer_list<Case>{
           {Dimension::bandwidth, "MBit", "Mbit/s"},
           {Dimension::bandwidth, "Gbits", "Gbit/s"},
           {Dimension::bandwidth, "megabit/s", "Mbit/s"},
           {Dimension::bandwidth, "Mbit/sec", "Mbit/s"},
           {Dimension::bandwidth, "Mbti/s", "Mbit/s"},
           {Dimension::bandwidth, "MBPS", "MB/s' or 'Mbit/s"},
           {Dimension::bandwidth, "Mbit/h", ""},
           {Dimension::bandwidth, "Mbit/ms", ""},
           {Dimension::bandwidth, "Mib/s", ""},
           {Dimension::bandwidth, "TiB/s", ""},
           {Dimension::bandwidth, "PB/s", ""},
           {Dimension::data, "mb", "MB' or 'Mbit"},
           {Dimension::data, "Kb", "kbit"},
           {Dimension::data, "gib", "GiB"},
           {Dimension::data, "MBytes", "MB"},
           {Dimension::data, "byte", "B"},
           {Dimension::data, "Kib", ""},
           {Dimension::data, "TiB", ""},
           {Dimension::data, "PB", ""},
           {Dimension::time, "ms/s", ""},
           {Dimension::time, "Ghz", ""},
           {Dimension::time, "msec", "ms"},
           {Dimension::time, "Minutes", "min"},
           {Dimension::time, "\u00b5s", "us"},
           {Dimension::time, "M", ""},
           {Dimension::time, "Ms", ""},
           {Dimension::time, "ps", ""},
           {Dimension::speed, "GFLOPS", "GFLOP/s"},
           {Dimension::speed, "mflop/s", "MFLOP/s"},
           {Dimension::speed, "FLOP", "FLOP/s"},
           {Dimension::speed, "PFLOP/s", ""},
           {Dimension::speed, "GHz", ""},
           {Dimension::speed, "TOPS", ""},
           {Dimension::work, "gflops", "GFLOP"},
           {Dimension::power, "watts", "W"},
           {Dimension::power, "J/s", "W"},
           {Dimension::power, "uW", ""},
           {Dimension::power, "Wh", ""},
           {Dimension::power, "mA", ""},
           {Dimension::energy, "kWh", ""},
           {Dimension::energy, "MJ", ""},
           {Dimension::energy, "mAh", ""},
           {Dimension::energy, "Ws", "J"},
           {Dimension::rate, "Hz", "/s"},
           {Dimension::rate, "per second", "/s"},
           {Dimension::rate, "/minute", "/min"},
           {Dimension::rate, "/us", ""},
           {Dimension::number, "percent", "%"},
       }) {
    CAPTURE(c.unit);
    CHECK(meant(c.unit, c.dimension) == (*c.meant == '\0' ? "" : mean(c.meant)));
  }
  CHECK(error_text("0,5 s", Dimension::time).ends_with("got '0,5 s'; a decimal point is a '.'"));
}

TEST_CASE("units: to_text parses back to the same value") {
  for (const double value : {0.0, 0.02, 1.0 / 3, 6.02e23, 5e-324, -1.5}) {
    CHECK(parse<Seconds>(to_text(Seconds(value))).si() == value);
    CHECK(parse<BytesPerSecond>(to_text(BytesPerSecond(value))).si() == value);
    CHECK(parse_quantity(to_text(value, Dimension::number), Dimension::number) == value);
  }
}

TEST_CASE("units: readable texts have three significant digits and a fitting prefix") {
  CHECK(to_readable(Seconds(0.0123456)) == "12.3 ms");
  CHECK(to_readable(Seconds(0.9996)) == "1 s");
  CHECK(to_readable(Seconds(0)) == "0 s");
  CHECK(to_readable(Seconds(4321)) == "4321 s");
  CHECK(to_readable(BytesPerSecond(731250)) == "5.85 Mbit/s");
  CHECK(to_readable(Bytes(154587)) == "155 kB");
}

TEST_CASE("units: products and quotients have the right dimension; mixed ones do not compile") {
  static_assert(std::is_same_v<decltype(Bytes(1) / BytesPerSecond(1)), Seconds>);
  static_assert(std::is_same_v<decltype(Flops(1) / FlopsPerSecond(1)), Seconds>);
  static_assert(std::is_same_v<decltype(Watts(1) * Seconds(1)), Joules>);
  static_assert(!std::is_convertible_v<Seconds, double>);
  static_assert(!std::is_convertible_v<double, Seconds>);
  static_assert(!std::is_invocable_v<std::plus<>, Seconds, Bytes>);
  const double ratio = Seconds(3) / Seconds(2);
  CHECK(ratio == 1.5);
}

}  // namespace offcut::units_test
