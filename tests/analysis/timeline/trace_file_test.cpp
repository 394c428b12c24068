#include "analysis/timeline/trace_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "../../temporary_folder.h"
#include "models/base/output_error.h"
#include "models/base/random.h"

namespace offcut::analysis::trace_file_test {

TEST_CASE("trace clock: a viewer that multiplies by 1000 and truncates has each nanosecond") {
  const TraceClock clock(Seconds(100));
  RandomStream stream = random_stream(1, "ticks");
  for (int i = 0; i < 100'000; ++i) {
    const auto digits = static_cast<int>(stream() % 15);
    const auto ticks = static_cast<std::int64_t>(stream() % static_cast<std::uint64_t>(
                                                                std::pow(10.0, digits + 1)));
    const std::string text = clock.microseconds(ticks);
    const double value = std::strtod(text.c_str(), nullptr);
    CHECK(static_cast<std::int64_t>(value * 1000) == ticks);
    CHECK(std::abs(value - static_cast<double>(ticks) / 1000) < 5e-4);
    CHECK(text.find('e') == std::string::npos);
  }
  CHECK(clock.microseconds(12'345) == "12.345");
  CHECK(clock.ticks(Seconds(1.2345e-5)) == 12'345);
  CHECK(clock.microseconds(2'000'000) == "2000");
}

TEST_CASE("trace clock: a long run has whole microseconds") {
  const TraceClock clock(Seconds(1e9));
  CHECK(clock.ticks(Seconds(1e9)) == 1'000'000'000'000'000);
  CHECK(clock.microseconds(1'000'000'000'000'001) == "1000000000000001");
}

TEST_CASE("trace file: its events are JSON, whatever their names are") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "trace.json";
  const std::string hostile = "</script><script>\"\\\n\t\x01\x7f \xC3\xA9 \xff";
  TraceFile file(path, TraceClock(Seconds(1)));
  const TraceFile::Track track{.process = 1, .thread = 7};
  file.process(1, hostile, 0);
  file.thread(track, hostile, 1);
  file.span(track, 1'500, 4'000, hostile, "request",
            TraceArguments().add("name", hostile).add("count", std::int64_t{-3}).add("t_s",
                                                                                    Seconds(0.1)));
  file.flow(track, 1'500, 's', 12);
  file.flow(track, 2'000, 'f', 12);
  file.instant(track, 4'000, "failed", "event", TraceArguments());
  file.counter(1, 0, "waiting", 3);
  file.close(TraceArguments().add("scenario", hostile));
  const std::string text = read_file(path);
  CHECK(file.bytes() == static_cast<std::int64_t>(text.size()));
  const nlohmann::json trace = nlohmann::json::parse(text);
  const nlohmann::json& events = trace.at("traceEvents");
  REQUIRE(events.size() == 9);
  const std::string shown = events[4].at("name");
  CHECK(shown.rfind("</script><script>\"\\\n\t\x01\x7f \xC3\xA9 ", 0) == 0);
  CHECK(shown.substr(shown.size() - 3) == "\xEF\xBF\xBD");  // U+FFFD in place of the last byte.
  CHECK(events[0].at("args").at("name") == shown);
  CHECK(events[4].at("args") == nlohmann::json{{"name", shown}, {"count", -3}, {"t_s", 0.1}});
  CHECK(events[4].at("ts") == 1.5);
  CHECK(events[4].at("dur") == 2.5);
  CHECK(events[5].at("ph") == "s");
  CHECK(events[6].at("bp") == "e");
  CHECK(events[7].at("ph") == "i");
  CHECK(events[8].at("args").at("value") == 3);
  CHECK(trace.at("otherData").at("scenario") == shown);
}

TEST_CASE("trace file: without a path it only counts, and what can't be written is an error") {
  TraceFile counted("", TraceClock(Seconds(1)));
  counted.counter(1, 0, "waiting", 3);
  counted.close(TraceArguments());
  CHECK(counted.bytes() > 50);
  CHECK_THROWS_AS(TraceFile("/proc/none/trace.json", TraceClock(Seconds(1))), OutputError);
}

}  // namespace offcut::analysis::trace_file_test
