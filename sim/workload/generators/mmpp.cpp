// `mmpp` is a Markov-modulated Poisson process with two phases, calm and burst, each of which lasts
// for an exponential time and has a rate of its own (Fischer and Meier-Hellstern, The
// Markov-modulated Poisson process cookbook, 1993). It starts in each phase with the phase's
// long-run probability. Exponential times are memoryless, so the phase is a source's whole state.
// Phases without a request are passed over in one step, however many they are: their number is
// geometric, and their total time is a sum of exponential times, which is gamma-distributed.

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>

#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

struct Phase {
  double rate;   // Requests per second.
  double stays;  // The mean duration, in seconds.

  /// Returns the rate of events: of requests and of the phase's end.
  double either() const { return rate + 1 / stays; }
  /// Returns the probability that a request comes before the phase ends. The time of the first
  /// event does not depend on which one it is.
  double busy() const { return rate / either(); }
};

double mean_rate(const Phase& calm, const Phase& burst) {
  return (calm.rate * calm.stays + burst.rate * burst.stays) / (calm.stays + burst.stays);
}

class Mmpp : public Arrivals {
 public:
  Mmpp(const Phase& calm, const Phase& burst) : calm_(calm), burst_(burst) {}

  Seconds next(Seconds now, ArrivalSource& source) const override {
    boost::random::uniform_01<double> uniform;
    if (source.count == kUnknown) {
      const double calm = calm_.stays / (calm_.stays + burst_.stays);
      source.count = uniform(source.stream) < calm ? kCalm : kBurst;
    }
    const bool is_calm = source.count == kCalm;
    const Phase& first = is_calm ? calm_ : burst_;
    const Phase& second = is_calm ? burst_ : calm_;
    // The first phase and the one after it are a pair, which is silent if no request comes in it.
    const double busy = first.busy() + second.busy() - first.busy() * second.busy();
    const double silent = std::floor(std::log(1 - uniform(source.stream)) / std::log1p(-busy));
    if (silent > 0) {
      for (const Phase* phase : {&first, &second}) {
        now += Seconds(
            boost::random::gamma_distribution<double>(silent, 1 / phase->either())(source.stream));
      }
    }
    const auto add_event = [&](const Phase& phase) {
      now +=
          Seconds(boost::random::exponential_distribution<double>(phase.either())(source.stream));
    };
    add_event(first);
    if (uniform(source.stream) * busy >= first.busy()) {
      add_event(second);
      source.count = is_calm ? kBurst : kCalm;
    }
    return now;
  }

 private:
  enum State : std::uint64_t { kUnknown, kCalm, kBurst };

  Phase calm_;
  Phase burst_;
};

Phase calm_of(const Parameters& p) { return {p.at("calm-rate"), p.at("calm")}; }
Phase burst_of(const Parameters& p) { return {p.at("burst-rate"), p.at("burst")}; }

}  // namespace

void register_mmpp(Registry<ArrivalKind>& registry) {
  registry.add(
      {.name = "mmpp",
       .doc = "bursts: a Markov-modulated Poisson process of two phases",
       .parameters = {{.name = "calm-rate",
                       .dimension = Dimension::rate,
                       .most = 1e9,
                       .doc = "mean requests per second of each device, between bursts"},
                      {.name = "burst-rate",
                       .dimension = Dimension::rate,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "mean requests per second of each device, in a burst"},
                      {.name = "calm",
                       .dimension = Dimension::time,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "mean time between bursts"},
                      {.name = "burst",
                       .dimension = Dimension::time,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "mean length of a burst"}},
       .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
         return std::make_unique<Mmpp>(calm_of(p), burst_of(p));
       },
       .rate = [](const Parameters& p) { return PerSecond(mean_rate(calm_of(p), burst_of(p))); }});
}

}  // namespace offcut::workload
