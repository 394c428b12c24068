// `mmpp` is a Markov-modulated Poisson process with two phases, calm and burst, each of which lasts
// for an exponential time and has a rate of its own (Fischer and Meier-Hellstern, The
// Markov-modulated Poisson process cookbook, 1993). It starts in each phase with the phase's
// long-run probability. The next event, a request or the end of the phase, is drawn from the sum of
// both rates: exponential times are memoryless, so the phase is a source's whole state.

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_01.hpp>

#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

struct Phase {
  double rate;   // Requests per second.
  double stays;  // The mean duration, in seconds.
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
    while (true) {
      const Phase& phase = source.count == kCalm ? calm_ : burst_;
      const double either = phase.rate + 1 / phase.stays;
      now += Seconds(boost::random::exponential_distribution<double>(either)(source.stream));
      if (uniform(source.stream) * either < phase.rate) {
        return now;
      }
      source.count = source.count == kCalm ? kBurst : kCalm;
    }
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
  // With these bounds, at most a few million phases lie between two requests.
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
