#include "sim/scenario/sections/workload_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::workload_section_test {
namespace {

const std::string kScenario =
    "offcut: 1\n"
    "stop: {requests: 5}\n"
    "model: {zoo: lenet5}\n"
    "tiers: {device: {is: raspberry-pi-4b, count: 4}, edge: {is: t4}}\n"
    "network: {device-edge: {is: wifi}}\n"
    "plan: {algorithm: neurosurgeon}\n";

Scenario read(const std::string& workload, const std::string& trace = "time_s\n0\n") {
  return read_text(kScenario + "workload: " + workload + "\n", trace);
}

Messages wrong(const std::string& workload, const std::string& trace = "time_s\n0\n") {
  return messages_of([&] { read(workload, trace); });
}

}  // namespace

TEST_CASE("workload section: one class, with its defaults") {
  const Scenario s = read("{arrivals: poisson, rate: 2 /s}");
  REQUIRE(s.classes.size() == 1);
  const ClassChoice& all = s.classes.front();
  CHECK(all.name == "all");
  CHECK(all.model == 0);
  CHECK(all.arrival_kind->name == "poisson");
  CHECK(all.parameters.at("rate") == 2);
  CHECK(!all.in_total);
  CHECK(all.deadline == engine::kNever);
  CHECK(all.priority == 0);
  CHECK(all.failures.retries == 0);
  CHECK(all.failures.backoff == Seconds(0));
  CHECK(all.failures.factor == 2);
  CHECK(all.failures.then == network::FailurePolicy::Then::wait);
  CHECK(!all.failures.local_when_rejected);
  CHECK(all.time_out.after == engine::kNever);
}

TEST_CASE("workload section: time-outs, and where they count") {
  using Counts = engine::TimeOut::Counts;
  const auto time_out = [](const std::string& text) {
    return read("{arrivals: poisson, rate: 2 /s, timeout: " + text + "}").classes.front().time_out;
  };
  CHECK(time_out("2 s").after == Seconds(2));
  CHECK(time_out("2 s").counts == Counts::unanswered);
  CHECK(time_out("{after: 3 s}").counts == Counts::unanswered);
  CHECK(time_out("{after: 3 s, while: unstarted}").counts == Counts::unstarted);
  CHECK(time_out("{after: 3 s, while: waiting}").after == Seconds(3));
  CHECK(time_out("{after: 3 s, while: waiting}").counts == Counts::waiting);
  const std::string begin = "{arrivals: poisson, rate: 2 /s, timeout: ";
  CHECK(wrong(begin + "0 s}") ==
        Messages{"7:52 workload.timeout: must be between 1e-06 s and 1000000000 s, got '0 s'"});
  CHECK(wrong(begin + "{while: waiting}}") == Messages{"7:52 'workload.timeout.after' is missing"});
  CHECK(wrong(begin + "{after: 1 s, while: wating}}") ==
        Messages{"7:72 workload.timeout.while: unknown state of a request 'wating'; did you mean "
                 "'waiting'?"});
}

TEST_CASE("workload section: where requests go after a failure") {
  const auto then = [](const std::string& action) {
    return read("{arrivals: poisson, rate: 2 /s, on-failure: {then: " + action + "}}")
        .classes.front()
        .failures.then;
  };
  CHECK(then("other-site") == network::FailurePolicy::Then::other_site);
  CHECK(then("cloud") == network::FailurePolicy::Then::next_tier);
}

TEST_CASE("workload section: classes by name") {
  const Scenario s = read(
      "{classes: {urgent: {arrivals: periodic, period: 2 s, per: all, deadline: 150 ms, priority: "
      "-1, on-failure: {retries: 3, backoff: 10 ms, factor: 3, then: local}, when-rejected: "
      "local}, "
      "other: {arrivals: closed-loop, think: 1 s, on-failure: {then: drop}}}}");
  REQUIRE(s.classes.size() == 2);
  const ClassChoice& urgent = s.classes[0];
  CHECK(urgent.name == "urgent");
  CHECK(urgent.in_total);
  CHECK(urgent.deadline == Seconds(0.15));
  CHECK(urgent.priority == -1);
  CHECK(urgent.failures.retries == 3);
  CHECK(urgent.failures.backoff == Seconds(0.01));
  CHECK(urgent.failures.factor == 3);
  CHECK(urgent.failures.then == network::FailurePolicy::Then::local);
  CHECK(urgent.failures.local_when_rejected);
  CHECK(s.classes[1].name == "other");
  CHECK(s.classes[1].arrival_kind->closed_loop);
  CHECK(s.classes[1].failures.then == network::FailurePolicy::Then::drop);
}

TEST_CASE("workload section: a trace is found beside the scenario, and fits the devices") {
  const Scenario s = read("{arrivals: trace, file: trace.csv}", "time_s,device\n0,3\n1,0\n");
  CHECK(s.classes.front().parameters.text("file").ends_with("trace.csv"));
  CHECK(wrong("{arrivals: trace, file: trace.csv}", "time_s,device\n0,4\n") ==
        Messages{"2:3 device: 4 is not in the scenario, whose last device is 3"});
  CHECK(wrong("{arrivals: trace, file: trace.csv, per: all}", "time_s,device\n0,1\n") ==
        Messages{"7:51 workload.per: 'trace' names the device of each request: expected device"});
  CHECK(wrong("{arrivals: trace, file: trace.csv, per: all}").empty());
  CHECK(wrong("{arrivals: trace, file: trace.csv}", "tme\n0\n").size() == 1);
  CHECK(wrong("{arrivals: trace, file: other.csv}").size() == 1);
  CHECK(wrong("{arrivals: trace}") == Messages{"7:11 'workload.file' is missing"});
}

TEST_CASE("workload section: errors") {
  CHECK(wrong("{classes: {}}") == Messages{"7:21 workload.classes: expected at least one"});
  CHECK(
      wrong("{classes: {\"a b\": {arrivals: poisson, rate: 1 /s}}}") ==
      Messages{"7:29 workload.classes: 'a b' is not a valid name for a class: expected at most 64 "
               "letters, digits, '-' and '_'"});
  CHECK(wrong("{classes: {a: {arrivals: poisson, rate: 1 /s, deadlin: 1 s}}}") ==
        Messages{"7:57 unknown key 'workload.classes.a.deadlin'; did you mean "
                 "'deadline'?"});
  CHECK(wrong("{arrivals: poisson, rate: 1 /s, on-failure: {retries: 1000, backoff: 1 s}}") ==
        Messages{"7:65 workload.on-failure.retries: before the last of 1000 retries a request "
                 "would wait for more than 1e+09 s: expected fewer, or a smaller 'factor'"});
}

}  // namespace offcut::scenario::workload_section_test
