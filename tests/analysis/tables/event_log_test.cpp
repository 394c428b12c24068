#include "analysis/tables/event_log.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "../../temporary_folder.h"

namespace offcut::analysis::event_log_test {
namespace {

engine::Simulation two_tiers() {
  return {.tiers = {{.name = "device"}, {.name = "cloud"}},
          .hops = {{.name = "device-cloud"}},
          .classes = {{.name = "urgent"}, {.name = "slow, large"}}};
}

}  // namespace

TEST_CASE("event log: a row for each event, with the names of its tier, hop and class") {
  using Kind = engine::RunEvent::Kind;
  const TemporaryFolder folder;
  const std::string path = folder.path() / "events.csv";
  const engine::Simulation simulation = two_tiers();
  EventLog log(path, simulation);
  log.add({Kind::machine_down, Seconds(0.1), 1, 3, 0});
  log.add({Kind::machine_up, Seconds(0.25), 0, 4, 0});
  log.add({Kind::link_down, Seconds(1), 0, 5, 0});
  log.add({Kind::link_up, Seconds(2), 0, 5, 0});
  log.add({Kind::model_evicted, Seconds(3), 1, 0, 0});
  log.add({Kind::model_loading, Seconds(3), 1, 0, 1});
  log.close();
  CHECK(read_file(path) ==
        "time_s,event,where,which,class\n"
        "0.1,machine down,cloud,3,\n"
        "0.25,machine up,device,4,\n"
        "1,link down,device-cloud,5,\n"
        "2,link up,device-cloud,5,\n"
        "3,model evicted,cloud,0,urgent\n"
        "3,model loading,cloud,0,\"slow, large\"\n");
}

TEST_CASE("event log: no file without events, and none without a path") {
  const TemporaryFolder folder;
  const engine::Simulation simulation = two_tiers();
  EventLog quiet(folder.path() / "events.csv", simulation);
  quiet.close();
  EventLog unwanted("", simulation);
  unwanted.add({engine::RunEvent::Kind::link_up, Seconds(2), 0, 5, 0});
  unwanted.close();
  CHECK(std::filesystem::is_empty(folder.path()));
}

}  // namespace offcut::analysis::event_log_test
