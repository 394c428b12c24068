#include "sim/network/device_traces/availability_trace.h"

#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "../../scenario/messages.h"

namespace offcut::network::availability_trace_test {
namespace {

using scenario::Messages;

auto read(const std::string& text) {
  const TemporaryFolder folder;
  return read_availability_trace(folder.write("trace", text));
}

Messages wrong(const std::string& text) {
  return scenario::messages_of([&] { read(text); });
}

const std::string kClient =
    "{\"duration\": 211625, \"inactive\": [65881, 133574], \"finish_time\": 518400,"
    " \"active\": [12788, 100044], \"model\": \"CPH1801\"}";

}  // namespace

TEST_CASE("availability traces: FedScale's clients, as a list, as a map and as CSV") {
  const auto map = read("{\"3834\": " + kClient +
                        ",\n \"2\": {\"active\": [], \"inactive\": [], \"finish_time\": 5}}");
  const auto list =
      read("\n [" + kClient + ", {\"finish_time\": 5.0, \"active\": [], \"inactive\": []}]");
  const auto csv = read(
      "finish_time,client,active,inactive\n518400,3834,12788,65881\n5,2,,\n"
      "518400,3834,100044,133574\n");
  for (const auto& clients : {map, list, csv}) {
    REQUIRE(clients.size() == 2);
    CHECK(clients[0]->changes() == 4);
    CHECK(clients[0]->period() == 518400);
    CHECK(clients[0]->change(0) == 12788);
    CHECK(clients[0]->change(3) == 133574);
    CHECK(clients[0]->change(4) == 518400 + 12788);
    CHECK(!clients[0]->is_active_before());
    CHECK(clients[1]->is_never_active());
    CHECK(clients[1]->period() == 5);
  }
  const auto open = read("client,active,inactive,finish_time\na,4,,10\n");
  CHECK(open[0]->is_active(9.5));
  CHECK(!open[0]->is_active(3));
}

TEST_CASE("availability traces: errors in JSON have a line and a column, all at once") {
  CHECK(wrong("{\"a\": " + kClient +
              ",\n \"b\": {\"active\": [1, -1, \"x\"], \"inactive\": 5,\n"
              "  \"finishtime\": 10},\n \"c\": [],\n"
              " \"d\": {\"active\": [5, 7], \"inactive\": [6], \"finish_time\": 0, \"model\": 1},\n"
              " \"e\": {\"active\": [5, 7], \"inactive\": [8, 9], \"finish_time\": 10},\n"
              " \"a\": {\"active\": [{\"active\": [[]]}], \"finish_time\": 1},\n"
              " \"g\": null}") ==
        Messages{"2:22 client 'b': active: expected a number from 0 to 1000000000, got -1",
                 "2:26 client 'b': active: expected a number, got a text",
                 "2:44 client 'b': inactive: expected a list of numbers, got a number",
                 "3:3 client 'b': unknown key 'finishtime'; did you mean 'finish_time'?",
                 "4:7 expected a map for each client, got a list",
                 "5:58 client 'd': finish_time: expected a number from 0.001 to 1000000000, got 0",
                 "5:70 client 'd': model: expected a text, got a number",
                 "6:7 client 'e': active[1] (7) is before inactive[0] (8)",
                 "7:2 client 'a' appears twice",
                 "7:19 client 'a': active: expected a number, got a map",
                 "7:7 client 'a': key 'inactive' is missing",
                 "8:7 expected a map for each client, got null"});
  CHECK(wrong("[" + kClient + ", {\"active\": [1]}]") ==
        Messages{"1:123 client 1: key 'inactive' is missing",
                 "1:123 client 1: key 'finish_time' is missing"});
  CHECK(wrong("[{\"active\": [1], \"active\": [1], \"inactive\": [2], \"finish_time\": 3}]") ==
        Messages{"1:18 client 0: key 'active' appears twice"});
  CHECK(wrong("[]") == Messages{"1:1 expected at least one client"});
  CHECK(wrong("{\"a\": {\"active\": [1,}}") ==
        Messages{"1:21 is not JSON from here on, expected a trace of availability"});
  CHECK(wrong("[").size() == 1);
}

TEST_CASE("availability traces: errors in CSV have a line and a column, all at once") {
  CHECK(wrong("client,active,inactive,finish_time\n"
              "a,5,4,10\n"
              "b,5,6,10\n"
              "b,4,7,10\n"
              "b,7,8,11\n"
              "c,7,,10\n"
              "c,8,9,10\n"
              "d,-1,9,10\n"
              "e,1,x,0\n"
              "f,1\n") ==
        Messages{"2:5 inactive: 4 is before 5, when the client becomes active",
                 "4:3 active: 4 is before 6, when the client becomes inactive",
                 "5:7 finish_time: 10 in an earlier row of this client, 11 here",
                 "7:3 active: the row above has no time 'inactive'",
                 "8:3 active: expected a number from 0 to 1000000000, got '-1'",
                 "9:7 finish_time: expected a number from 0.001 to 1000000000, got '0'",
                 "10:1 2 fields, expected 4"});
  CHECK(wrong("client,active,inactive,finish_time\n") ==
        Messages{"0:0 expected at least one client"});
  CHECK(wrong("client,active,finish_time\na,1,2\n").size() == 1);
}

}  // namespace offcut::network::availability_trace_test
