// The same scenario gives the same bytes: run twice, from its resolved form, beside other
// algorithms, and with progress.

#include <doctest/doctest.h>

#include <filesystem>

#include "analysis/report.h"
#include "sim/study/comparison.h"
#include "tests/paths.h"
#include "tests/sim/study/five_phones.h"
#include "tests/temporary_folder.h"

namespace offcut::five_phones::same_bytes_test {
namespace {

void check_same(const Files& a, const Files& b) {
  REQUIRE(a.size() == b.size());
  for (const auto& [name, content] : a) {
    INFO(name);
    REQUIRE(b.contains(name));
    CHECK(content == b.at(name));
  }
}

}  // namespace

TEST_CASE("run: the same scenario twice gives the same bytes") {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  const std::string path = folder.write("five.yaml", kScenario);
  check_same(run(path), run(path));
}

TEST_CASE("run: another seed gives other results") {
  std::string other = kScenario;
  other.replace(other.find("seed: 3"), 7, "seed: 4");
  CHECK(run_text(kScenario).at("requests.csv") != run_text(other).at("requests.csv"));
}

TEST_CASE("run: resolved.yaml, run again, gives the same bytes, its own included" *
          doctest::test_suite("slow")) {
  // resolved.yaml names the scenario, and the user's files from the folder of results. The folder
  // into which it is copied here is as far from them as that.
  const TemporaryFolder folder;
  const TemporaryFolder elsewhere;
  std::filesystem::create_directory(elsewhere.path() / "moved");
  folder.write("net.csv", kTable);
  std::vector<std::pair<std::string, std::vector<scenario::Override>>> scenarios = {
      {folder.write("five.yaml", kScenario), {}}};
  for (const auto& file : std::filesystem::directory_iterator(source_path("scenarios"))) {
    if (file.path().extension() == ".yaml") {
      scenarios.push_back({file.path().string(), {{"stop", "{requests: 200}"}}});
    }
  }
  REQUIRE(scenarios.size() >= 4);
  scenarios.push_back({source_path("scenarios/traffic-cameras.yaml"),
                       {{"stop", "{requests: 200}"},
                        {"models.detector.plan",
                         "{algorithm: exact, codec: int8, limits: "
                         "{pin-first: 1}, objective: energy}"},
                        {"models.recogniser.plan.algorithm", "greedy"},
                        {"plan", "{compare: [device-only, exact]}"}}});
  for (const auto& [scenario, overrides] : scenarios) {
    INFO(scenario);
    const Files once = run(scenario, overrides);
    const std::string resolved = elsewhere.write("moved/resolved.yaml", once.at("resolved.yaml"));
    check_same(once, run(resolved));
  }
}

TEST_CASE(
    "run: compared plans see the arrivals of the chosen one, and their order changes nothing") {
  // As the chosen plan and as a compared one, device-only gives the same row.
  std::string chosen = kScenario;
  chosen.replace(chosen.find("brute-force"), 11, "device-only");
  const std::vector<Row> compared = rows(run_text(kScenario).at("summary.csv"));
  const std::vector<Row> first = rows(run_text(chosen).at("summary.csv"));
  REQUIRE(compared[1].at("algorithm") == "device-only");
  CHECK(compared[1] == first[0]);
}

TEST_CASE("run: progress reaches the caller") {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  std::string scenario = kScenario;
  scenario.replace(scenario.find("600"), 3, "20000");
  const std::string path = folder.write("five.yaml", scenario);
  const experiment::Experiment experiment = experiment::prepare(
      scenario::read_scenario(path, {{"output.requests", "false"}, {"plan.compare", "none"}},
                              registries()),
      registries());
  OutputDirectory out = analysis::results_directory(folder.path() / "out");
  double last = -1;
  study::run_experiment(experiment, out, [&](double done) {
    CHECK(done >= last);
    CHECK(done <= 1);
    last = done;
  });
  CHECK(last > 0);
}

}  // namespace offcut::five_phones::same_bytes_test
