// Arrivals whose rate varies, compared with theory. Each mean lies within its 99 % interval
// (batch_means.h); the seeds are fixed.

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <complex>
#include <numbers>

#include "analysis/theory/queueing.h"
#include "queueing_system.h"

namespace offcut::theory_tests::arrivals_test {
namespace {

/// The parameters of the generator.
struct Bursts {
  double calm_rate, burst_rate, calm, burst;
};

struct BurstyQueue {
  double rate;
  double sojourn;
  double no_wait;  // The fraction of requests that find the server idle.
};

/// Solves MMPP(2)/M/1 with services of mean 1, a quasi birth-death process: the probabilities of n
/// requests and either phase are p(n) = p(0) R^n, where R is the least solution of A0 + R A1 + R^2
/// A2 = 0, and p(0) (I - R)^-1 are the phases' (Neuts, Matrix-Geometric Solutions in Stochastic
/// Models, 1981, chapter 6; R by his iteration from 0).
BurstyQueue bursty_queue(const Bursts& bursts) {
  using Eigen::Matrix2d;
  Matrix2d phases;
  phases << -1 / bursts.calm, 1 / bursts.calm, 1 / bursts.burst, -1 / bursts.burst;
  const Eigen::RowVector2d shares =
      Eigen::RowVector2d(bursts.calm, bursts.burst) / (bursts.calm + bursts.burst);
  const Eigen::Vector2d rates(bursts.calm_rate, bursts.burst_rate);
  const Matrix2d up = rates.asDiagonal(), down = Matrix2d::Identity();
  const Matrix2d within = phases - up - down;
  Matrix2d ratio = Matrix2d::Zero();
  for (double change = 1; change > 1e-15;) {
    const Matrix2d next = -(up + ratio * ratio * down) * within.inverse();
    change = (next - ratio).cwiseAbs().maxCoeff();
    ratio = next;
  }
  const Matrix2d rest = Matrix2d::Identity() - ratio;
  const double rate = shares.dot(rates);
  const double there = (shares * ratio * rest.inverse()).sum();
  return {rate, there / rate, (shares * rest).dot(rates) / rate};
}

/// Returns how the number of requests present varies with the rate of arrivals: its means over
/// time, multiplied by cos and by sin of the angle from the peak, per arrival. A request adds the
/// integrals of these over its sojourn.
struct Wave {
  double cosine, sine;
};

constexpr double kPeriod = 10;
constexpr double kPeak = 3;
constexpr double kTurn = 2 * std::numbers::pi / kPeriod;

double angle(Seconds time) { return kTurn * (time.si() - kPeak); }
double cosine_of(const engine::RequestRecord& r) {
  return (std::sin(angle(r.completion)) - std::sin(angle(r.arrival))) / kTurn;
}
double sine_of(const engine::RequestRecord& r) {
  return (std::cos(angle(r.arrival)) - std::cos(angle(r.completion))) / kTurn;
}

/// Eick, Massey and Whitt, "M_t/G/infinity Queues with Sinusoidal Arrival Rates", Management
/// Science 39(2), 1993: with arrivals at rate (1 + amplitude cos(angle)) there are rate * service *
/// (1 + amplitude Re(e^(i angle) f)) requests, where f is the Fourier transform of the services'
/// stationary excess at the frequency of the rate.
Wave wave(double amplitude, double service, std::complex<double> excess) {
  return {service * amplitude / 2 * excess.real(), -service * amplitude / 2 * excess.imag()};
}

}  // namespace

TEST_CASE("bursts: MMPP(2)/M/1, by its matrix-geometric solution") {
  const BurstyQueue even = bursty_queue({0.7, 0.7, 20, 5});  // The oracle itself, on M/M/1.
  CHECK(even.sojourn == doctest::Approx(1 / 0.3));
  CHECK(even.no_wait == doctest::Approx(0.3));
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  const std::vector<Bursts> all = {{0.3, 2, 20, 5}, {0, 1.5, 10, 8}, {0.9, 0.1, 3, 2}};
  for (const Bursts& bursts : all) {
    QueueingSystem& station = *stations.emplace_back(std::make_unique<QueueingSystem>(
        engine::Tier{.noise = {engine::Noise::Kind::exponential}}, 800'000));
    station.add(engine::make_arrivals("mmpp", {{"calm-rate", bursts.calm_rate},
                                               {"burst-rate", bursts.burst_rate},
                                               {"calm", bursts.calm},
                                               {"burst", bursts.burst}}),
                {Seconds(1)});
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const BurstyQueue theory = bursty_queue(all[i]);
    CHECK_THEORY(batch_means(each(runs[i], sojourn_of)), theory.sojourn, 0.06);
    CHECK_THEORY(
        batch_means(
            each(runs[i], [](const engine::RequestRecord& r) { return wait_of(r) > 0 ? 0.0 : 1; })),
        theory.no_wait, 0.05);
    // The bursts matter: with Poisson arrivals at the mean rate, the sojourn differs.
    CHECK(std::abs(theory.sojourn - 1 / (1 - theory.rate)) > 0.2);
  }
}

TEST_CASE("diurnal: the number of requests under a wave of arrivals, M_t/G/infinity") {
  constexpr double kAmplitude = 0.8, kRate = 30, kService = 1.5;
  constexpr std::complex<double> kI(0, 1);
  const engine::Noise exponential{engine::Noise::Kind::exponential};
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const engine::Noise& noise : {exponential, engine::Noise{}}) {
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(engine::Tier{.servers = 400, .noise = noise}, 900'000));
    station.add(
        engine::make_arrivals(
            "diurnal",
            {{"rate", kRate}, {"amplitude", kAmplitude}, {"period", kPeriod}, {"peak", kPeak}}),
        {Seconds(kService)});
    simulations.push_back(station.simulation);
  }
  const std::complex<double> turned = kI * (kTurn * kService);
  const std::vector<Wave> theory = {
      wave(kAmplitude, kService, 1.0 / (1.0 + turned)),                 // Exponential.
      wave(kAmplitude, kService, (1.0 - std::exp(-turned)) / turned)};  // Uniform.
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK(runs[i].run.tiers[1].waited == Seconds(0));
    CHECK_THEORY(batch_means(each(runs[i], cosine_of)), theory[i].cosine, 0.03);
    CHECK_THEORY(batch_means(each(runs[i], sine_of)), theory[i].sine, 0.03);
    // At any time of the day the number is Poisson: twice a period, its variance over its mean.
    std::vector<double> there;
    const double end = runs[i].requests.back().arrival.si();
    there.resize(static_cast<std::size_t>(end / (kPeriod / 2)));
    for (const engine::RequestRecord& r : runs[i].requests) {
      for (auto k = static_cast<std::size_t>(std::ceil(r.arrival.si() / (kPeriod / 2)));
           k < there.size() && static_cast<double>(k) * (kPeriod / 2) < r.completion.si(); ++k) {
        ++there[k];
      }
    }
    for (std::size_t k = 0; k < there.size(); ++k) {
      const double from_peak = angle(Seconds(static_cast<double>(k) * (kPeriod / 2)));
      const double mean = kRate * kService + 2 * kRate *
                                                 (theory[i].cosine * std::cos(from_peak) +
                                                  theory[i].sine * std::sin(from_peak));
      there[k] = (there[k] - mean) * (there[k] - mean) / mean;
    }
    CHECK_THEORY(batch_means(there), 1, 0.15);
  }
}

}  // namespace offcut::theory_tests::arrivals_test
