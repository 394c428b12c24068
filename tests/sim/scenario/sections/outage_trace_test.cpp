#include "sim/scenario/sections/outage_trace.h"

#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "../messages.h"
#include "sim/engine/simulation.h"

namespace offcut::scenario::outage_trace_test {
namespace {

std::vector<network::Outage> read(const std::string& text) {
  const TemporaryFolder folder;
  return read_outage_trace(folder.write("trace.csv", text), "link", 3);
}

Messages wrong(const std::string& text) {
  return messages_of([&] { read(text); });
}

}  // namespace

TEST_CASE("outage trace: each outage") {
  const std::vector<network::Outage> outages = read(
      "state,time_s,which\n"
      "down,0,2\n"
      "down,1.5,0\n"
      "up,1.5,2\n"
      "down,7,2\n"
      "up,9,0\n"
      "up,10.5,2\n");
  REQUIRE(outages.size() == 3);
  CHECK(outages[0].which == 2);
  CHECK(outages[0].from == Seconds(0));
  CHECK(outages[0].until == Seconds(1.5));
  CHECK(outages[1].which == 0);
  CHECK(outages[1].until == Seconds(9));
  CHECK(outages[2].from == Seconds(7));
  CHECK(outages[2].until == Seconds(10.5));
  CHECK(read("time_s,which,state\n").empty());
  const std::vector<network::Outage> for_good = read("time_s,which,state\n1,0,down\n");
  REQUIRE(for_good.size() == 1);
  CHECK(for_good[0].from == Seconds(1));
  CHECK(for_good[0].until == engine::kNever);
}

TEST_CASE("outage trace: all errors, with their lines and columns") {
  CHECK(wrong("time_s,wich,state\n0,0,down\n") ==
        Messages{"1:8 unknown column 'wich'; did you mean 'which'?"});
  CHECK(wrong("time_s,state\n") == Messages{"1:1 column 'which' is missing"});
  CHECK(wrong("time_s,which,which,state\n") == Messages{"1:14 column 'which' appears twice"});
  CHECK(wrong("time_s,which,state\n1,0,down\n1,0,up\n") ==
        Messages{"3:5 state: link 0 was down for no time"});
  CHECK(wrong("time_s,which,state\n"
              "1,0,down\n"
              "0,1,down\n"
              "x,3,dwon\n"
              "2,0,down\n"
              "3,1,up\n"
              "3,1\n") == Messages{"3:1 time_s: 0 is before the row above",
                                   "4:1 time_s: expected a number from 0 to 1000000000, got 'x'",
                                   "4:3 which: expected a link from 0 to 2, got '3'",
                                   "4:5 state: expected up or down, got 'dwon'",
                                   "5:5 state: link 0 is down already",
                                   "6:5 state: link 1 is up already", "7:1 2 fields, expected 3"});
}

}  // namespace offcut::scenario::outage_trace_test
