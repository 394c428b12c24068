#include "analysis/tables/tier_table.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"

namespace offcut::analysis::tier_table_test {

TEST_CASE("tier table: means are empty if nothing was served") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "tiers.csv";
  RunSummary run;
  run.algorithm = "exact";
  run.record.duration = Seconds(4);
  run.record.tiers = {{.name = "edge", .servers = 2},
                      {.name = "cloud",
                       .servers = 1,
                       .busy = Seconds(2),
                       .served = 4,
                       .waited = Seconds(1),
                       .batches = 2,
                       .offered = Seconds(3),
                       .capacity = Seconds(6),
                       .verdict = engine::Verdict::backlogged}};
  TableWriter<TierRow> file(path, tier_table().columns);
  for (const engine::TierUsage& tier : run.record.tiers) {
    file.add({run, tier});
  }
  file.close();
  CHECK(
      read_file(path) ==
      "algorithm,tier,servers,requests_served,busy_s,utilisation,wait_mean_s,batches,"
      "batch_size_mean,rejected,lost,loads,loading_s,offered_s,offered_load,blocked_s,"
      "most_waiting,jobs_mean,verdict,in_flight,queues,offered_load_worst,queues_overloaded,"
      "energy_j,money,machines_mean,machines_most,machine_starts,machine_hours,cold_starts,"
      "cold_start_s\n"
      "exact,edge,2,0,0,0,,0,,0,0,0,0,0,0,0,0,0,stable,0,1,0,0,,,1,1,0,0.0011111111111111111,0,0\n"
      "exact,cloud,1,4,2,0.5,0.25,2,2,0,0,0,0,3,0.5,0,0,0,backlogged,0,1,0,0,,,1,1,0,"
      "0.0011111111111111111,0,0\n");
}

TEST_CASE("tier table: machines that come and go count for the time for which they existed") {
  // Up to 4 machines of 2 cores. Over 10 s, one existed throughout and two from 4 to 7: 16 s of
  // machines, 32 s of cores, of which 8 were busy.
  const TemporaryFolder folder;
  const std::string path = folder.path() / "tiers.csv";
  RunSummary run;
  run.record.duration = Seconds(10);
  const engine::TierUsage tier{.name = "edge",
                               .servers = 8,
                               .busy = Seconds(8),
                               .machines = 4,
                               .is_scaled = true,
                               .existing = Seconds(32),
                               .most_cores = 6,
                               .starts = 2,
                               .cold_starts = 5,
                               .warming = Seconds(1.5)};
  CHECK(utilisation(tier, run.record.duration) == 0.25);
  CHECK(machine_time(tier, run.record.duration) == Seconds(16));
  TableWriter<TierRow> file(path, tier_table().columns);
  file.add({run, tier, 0});
  file.close();
  const std::string text = read_file(path);
  CHECK(text.ends_with(",1.6,3,2,0.0044444444444444444,5,1.5\n"));
}

}  // namespace offcut::analysis::tier_table_test
