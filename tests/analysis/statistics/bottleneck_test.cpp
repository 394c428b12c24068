#include "analysis/statistics/bottleneck.h"

#include <doctest/doctest.h>

namespace offcut::analysis::bottleneck_test {
namespace {

using engine::Verdict;

engine::TierUsage tier(const char* name, Verdict verdict, double offered) {
  return {.name = name, .offered = Seconds(offered), .capacity = Seconds(10), .verdict = verdict};
}

engine::LinkLoad links(Verdict verdict, double offered) {
  return {.offered = Bytes(offered), .capacity = Bytes(10), .verdict = verdict};
}

}  // namespace

TEST_CASE("bottleneck: none in a stable run, whatever its loads are") {
  engine::RunRecord record;
  CHECK(verdict(record) == Verdict::stable);
  record.tiers = {tier("device", Verdict::stable, 20), tier("edge", Verdict::stable, 5)};
  record.hops = {{.name = "device-edge", .up_load = links(Verdict::stable, 30)}};
  CHECK(verdict(record) == Verdict::stable);
  CHECK(!bottleneck(record));
  CHECK(saturated_resources(record).empty());
}

TEST_CASE("bottleneck: the highest load of those that are not stable") {
  engine::RunRecord record;
  record.tiers = {tier("device", Verdict::stable, 90), tier("edge", Verdict::backlogged, 9),
                  tier("cloud", Verdict::backlogged, 2.6)};
  record.hops = {{.name = "device-edge"},
                 {.name = "edge-cloud",
                  .up_load = links(Verdict::overloaded, 74),
                  .down_load = links(Verdict::overloaded, 11)}};
  CHECK(verdict(record) == Verdict::overloaded);
  const auto saturated = saturated_resources(record);
  REQUIRE(saturated.size() == 4);
  CHECK(saturated[0].name == "edge-cloud up");
  CHECK(saturated[0].load == doctest::Approx(7.4));
  CHECK(saturated[1].name == "edge-cloud down");
  CHECK(saturated[2].name == "edge");
  CHECK(saturated[3].name == "cloud");
  CHECK(bottleneck(record)->name == "edge-cloud up");
}

TEST_CASE("bottleneck: uplinks have a name of their own") {
  engine::RunRecord record;
  record.tiers = {tier("device", Verdict::stable, 1), tier("edge", Verdict::stable, 1)};
  record.hops = {{.name = "device-edge",
                  .site_links = 3,
                  .up_load = links(Verdict::stable, 40),
                  .site_up_load = links(Verdict::backlogged, 8),
                  .site_down_load = links(Verdict::backlogged, 9)}};
  CHECK(bottleneck(record)->name == "device-edge site down");
  CHECK(bottleneck(record)->parts == 3);
  CHECK(verdict(record) == Verdict::backlogged);
}

TEST_CASE("bottleneck: one of many links or queues has the load of that one") {
  engine::RunRecord record;
  record.tiers = {tier("device", Verdict::overloaded, 4)};
  record.tiers[0].worst = 1.5;
  record.tiers[0].saturated = 1;
  record.tiers[0].queues = 10;
  CHECK(bottleneck(record)->load == 1.5);
  record.tiers[0].offered = Seconds(12);  // All of them together have too much, too.
  CHECK(bottleneck(record)->load == doctest::Approx(1.2));
}

TEST_CASE("bottleneck: the loading of models counts") {
  engine::RunRecord record;
  record.tiers = {tier("edge", Verdict::overloaded, 8)};
  record.tiers[0].loading = Seconds(5);
  CHECK(bottleneck(record)->load == doctest::Approx(1.3));
}

TEST_CASE("bottleneck: the offered load of links") {
  CHECK(links(Verdict::stable, 5).offered_load() == 0.5);
  CHECK(engine::LinkLoad{.offered = Bytes(5)}.offered_load() == 0);  // All messages come at once.
}

}  // namespace offcut::analysis::bottleneck_test
