#include "../read.h"

namespace offcut::network::csv_test {

using scenario::Messages;

TEST_CASE("csv traces: fields have units, or their columns do") {
  const Trace trace = read_text(
      "time_s,up,down,latency\n"
      "0,8 Mbit/s,16 Mbit/s,20 ms\n"
      "1.5,0 B/s,1 MB/s,0.1 s\n"
      "2,800 kbit/s,2 MB/s,1 ms\n");
  CHECK(trace.from == std::vector<double>{0, 1.5, 2});
  CHECK(trace.up == std::vector<double>{1e6, 0, 1e5});
  CHECK(trace.down == std::vector<double>{2e6, 1e6, 2e6});
  CHECK(trace.latency == std::vector<double>{0.02, 0.1, 0.001});
  CHECK(trace.end == 2.5);  // The last row lasts as long as the one before it.
  const Trace units = read_text("up_mbit_s,time_s,latency_ms\n8,0,20\n4,1,30\n");
  CHECK(units.up == std::vector<double>{1e6, 5e5});
  CHECK(units.down.empty());
  CHECK(units.latency == std::vector<double>{0.02, 0.03});
}

TEST_CASE("csv traces: one error each, with its line and column") {
  CHECK(wrong("") == Messages{"1:1 is empty, expected a trace of bandwidths"});
  CHECK(wrong("time_s,up\n") == Messages{"1:1 expected rows after the names of the columns"});
  CHECK(wrong("time_s,up\n0,1 Mbit/s\n2,1 Mbit/s\n1,1 Mbit/s\n") ==
        Messages{"4:1 time_s: 1 is not after the row above (2); expected rows in order of time"});
  CHECK(wrong("time_s,up\n1,1 Mbit/s\n") ==
        Messages{"2:1 time_s: expected 0 in the first row, got 1: nothing says what holds before"});
  CHECK(wrong("time_s,up\n0,1 Mbit/s,7\n") == Messages{"2:1 3 fields, expected 2"});
  CHECK(wrong("time_s,up\n0,5 ms\n").size() == 1);
  CHECK(wrong("time_s,up\n0,5\n").size() == 1);
  CHECK(wrong("time_s,up\n0,\n").size() == 1);
  CHECK(wrong("time_s,up\n0,-1 Mbit/s\n").front().starts_with("2:3 up: must be between 0 and "));
  CHECK(wrong("time_s,up\n0,1e30 Mbit/s\n").front().starts_with("2:3 up: must be between 0 and "));
  CHECK(wrong("time_s,up_mbit_s\n0,-1\n").size() == 1);
  CHECK(wrong("time_s,up_mbits\n0,1\n").front().starts_with("1:8 unknown column 'up_mbits'"));
  CHECK(wrong("time_s,up,up_mbit_s\n0,1 Mbit/s,1\n") ==
        Messages{"1:11 column 'up_mbit_s': the file has 'up', too"});
}

}  // namespace offcut::network::csv_test
