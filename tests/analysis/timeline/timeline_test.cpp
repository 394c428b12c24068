#include "analysis/timeline/timeline.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "../../temporary_folder.h"

namespace offcut::analysis::timeline_test {
namespace {

using nlohmann::json;

engine::Simulation two_tiers() {
  return {.tiers = {{.name = "phone", .servers = 3}, {.name = "cloud"}},
          .hops = {{.name = "phone-cloud", .hop = {BytesPerSecond(1e6), BytesPerSecond(2e6)}}},
          .classes = {{.name = "all"}}};
}

engine::Span computation(std::int64_t request, std::size_t tier, double begin, double end) {
  return {.number = request,
          .place = tier,
          .layers = "conv to fc",
          .begin = Seconds(begin),
          .work = Seconds(begin),
          .left = Seconds(end),
          .end = Seconds(end),
          .service = Seconds(end - begin)};
}

engine::Span message(std::int64_t request, double begin, double left, double end) {
  return {.kind = engine::Span::Kind::message,
          .number = request,
          .bytes = Bytes(100),
          .begin = Seconds(begin),
          .work = Seconds(begin),
          .left = Seconds(left),
          .end = Seconds(end)};
}

/// A request that arrives at `begin`, is computed for a second, crosses the link in another one,
/// and is computed for a third one.
void add_request(Timeline& timeline, std::int64_t number, double begin) {
  timeline.add(computation(number, 0, begin, begin + 1));
  timeline.add(message(number, begin + 1, begin + 1.5, begin + 2));
  timeline.add(computation(number, 1, begin + 2, begin + 3));
  timeline.add(engine::RequestRecord{.request = number,
                                     .ending = engine::Ending::completed,
                                     .arrival = Seconds(begin),
                                     .completion = Seconds(begin + 3)});
}

json written(Timeline& timeline, Seconds duration) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "timeline.json";
  timeline.write(path, duration);
  return json::parse(read_file(path));
}

/// Returns the number of spans of each request.
std::map<std::int64_t, int> spans_of_requests(const json& trace) {
  std::map<std::int64_t, int> counts;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "X") {
      ++counts[event.at("args").at("request")];
    }
  }
  return counts;
}

}  // namespace

TEST_CASE("timeline: a request with its spans on their tracks, and its arrow") {
  const engine::Simulation simulation = two_tiers();
  Timeline timeline(simulation, {.scenario = "s", .plan = "exact"});
  add_request(timeline, 0, 0.5);
  const json trace = written(timeline, Seconds(4));
  std::map<int, std::string> processes, threads;
  std::string text;
  for (const json& event : trace.at("traceEvents")) {
    const std::string kind = event.at("ph");
    if (kind == "M" && event.at("name") == "process_name") {
      processes[event.at("pid")] = event.at("args").at("name");
    } else if (kind == "M" && event.at("name") == "thread_name") {
      threads[event.at("tid")] = event.at("args").at("name");
    } else if (kind != "M") {
      text += kind + " " + processes.at(event.at("pid")) + "/" + threads.at(event.at("tid")) +
              " " + event.at("ts").dump() + " " + event.at("name").get<std::string>() + "\n";
    }
  }
  CHECK(text ==
        "X requests of phone/phone 0 500000 #0\n"
        "s requests of phone/phone 0 500000 request\n"
        "X phone/phone 0 500000 #0 conv to fc\n"
        "t phone/phone 0 500000 request\n"
        "X links phone-cloud/phone 0 up 1500000 #0 up\n"
        "t links phone-cloud/phone 0 up 1500000 request\n"
        "X cloud/cloud 2500000 #0 conv to fc\n"
        "f cloud/cloud 2500000 request\n");
  CHECK(trace.at("otherData").at("kept") == "all 1 requests");
}

TEST_CASE("timeline: too many records leave every second request, with all of its spans") {
  const engine::Simulation simulation = two_tiers();
  Timeline timeline(simulation, {}, {}, {.records = 100});
  constexpr std::int64_t kRequests = 1000;
  for (std::int64_t i = 0; i < kRequests; ++i) {
    add_request(timeline, i, static_cast<double>(i));
  }
  const json trace = written(timeline, Seconds(kRequests + 3));
  const auto counts = spans_of_requests(trace);
  const std::int64_t step = trace.at("otherData").at("requests_step");
  CHECK(step == 64);  // 1000 / 32 requests would be 128 records.
  CHECK(counts.size() == (kRequests + step - 1) / step);
  for (const auto& [request, count] : counts) {
    CHECK(request % step == 0);
    CHECK(count == 4);
  }
  CHECK(trace.at("otherData").at("kept") == "every 64th of 1000 requests");
}

TEST_CASE("timeline: a file that is too large has a smaller sample") {
  const engine::Simulation simulation = two_tiers();
  const auto size = [&](std::int64_t most) {
    const TemporaryFolder folder;
    const std::string path = folder.path() / "timeline.json";
    Timeline timeline(simulation, {}, {}, {.bytes = most});
    for (std::int64_t i = 0; i < 500; ++i) {
      add_request(timeline, i, static_cast<double>(i));
      timeline.add(engine::RunEvent{.kind = engine::RunEvent::Kind::machine_down,
                                    .time = Seconds(static_cast<double>(i)),
                                    .where = 1});
    }
    timeline.write(path, Seconds(503));
    const std::string text = read_file(path);
    CHECK(json::accept(text));
    return static_cast<std::int64_t>(text.size());
  };
  const std::int64_t all = size(48'000'000);
  CHECK(all > 400'000);
  for (const std::int64_t most : {300'000, 100'000, 20'000}) {
    CHECK(size(most) <= most);
    CHECK(size(most) > most / 5);
  }
}

TEST_CASE("timeline: what ends after the run is cut off there") {
  const engine::Simulation simulation = two_tiers();
  Timeline timeline(simulation, {});
  timeline.add(message(0, 1, 1.5, 3));
  timeline.add(engine::RequestRecord{.request = 0, .arrival = Seconds(1)});
  const json trace = written(timeline, Seconds(2));
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "X") {
      CHECK(event.at("ts").get<double>() + event.at("dur").get<double>() == 2'000'000);
      CHECK(event.at("args").at("outcome") ==
            (event.at("cat") == "request" ? "in flight" : "unfinished"));
    }
  }
}

TEST_CASE("timeline: requests of a batch are below each other, and a core has a lane") {
  engine::Simulation simulation = two_tiers();
  simulation.tiers[1].cores = 2;
  Timeline timeline(simulation, {});
  std::int64_t request = 0;
  for (int core = 0; core < 2; ++core) {
    for (std::size_t position = 0; position < 3; ++position) {
      engine::Span span = computation(request++, 1, 1, 2);
      span.batch = 3;
      span.position = position;
      timeline.add(span);
    }
  }
  const json trace = written(timeline, Seconds(2));
  std::map<int, std::set<int>> requests_of_threads;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "X") {
      requests_of_threads[event.at("tid")].insert(event.at("args").at("request").get<int>());
    }
  }
  std::set<std::set<int>> groups;
  for (const auto& [thread, requests] : requests_of_threads) {
    groups.insert(requests);
  }
  CHECK(groups == std::set<std::set<int>>{{0, 1, 2}, {3, 4, 5}});
}

TEST_CASE("timeline: counters have a bounded number of values") {
  const engine::Simulation simulation = two_tiers();
  Timeline timeline(simulation, {}, {}, {.samples = 100, .moments = 10});
  for (int i = 1; i <= 1000; ++i) {
    const Seconds time(i);
    timeline.add(engine::SampleRow{.time = time, .present = i});
    timeline.add(engine::SampleRow{
        .part = engine::SampleRow::Part::tier, .number = 1, .time = time, .waiting = i, .busy = 1});
    timeline.add(
        engine::SampleRow{.part = engine::SampleRow::Part::hop, .number = 0, .time = time});
  }
  const json trace = written(timeline, Seconds(1000));
  std::map<std::string, int> counts;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "C") {
      const std::string name = event.at("name");
      ++counts[name];
      const double value = event.at("args").at("value");
      const double time = event.at("ts").get<double>() / 1e6;
      CHECK(value == (name == "waiting" || name == "requests in flight" ? time
                      : name == "busy cores"                            ? 1
                      : name == "Mbit/s up"                             ? 8
                      : name == "Mbit/s down"                           ? 16
                                                                        : 0));
    }
  }
  CHECK(counts.size() == 6);
  for (const auto& [name, count] : counts) {
    CHECK(count >= 5);
    CHECK(count <= 11);
  }
}

}  // namespace offcut::analysis::timeline_test
