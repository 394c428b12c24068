#include "../read.h"

namespace offcut::network::cooked_test {

using scenario::Messages;

TEST_CASE("cooked traces: a line holds until its time") {
  const Trace trace = read_text("0.0\t4\n1.5\t8\r\n2\t16\n");
  CHECK(trace.from == std::vector<double>{0, 1.5});
  CHECK(trace.up == std::vector<double>{1e6, 2e6});
  CHECK(trace.down == trace.up);
  CHECK(trace.end == 2);
  CHECK(read_text("2 8\n").end == 2);
}

TEST_CASE("cooked traces: one error each, with its line and column") {
  CHECK(wrong("0 1\n2 1\n1 1\n") ==
        Messages{"3:1 time: 1 is not after the line before it (2); expected lines in order of "
                 "time"});
  CHECK(wrong("0 1\n2 -1\n") ==
        Messages{"2:3 bandwidth: expected a number between 0 and 8000000000, got '-1'"});
  CHECK(wrong("0 1\n2\n") ==
        Messages{"2:1 1 field, expected a time in seconds and a bandwidth in Mbit/s"});
  CHECK(wrong("0 1\n2 fast\n").size() == 1);
  CHECK(wrong("0 1\n").size() == 1);
}

TEST_CASE("cooked traces: the measured ones") {
  for (const std::string& path : measured_traces("norway_")) {
    const Trace trace = read_trace(path, nullptr, trace_formats());
    CHECK(trace.from.size() > 100);
    CHECK(trace.end > 150);
    const auto steps = rate_steps(trace, true, {}, 1);
    CHECK(steps->mean() > 0.5e6 / 8);
    CHECK(steps->mean() < 3.5e6 / 8);
  }
}

}  // namespace offcut::network::cooked_test
