#include <doctest/doctest.h>

#include <limits>

#include "../../../temporary_folder.h"
#include "../../scenario/messages.h"
#include "../arrival_times.h"

namespace offcut::workload::trace_test {
namespace {

std::unique_ptr<Arrivals> trace(const std::string& text, const std::string& origin = "",
                                const std::string& request_class = "") {
  const TemporaryFolder folder;
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  Parameters parameters;
  parameters.set("file", folder.write("trace.csv", text));
  parameters.set("origin", origin);
  parameters.set("class", request_class);
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

TEST_CASE("trace: columns are found by their names, and others are ignored") {
  for (const char* column :
       {"time_s", "arrival_s", "timestamp_s", "time", "arrival", "timestamp"}) {
    CAPTURE(column);
    const auto arrivals = trace(std::string("tokens,device,") + column + "\n100,0,0.5\n50,1,1.5\n");
    CHECK(times(*arrivals, 0) == std::vector<double>{0.5});
    CHECK(times(*arrivals, 1) == std::vector<double>{1.5});
  }
  CHECK(times(*trace("timestamp_ms\n250\n1500\n"), 0) == std::vector<double>{0.25, 1.5});
  // The first name of the list is taken, as in a log that has several times.
  CHECK(times(*trace("arrival_s,time_s\n7,1\n8,2\n"), 0) == std::vector<double>{1, 2});
}

TEST_CASE("trace: times since 1970 count from the first one, and others from an origin") {
  const std::string epoch = "time_s\n1764288000.25\n1764288001.5\n";
  CHECK(times(*trace(epoch), 0) == std::vector<double>{0, 1.25});
  CHECK(times(*trace(epoch, "1764288000 s"), 0) == std::vector<double>{0.25, 1.5});
  CHECK(times(*trace("timestamp_ms\n1764288000250\n1764288001500\n"), 0) ==
        std::vector<double>{0, 1.25});
  CHECK(times(*trace("time_s\n3\n4.5\n"), 0) == std::vector<double>{3, 4.5});
  CHECK(times(*trace("time_s\n3\n4.5\n", "first"), 0) == std::vector<double>{0, 1.5});
  CHECK(times(*trace("time_s\n3\n4.5\n", "1 s"), 0) == std::vector<double>{2, 3.5});
  CHECK(times(*trace("timestamp_ms\n3000\n4500\n", "1 s"), 0) == std::vector<double>{2, 3.5});
  CHECK_THROWS_WITH_AS(trace(epoch, "last"),
                       "origin: expected a time such as '20 ms', got 'last', or 'first'",
                       std::invalid_argument);
}

TEST_CASE("trace: the classes of a file share its origin, and each has its own rows") {
  const std::string file =
      "time_s,device,class\n2000000000,0,a\n2000000000.5,1,b\n2000000002,1,a\n";
  const auto a = trace(file, "", "a"), b = trace(file, "", "b"), all = trace(file);
  CHECK(a->classes() == std::vector<std::string>{"a", "b"});
  CHECK(times(*a, 0) == std::vector<double>{0});
  CHECK(times(*a, 1) == std::vector<double>{2});
  CHECK(times(*b, 0).empty());
  CHECK(times(*b, 1) == std::vector<double>{0.5});
  CHECK(times(*all, 1) == std::vector<double>{0.5, 2});
  CHECK(trace("time_s\n1\n", "", "a")->classes().empty());
}

TEST_CASE("trace: a row may name the input and the size of the message") {
  const auto arrivals = trace("time_s,input,bytes\n0,7,100\n1,,\n2,3,0\n");
  CHECK(arrivals->has_details());
  CHECK(arrivals->inputs() == 8);
  ArrivalSource source = Process::source();
  std::vector<std::optional<std::int64_t>> inputs;
  std::vector<std::optional<Bytes>> bytes;
  for (int i = 0; i < 3; ++i) {
    arrivals->next(Seconds(0), source);
    inputs.push_back(arrivals->detail(source).input);
    bytes.push_back(arrivals->detail(source).bytes);
  }
  CHECK(inputs == std::vector<std::optional<std::int64_t>>{7, {}, 3});
  CHECK(bytes == std::vector<std::optional<Bytes>>{Bytes(100), {}, Bytes(0)});
  CHECK(!trace("time_s\n0\n")->has_details());
  arrivals->check_inputs(8);
  CHECK(scenario::messages_of([&] { arrivals->check_inputs(7); }) ==
        scenario::Messages{"2:3 input: 7 is not in the data set, whose last input is 6"});
  // The text of a log is an error only for those whose math needs inputs.
  const auto text = trace("time_s,input\n0,hello\n");
  CHECK(times(*text, 0) == std::vector<double>{0});
  CHECK(scenario::messages_of([&] { text->check_inputs(1); }) ==
        scenario::Messages{
            "2:3 input: expected the number of an input, counted from 0, got 'hello'"});
  CHECK(
      scenario::messages_of([] { trace("time_s,bytes\n0,1.5\n"); }) ==
      scenario::Messages{"2:3 bytes: expected a whole number from 0 to 1000000000000, got '1.5'"});
}

TEST_CASE("trace: devices whose requests no class takes") {
  const auto by_device = trace("time_s,x,device\n0,,1\n1,,7\n2,,\"5\"\n3,,7\n");
  by_device->check_devices({false, true, true, true, true, true, false, true});
  const auto wrong = [&](const std::vector<bool>& taken) {
    return scenario::messages_of([&] { by_device->check_devices(taken); });
  };
  CHECK(wrong({true, true, true}) ==
        scenario::Messages{"3:4 device: 7 is not in the scenario, whose last device is 2"});
  CHECK(wrong({true, true, true, true, true, false, true, true}) ==
        scenario::Messages{"4:4 device: no class takes the requests of device 5"});
  trace("time_s\n0\n")->check_devices({});
}

TEST_CASE("trace: errors of a file") {
  const auto wrong = [](const std::string& text) {
    return scenario::messages_of([&] { trace(text); });
  };
  CHECK(wrong("time_s\n") == scenario::Messages{"0:0 has no requests"});
  CHECK(wrong("device\n1\n") == scenario::Messages{"1:1 column 'time_s' is missing"});
  CHECK(wrong("device,tme_s\n1,1\n") ==
        scenario::Messages{"1:1 column 'time_s' is missing; is it 'tme_s'?"});
  CHECK(wrong("Time_s\n1\n") ==
        scenario::Messages{"1:1 unknown column 'Time_s'; did you mean 'time_s'?"});
  CHECK(wrong("devices,time_s,time_s,Class\n1,1,1,a\n") ==
        scenario::Messages{"1:1 unknown column 'devices'; did you mean 'device'?",
                           "1:16 column 'time_s' appears twice",
                           "1:23 unknown column 'Class'; did you mean 'class'?"});
  CHECK(scenario::messages_of([] { trace("time_s,class\n1,fast\n", "", "fest"); }) ==
        scenario::Messages{"0:0 has no requests of class 'fest'; did you mean 'fast'?"});
  CHECK(wrong("time_s\n1764288000\n1764287999\n2764288001\n") ==
        scenario::Messages{
            "3:1 time_s: expected a number from 1764288000 to 2764288000, got '1764287999'",
            "4:1 time_s: expected a number from 1764288000 to 2764288000, got '2764288001'"});
  CHECK(wrong("time_s,device\n2,0\n1,0\n-1,0\n3,0.5\nx,-1\n4\n2e9,10000000\n5,0\n") ==
        scenario::Messages{
            "3:1 time_s: 1 is before the row above (2); expected rows in order of time",
            "4:1 time_s: expected a number from 0 to 1000000000, got '-1'",
            "5:3 device: expected a whole number from 0 to 9999999, got '0.5'",
            "6:1 time_s: expected a number from 0 to 1000000000, got 'x'",
            "6:3 device: expected a whole number from 0 to 9999999, got '-1'",
            "7:1 1 fields, expected 2",
            "8:1 time_s: expected a number from 0 to 1000000000, got '2e9'",
            "8:5 device: expected a whole number from 0 to 9999999, got '10000000'"});
}

}  // namespace offcut::workload::trace_test
