#include "analysis/page/page_logs.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/temporary_folder.h"

namespace offcut::analysis::page_logs_test {
TEST_CASE("a few answers are all points of the distribution, unanswered requests are none") {
  const TemporaryFolder folder;
  const auto plans =
      page_latencies(folder.write("a.csv", "request,latency_s\n0,3\n1,\n2,1\n3,2\n4,4\n"), "own");
  REQUIRE(plans.size() == 1);
  CHECK(plans[0]["plan"] == "own");
  CHECK(plans[0]["answers"] == 4);
  CHECK(plans[0]["latency_s"] == nlohmann::ordered_json{1.0, 2.0, 3.0, 4.0});
  CHECK(plans[0]["share"] == nlohmann::ordered_json{0.25, 0.5, 0.75, 1.0});
}

TEST_CASE("many answers become quantiles that are answers, with the fastest and the slowest") {
  const TemporaryFolder folder;
  std::string text = "request,latency_s,algorithm\n";
  constexpr int kAnswers = 20000;
  for (int i = 0; i < kAnswers; ++i) {  // A permutation of 1 to 20000.
    text += std::to_string(i) + ',' + std::to_string(i * 7919 % kAnswers + 1) + ",a\n";
  }
  const auto plans = page_latencies(folder.write("a.csv", text), "");
  REQUIRE(plans.size() == 1);
  const auto latencies = plans[0]["latency_s"].get<std::vector<double>>();
  const auto shares = plans[0]["share"].get<std::vector<double>>();
  CHECK(latencies.size() <= 801);
  CHECK(latencies.size() > 700);
  CHECK(latencies.front() == 1);
  CHECK(latencies.back() == kAnswers);
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    CHECK(shares[i] == doctest::Approx(latencies[i] / kAnswers).epsilon(1e-12));
  }
  CHECK(std::count_if(shares.begin(), shares.end(), [](double s) { return s > 0.99; }) > 150);
}

TEST_CASE("many samples become means of neighbours, with the greatest of those that wait") {
  const TemporaryFolder folder;
  std::string text = "time_s,where,present,waiting,busy_cores\n";
  for (int i = 0; i < 2500; ++i) {
    text += std::to_string(i) + ",edge,," + std::to_string(i % 3) + ",1\n";
    text += std::to_string(i) + ",hop,2,,\n";
  }
  const auto places = page_series(folder.write("a.csv", text));
  REQUIRE(places.size() == 2);
  CHECK(places[0]["where"] == "edge");
  CHECK(places[0]["samples"] == 2500);
  CHECK(places[0]["group"] == 3);
  const auto& columns = places[0]["columns"];
  CHECK_FALSE(columns.contains("present"));
  CHECK(columns["time_s"]["mean"].size() == 834);
  CHECK(columns["time_s"]["mean"][0] == 1.0);
  CHECK(columns["waiting"]["mean"][0] == 1.0);
  CHECK(columns["waiting"]["most"][0] == 2.0);
  CHECK(columns["waiting"]["mean"].back() == 0.0);  // The last sample stands alone.
  CHECK_FALSE(columns["busy_cores"].contains("most"));
  CHECK(places[1]["columns"]["present"]["mean"][7] == 2.0);
}

}  // namespace offcut::analysis::page_logs_test
