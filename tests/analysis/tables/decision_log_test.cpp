#include "analysis/tables/decision_log.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"

namespace offcut::analysis::decision_log_test {

TEST_CASE("decision log: the chosen server and its alternatives") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "decisions.csv";
  const engine::Simulation simulation{.tiers = {{.name = "device"}, {.name = "edge"}},
                                      .classes = {{.name = "urgent"}, {.name = "other"}}};
  DecisionLog log(path, simulation);
  const std::vector<scheduling::ServerState> site = {
      {.waiting = 3, .running = 1}, {.is_up = false, .waiting = 2}, {.waiting = 0, .running = 2}};
  // This is the second site of three servers.
  log.add({.time = Seconds(0.5),
           .request = 7,
           .request_class = 1,
           .tier = 1,
           .servers = site,
           .first = 3,
           .chosen = 2,
           .admitted = true});
  log.add({.time = Seconds(1),
           .request = 8,
           .request_class = 0,
           .tier = 0,
           .servers = std::span(site).first(1),
           .admitted = false});
  log.close();
  CHECK(read_file(path) ==
        "time_s,request,class,tier,server,admitted,alternatives\n"
        "0.5,7,other,edge,5,1,3:3/1 4:down 5:0/2\n"
        "1,8,urgent,device,0,0,0:3/1\n");
}

}  // namespace offcut::analysis::decision_log_test
