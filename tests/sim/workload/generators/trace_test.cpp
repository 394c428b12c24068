#include <doctest/doctest.h>

#include <limits>

#include "../../../temporary_folder.h"
#include "../../scenario/messages.h"
#include "../arrival_times.h"

namespace offcut::workload {
namespace {

std::unique_ptr<Arrivals> trace(const std::string& text) {
  const TemporaryFolder folder;
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  Parameters parameters;
  parameters.set("file", folder.write("trace.csv", text));
  return registry.find("trace")->make(parameters);
}

/// Returns all times of a source.
std::vector<double> times(const Arrivals& arrivals, std::size_t device) {
  ArrivalSource source = Process::source(device);
  std::vector<double> all;
  for (Seconds now = arrivals.next(Seconds(0), source);
       now < Seconds(std::numeric_limits<double>::infinity()); now = arrivals.next(now, source)) {
    all.push_back(now.si());
  }
  return all;
}

}  // namespace

TEST_CASE("trace: every source has the requests of the file") {
  const auto arrivals = trace("time_s\n0\n1.5\n1.5\n\n1e9\n");
  CHECK(arrivals->devices() == 0);
  for (const std::size_t device : {0U, 7U}) {
    CHECK(times(*arrivals, device) == std::vector<double>{0, 1.5, 1.5, 1e9});
  }
}

TEST_CASE("trace: with a column for devices, each has its own") {
  const auto arrivals = trace("device,time_s\r\n2,0.25\r\n0,1\r\n2,3\r\n");
  CHECK(arrivals->devices() == 3);
  CHECK(times(*arrivals, 0) == std::vector<double>{1});
  CHECK(times(*arrivals, 1).empty());
  CHECK(times(*arrivals, 2) == std::vector<double>{0.25, 3});
  CHECK(times(*arrivals, 3).empty());
}

TEST_CASE("trace: errors of a file") {
  const auto wrong = [](const std::string& text) {
    return scenario::messages_of([&] { trace(text); });
  };
  CHECK(wrong("time_s\n") == scenario::Messages{"0:0 has no requests"});
  CHECK(wrong("device\n1\n") == scenario::Messages{"1:1 column 'time_s' is missing"});
  CHECK(wrong("time,devices,time_s,time_s\n1,1,1,1\n") ==
        scenario::Messages{"1:1 unknown column 'time'; did you mean 'time_s'?",
                           "1:1 unknown column 'devices'; did you mean 'device'?",
                           "1:1 column 'time_s' appears twice"});
  CHECK(wrong("time_s,device\n2,0\n1,0\n-1,0\n3,0.5\nx,-1\n4\n2e9,10000000\n5,0\n") ==
        scenario::Messages{
            "3:1 time_s: 1 is before the row above (2); expected rows in order of time",
            "4:1 time_s: expected a number from 0 to 1000000000, got '-1'",
            "5:1 device: expected a whole number from 0 to 9999999, got '0.5'",
            "6:1 time_s: expected a number from 0 to 1000000000, got 'x'",
            "6:1 device: expected a whole number from 0 to 9999999, got '-1'",
            "7:1 1 fields, expected 2",
            "8:1 time_s: expected a number from 0 to 1000000000, got '2e9'",
            "8:1 device: expected a whole number from 0 to 9999999, got '10000000'"});
}

}  // namespace offcut::workload
