// Sizes of scenarios whose answer queueing theory knows: M/M/c by its mean and the quantiles of its
// sojourn, and M/D/1 by its mean. Bounds lie between the theory's figures of the answer and of the
// value before it, so that no answer is borderline.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "analysis/theory/queueing.h"
#include "sim/study/answers/value_runs.h"
#include "sim/study/sweep/sweep_file.h"
#include "tests/temporary_folder.h"

namespace offcut::study::size_theory_test {
namespace {

using Slow = doctest::test_suite;

const std::string kTable =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
    "image,,1000,0,0,0,0\n"
    "dense,image,1,0,1000,1,0.01\n";

constexpr double kRate = 350;      // Requests per second, for servers of 100 per second.
constexpr double kService = 0.01;  // Seconds.
constexpr double kPackets = 100;   // Messages per second of M/D/1.

/// A station of servers with exponential service, after a link that takes no time; and a link by
/// itself, before servers that take no time.
std::string scenario_of(double rate, const std::string& up, const std::string& service) {
  return fmt::format(
      "offcut: 1\n"
      "stop: {{requests: 20000}}\n"
      "model: {{layers: net.csv}}\n"
      "tiers:\n"
      "  device: {{is: \"column:phone\"}}\n"
      "  cloud: {{is: \"column:server\", noise: {{kind: exponential}}{}}}\n"
      "network:\n"
      "  device-cloud: {{up: {}, down: 100 Gbit/s, latency: 0 ms}}\n"
      "plan: {{algorithm: cloud-only, compare: none}}\n"
      "workload: {{arrivals: poisson, rate: {} /s}}\n",
      service, up, rate);
}

/// Returns the value that the search finds.
std::string size_of(const std::string& scenario, const std::string& vary,
                    const std::string& until) {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  const std::string path = folder.write("station.yaml", scenario);
  Sweep sweep = sweep_of(path, {.vary = {vary}, .replications = 10});
  const scenario::Registries registries;
  SweepWork work(sweep, {}, registries, {"test", ""}, Seconds(1));
  RunMemory memory(work, 2);
  std::vector<Diagnostic> diagnostics;
  SizeQuestion question{.values = sweep.point_count()};
  std::vector<std::string> figures = {"latency_mean_s", "latency_p95_s", "latency_p99_s"};
  question.conditions = read_conditions(until, figures, {}, diagnostics);
  REQUIRE(diagnostics.empty());
  figures = {question.conditions.at(0).figure};
  const SizeAnswer answer = find_size(question, values_of_sweep(memory, figures));
  CHECK(answer.reason_for_all.empty());
  return answer.value ? sweep.values_at(*answer.value).front() : "none";
}

/// The probability that the sojourn in M/M/c takes longer: it is a wait, exponential with the rate
/// of the spare capacity if there is one, and a service.
double mmc_tail(std::size_t servers, double t) {
  const double mu = 1 / kService, spare = static_cast<double>(servers) * mu - kRate;
  const double waits = analysis::erlang_c(servers, kRate * kService / static_cast<double>(servers));
  return (1 - waits) * std::exp(-mu * t) +
         waits * (spare * std::exp(-mu * t) - mu * std::exp(-spare * t)) / (spare - mu);
}

double mmc_quantile(std::size_t servers, double share) {
  double low = 0, high = 10;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (mmc_tail(servers, middle) > 1 - share ? low : high) = middle;
  }
  return low;
}

double mmc_mean(std::size_t servers) {
  return kService + analysis::mmc_wait(PerSecond(kRate), Seconds(kService), servers).si();
}

double md1_mean(double megabits) {
  const double service = 1000 * 8 / (megabits * 1e6);
  return service + analysis::md1_wait(PerSecond(kPackets), Seconds(service)).si();
}

TEST_CASE("the servers that M/M/c needs for a mean or a quantile" * Slow("slow")) {
  const std::string station = scenario_of(kRate, "100 Gbit/s", "");
  const std::string vary = "tiers.cloud.count=1..16";
  // 3.5 erlang need 4 servers to be stable.
  const double mean = std::sqrt(mmc_mean(5) * mmc_mean(6));
  CHECK(mmc_mean(5) / mmc_mean(6) > 1.1);
  CHECK(size_of(station, vary, fmt::format("latency_mean_s < {}", mean)) == "6");
  const double p95 = std::sqrt(mmc_quantile(4, 0.95) * mmc_quantile(5, 0.95));
  CHECK(mmc_quantile(4, 0.95) / mmc_quantile(5, 0.95) > 1.3);
  CHECK(size_of(station, vary, fmt::format("latency_p95_s < {}", p95)) == "5");
  const double p99 = std::sqrt(mmc_quantile(4, 0.99) * mmc_quantile(5, 0.99));
  CHECK(mmc_quantile(4, 0.99) / mmc_quantile(5, 0.99) > 1.3);
  CHECK(size_of(station, vary, fmt::format("latency_p99_s < {}", p99)) == "5");
  // No number of servers is faster than the service itself.
  CHECK(size_of(station, vary, fmt::format("latency_mean_s < {}", 0.97 * kService)) == "none");
}

TEST_CASE("the uplink that M/D/1 needs for a mean") {
  const std::string link = scenario_of(kPackets, "1 Mbit/s", ", count: 100");
  // The servers' mean service is added to the theory's sojourn.
  const double mean = kService + std::sqrt(md1_mean(1.25) * md1_mean(1.5));
  CHECK(md1_mean(1.25) / md1_mean(1.5) > 1.3);
  CHECK(size_of(link, "network.device-cloud.up=[0.5, 1, 1.25, 1.5, 1.75, 2, 3] Mbit/s",
                fmt::format("latency_mean_s < {}", mean)) == "1.5 Mbit/s");
}

}  // namespace
}  // namespace offcut::study::size_theory_test
