#include "sim/scenario/sections/scheduling_section.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::scheduling_section_test {
namespace {

const std::string kScenario =
    "offcut: 1\n"
    "stop: {requests: 5}\n"
    "model: {zoo: lenet5}\n"
    "tiers: {device: {is: raspberry-pi-4b, count: 4}, edge: {is: t4, count: 4, sites: 2}}\n"
    "network: {device-edge: {is: wifi}}\n"
    "plan: {algorithm: neurosurgeon}\n"
    "workload: {arrivals: poisson, rate: 1 /s}\n";

Messages wrong(const std::string& scheduling) {
  return messages_of([&] { read_text(kScenario + "scheduling: " + scheduling + "\n"); });
}

}  // namespace

TEST_CASE("scheduling section: by default, requests are served in order, one by one") {
  const Scenario s = read_text(kScenario);
  for (const TierChoice& tier : s.tiers) {
    CHECK(!tier.scheduling.queue);
    CHECK(!tier.scheduling.batching);
    CHECK(!tier.scheduling.dispatch);
    CHECK(!tier.scheduling.admission);
  }
  CHECK(to_yaml(*s.resolved.find("scheduling")->find("edge")) ==
        "queue: fifo\nbatch: none\ndispatch: none\nadmission: all\n");
}

TEST_CASE("scheduling section: a queue by its name, or policies with their parameters") {
  const std::string text = kScenario +
                           "scheduling:\n"
                           "  device: lifo\n"
                           "  edge:\n"
                           "    queue: {policy: edf}\n"
                           "    batch: {policy: timeout, max: 8, preferred: [2, 4], delay: 2 ms}\n"
                           "    dispatch: two-choices\n"
                           "    admission: {policy: bounded-queue, capacity: 10}\n";
  const Scenario s = read_text(text);
  CHECK(s.tiers[0].scheduling.queue.kind->name == "lifo");
  CHECK(!s.tiers[0].scheduling.dispatch);
  const scheduling::Scheduling& edge = s.tiers[1].scheduling;
  CHECK(edge.queue.kind->name == "edf");
  CHECK(edge.batching.kind->name == "timeout");
  CHECK(edge.batching.parameters.at("max") == 8);
  CHECK(edge.batching.parameters.list("preferred") == std::vector<double>{2, 4});
  CHECK(edge.batching.parameters.at("delay") == 0.002);
  CHECK(edge.batching.kind->most(edge.batching.parameters) == 8);
  CHECK(edge.dispatch.kind->name == "two-choices");
  CHECK(edge.dispatch.parameters.at("choices") == 2);
  CHECK(edge.admission.kind->name == "bounded-queue");
  CHECK(edge.admission.parameters.at("capacity") == 10);

  const std::string resolved = to_yaml(s.resolved);
  CHECK(resolved.find("choices: 2") != std::string::npos);
  CHECK(to_yaml(read_text(resolved).resolved) == resolved);
}

TEST_CASE("scheduling section: the words for no policy") {
  const Scenario s =
      read_text(kScenario +
                "scheduling: {edge: {queue: fifo, batch: none, dispatch: none, admission: all}}\n");
  CHECK(!s.tiers[1].scheduling.queue);
  CHECK(!s.tiers[1].scheduling.batching);
  CHECK(!s.tiers[1].scheduling.dispatch);
  CHECK(!s.tiers[1].scheduling.admission);
}

TEST_CASE("scheduling section: names and parameters are checked") {
  CHECK(wrong("{edge: edff}") ==
        Messages{"8:20 scheduling.edge.queue: unknown queue 'edff'; did you mean 'edf'?"});
  CHECK(wrong("{egde: edf}") ==
        Messages{"8:14 unknown key 'scheduling.egde'; did you mean 'edge'?"});
  CHECK(wrong("{edge: {batch: timeout}}") ==
        Messages{"8:28 'scheduling.edge.batch.max' is missing"});
  CHECK(wrong("{edge: {batch: {policy: fixed, size: 2.5}}}") ==
        Messages{"8:50 scheduling.edge.batch.size: expected a whole number, got '2.5'"});
  CHECK(wrong("{edge: {batch: {policy: timeout, max: 8, preferred: [2, x]}}}") ==
        Messages{"8:69 scheduling.edge.batch.preferred: expected a whole number, got 'x'"});
  CHECK(wrong("{edge: {admission: {capacity: 3}}}") ==
        Messages{"8:32 scheduling.edge.admission: expected the admission rule's name, or a map "
                 "that has it as 'policy'"});
  CHECK(wrong("{edge: [edf]}") ==
        Messages{"8:20 scheduling.edge.queue: expected a single value, got a list"});
}

TEST_CASE("scheduling section: a policy that cannot be made is an error where it is chosen") {
  Registries registries;
  registries.dispatch.add(
      {.name = "mine", .make = [](const Parameters&) -> std::unique_ptr<scheduling::Dispatch> {
         throw std::out_of_range("no parameter 'round'");
       }});
  const TemporaryFolder folder;
  const std::string path =
      folder.write("my.yaml", kScenario + "scheduling: {edge: {dispatch: mine}}\n");
  CHECK(messages_of([&] { read_scenario(path, {}, registries); }) ==
        Messages{"8:31 scheduling.edge.dispatch: dispatch rule 'mine' threw an exception: no "
                 "parameter 'round'"});
}

TEST_CASE("scheduling section: a policy knows where it was chosen") {
  const Scenario s = read_text(kScenario + "scheduling: {edge: {dispatch: random}}\n");
  const Place place = s.tiers[1].scheduling.dispatch.chosen_at;
  CHECK(place.line == 8);
  CHECK(place.column == 31);
}

TEST_CASE("scheduling section: policies that contradict each other") {
  CHECK(
      wrong("{device: {dispatch: random}}") ==
      Messages{"8:33 scheduling.device.dispatch: a device computes its own requests: there are no "
               "servers to choose from"});
  // Two servers at each of two sites.
  CHECK(
      wrong("{edge: processor-sharing}") ==
      Messages{"8:20 scheduling.edge.queue: 'processor-sharing' has no queue that several servers "
               "could share: they need a 'dispatch' rule"});
  CHECK(wrong("{edge: {queue: processor-sharing, dispatch: random}}").empty());
  CHECK(wrong("{device: processor-sharing}").empty());
  CHECK(
      wrong("{device: {queue: processor-sharing, batch: {policy: fixed, size: 2}}}") ==
      Messages{"8:56 scheduling.device.batch: under 'processor-sharing' all requests are computed "
               "at once: there is nothing to batch"});
}

}  // namespace offcut::scenario::scheduling_section_test
