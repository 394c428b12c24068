#include "../read.h"

namespace offcut::network::json_test {

using scenario::Messages;

TEST_CASE("json traces: rows follow each other") {
  const Trace trace = read_text(
      "[\n"
      "  {\"duration_ms\": 500, \"bandwidth_kbps\": 8000, \"latency_ms\": 20},\n"
      "  {\"latency_ms\": 30, \"bandwidth_kbps\": 0, \"duration_ms\": 1000}\n"
      "]\n");
  CHECK(trace.from == std::vector<double>{0, 0.5});
  CHECK(trace.end == 1.5);
  CHECK(trace.up == std::vector<double>{1e6, 0});
  CHECK(trace.down == trace.up);
  CHECK(trace.latency == std::vector<double>{0.02, 0.03});
  CHECK(read_text("[{\"duration_ms\":1,\"bandwidth_kbps\":8}]").latency.empty());
}

TEST_CASE("json traces: one error each, with its line and column") {
  const auto rows = [](const std::string& text) {
    return wrong("[\n {\"duration_ms\": 1, \"bandwidth_kbps\": 8},\n " + text + "\n]\n");
  };
  CHECK(rows("{\"duration_ms\": 1, \"bandwidth_kbps\": -8}") ==
        Messages{"3:39 bandwidth_kbps: expected a number between 0 and 8000000000000, got -8"});
  CHECK(
      rows("{\"duration_ms\": 0, \"bandwidth_kbps\": 8}").front().starts_with("3:18 duration_ms"));
  CHECK(rows("{\"duration_ms\": 1}") == Messages{"3:19 key 'bandwidth_kbps' is missing"});
  CHECK(rows("{\"duration_ms\": 1, \"bandwidth_mbps\": 8}")
            .front()
            .starts_with("3:21 unknown key 'bandwidth_mbps'; did you mean 'bandwidth_kbps'?"));
  CHECK(rows("{\"duration_ms\": 1, \"bandwidth_kbps\": \"8\"}") ==
        Messages{"3:39 bandwidth_kbps: expected a number, got a text"});
  CHECK(rows("7") == Messages{"3:2 expected a list of maps, got a number"});
  CHECK(rows("{\"duration_ms\": 1, \"bandwidth_kbps\": 8, \"latency_ms\": 2}").size() == 1);
  CHECK(wrong("[{]").size() == 1);
  CHECK(wrong("[]") == Messages{"1:2 expected a list with at least one map"});
}

TEST_CASE("json traces: the measured ones") {
  for (const std::string& path : measured_traces("ghent_")) {
    const Trace trace = read_trace(path, nullptr, trace_formats());
    CHECK(trace.from.size() > 400);
    CHECK(trace.end > 400);
    CHECK(trace.latency.front() == 0.02);
    const auto steps = rate_steps(trace, true, {}, 1);
    CHECK(steps->mean() > 20e6 / 8);
    CHECK(steps->mean() < 45e6 / 8);
  }
}

}  // namespace offcut::network::json_test
