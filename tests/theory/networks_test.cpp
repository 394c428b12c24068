// Three tiers in a row compared with Jackson's theorem, closed loops with mean value analysis, and
// renewal arrivals with GI/M/1. Each mean lies within its 99 % interval (batch_means.h); the seeds
// are fixed.

#include <doctest/doctest.h>

#include <cmath>

#include "analysis/theory/queueing.h"
#include "queueing_system.h"

namespace offcut::theory_tests::networks_test {
namespace {

const engine::Noise kExponential{engine::Noise::Kind::exponential};

double device_wait_of(const engine::RequestRecord& request) { return request.device_wait.si(); }

}  // namespace

TEST_CASE("tandem: a device, two edge servers and a cloud server, a Jackson network") {
  const auto arrivals = engine::make_arrivals("poisson", {{"rate", 0.7}});
  engine::OneClass three{
      .seed = 1,
      .tiers = {{.name = "device", .used = true, .service = Seconds(1), .noise = kExponential},
                {.name = "edge",
                 .servers = 2,
                 .used = true,
                 .service = Seconds(2),
                 .noise = kExponential},
                {.name = "cloud", .used = true, .service = Seconds(0.8), .noise = kExponential}},
      .hops = {{.name = "device-edge",
                .hop = {BytesPerSecond(1), BytesPerSecond(1), Seconds(0.5)},
                .goes_up = true},
               {.name = "edge-cloud",
                .hop = {BytesPerSecond(1), BytesPerSecond(1), Seconds(0.25)},
                .goes_up = true}},
      .arrivals = arrivals.get(),
      .stop = {.requests = 1'000'000}};
  const engine::Recorded recorded = engine::record(three);
  const PerSecond rate(0.7);
  const double sojourn =
      analysis::tandem_sojourn(rate, {{Seconds(1)}, {Seconds(2), 2}, {Seconds(0.8)}}).si();
  CHECK_THEORY(batch_means(each(recorded, sojourn_of)), sojourn + 0.75, 0.03);
  CHECK_THEORY(batch_means(each(recorded, device_wait_of)),
               analysis::mm1_wait(rate, Seconds(1)).si(), 0.04);
  CHECK_THEORY(
      batch_means(each(recorded, wait_of)),
      (analysis::mmc_wait(rate, Seconds(2), 2) + analysis::mm1_wait(rate, Seconds(0.8))).si(),
      0.04);
}

TEST_CASE("closed loop: twelve devices with think times, first come first served and shared") {
  const engine::Noise varied{engine::Noise::Kind::lognormal, 2};
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const char* queue : {"fifo", "processor-sharing"}) {
    const bool shares = scheduling::queues().find(queue)->shares;
    QueueingSystem& station = *stations.emplace_back(std::make_unique<QueueingSystem>(
        engine::Tier{.noise = shares ? varied : kExponential,
                     .scheduling = {.queue = choose(scheduling::queues(), queue)}},
        300'000));
    station.add(engine::make_arrivals("closed-loop", {{"think", 10}}), {Seconds(1)}).closed_loop =
        true;
    station.simulation.tiers[0].servers = 12;
    simulations.push_back(station.simulation);
  }
  const double theory = analysis::closed_sojourn(12, Seconds(10), Seconds(1)).si();
  for (const engine::Recorded& recorded : engine::record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, sojourn_of)), theory, 0.03);
  }
}

TEST_CASE("renewal arrivals: gamma and Weibull gaps, GI/M/1") {
  constexpr double kLoad = 0.8;
  struct Gaps {
    const char* kind;
    const char* parameter;
    double value;
    double (*transform)(PerSecond, double, PerSecond);
  };
  const std::vector<Gaps> all = {{"gamma", "cv", 0.5, analysis::gamma_transform},
                                 {"gamma", "cv", 2, analysis::gamma_transform},
                                 {"weibull", "shape", 2, analysis::weibull_transform},
                                 {"weibull", "shape", 0.7, analysis::weibull_transform}};
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const Gaps& gaps : all) {
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(engine::Tier{.noise = kExponential}, 600'000));
    station.add(engine::make_arrivals(gaps.kind, {{"rate", kLoad}, {gaps.parameter, gaps.value}}),
                {Seconds(1)});
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(std::string(all[i].kind) << ", " << std::string(all[i].parameter) << " " << all[i].value);
    const auto transform = [&](PerSecond s) {
      return all[i].transform(PerSecond(kLoad), all[i].value, s);
    };
    CHECK_THEORY(batch_means(each(runs[i], wait_of)),
                 analysis::gim1_wait(PerSecond(kLoad), Seconds(1), transform).si(), 0.1);
  }
}

}  // namespace offcut::theory_tests::networks_test
