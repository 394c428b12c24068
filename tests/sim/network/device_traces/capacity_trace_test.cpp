#include "sim/network/device_traces/capacity_trace.h"

#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "../../scenario/messages.h"

namespace offcut::network::capacity_trace_test {
namespace {

using scenario::Messages;

auto read(const std::string& text) {
  const TemporaryFolder folder;
  return read_capacity_trace(folder.write("trace", text));
}

Messages wrong(const std::string& text) {
  return scenario::messages_of([&] { read(text); });
}

}  // namespace

TEST_CASE("capacity traces: FedScale's clients, as a list, as a map and as CSV") {
  const auto map = read(
      "{\"432802\": {\"computation\": 162.0, \"communication\": 5648},\n"
      " \"1\": {\"communication\": 800, \"computation\": 38}}");
  const auto list = read(
      "[{\"computation\": 162, \"communication\": 5648}, {\"computation\": 38, \"communication\": "
      "800}]");
  const auto csv = read("computation,client,communication\n162,432802,5648\n38,1,800\n");
  for (const auto& clients : {map, list, csv}) {
    REQUIRE(clients.size() == 2);
    CHECK(clients[0].computation.si() == doctest::Approx(0.162));
    CHECK(clients[0].communication == BytesPerSecond(706000));
    CHECK(clients[1].computation.si() == doctest::Approx(0.038));
    CHECK(clients[1].communication == BytesPerSecond(100000));
    CHECK(mean_computation(clients).si() == doctest::Approx(0.1));
  }
}

TEST_CASE("capacity traces: all errors, with line and column") {
  CHECK(wrong("[{\"computation\": 0, \"communication\": -1},\n {\"computation\": true},\n 7]") ==
        Messages{
            "1:18 client 0: computation: expected a number from 1e-06 to 1000000000, got 0",
            "1:38 client 0: communication: expected a number from 0.001 to 1000000000000, got -1",
            "2:18 client 1: computation: expected a number, got a truth value",
            "2:2 client 1: key 'communication' is missing",
            "3:2 expected a map for each client, got a number"});
  CHECK(wrong("7").front() == "1:1 unknown column '7'; valid: client, computation, communication");
  CHECK(wrong("client,computation,communication\na,0,1\na,1,x\n") ==
        Messages{"2:3 computation: expected a number from 1e-06 to 1000000000, got '0'",
                 "3:1 client: 'a' has an earlier row",
                 "3:5 communication: expected a number from 0.001 to 1000000000000, got 'x'"});
  CHECK(wrong("{}") == Messages{"1:1 expected at least one client"});
}

}  // namespace offcut::network::capacity_trace_test
