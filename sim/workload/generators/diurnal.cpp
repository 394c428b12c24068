// `diurnal` is a Poisson process whose rate rises and falls over the day,
//   rate(t) = rate (1 + amplitude cos(2 pi (t - peak) / period)).
// It is made by thinning (Lewis and Shedler, Naval Research Logistics Quarterly 26, 1979, algorithm
// 1): a request at time t of a Poisson process at the highest rate is kept with the probability
// rate(t) / highest.

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <numbers>

#include "sim/workload/arrivals.h"
#include "sim/workload/stated_rate.h"

namespace offcut::workload {
namespace {

class Diurnal : public Arrivals {
 public:
  Diurnal(double rate, double amplitude, Seconds period, Seconds peak)
      : highest_(rate * (1 + amplitude)), amplitude_(amplitude), period_(period), peak_(peak) {}

  Seconds next(Seconds now, ArrivalSource& source) const override {
    boost::random::uniform_01<double> uniform;
    do {
      now += Seconds(boost::random::exponential_distribution<double>(highest_)(source.stream));
    } while (uniform(source.stream) >= kept(now));
    return now;
  }

 private:
  double kept(Seconds now) const {
    const double angle = 2 * std::numbers::pi * ((now - peak_) / period_);
    return (1 + amplitude_ * std::cos(angle)) / (1 + amplitude_);
  }

  double highest_;
  double amplitude_;
  Seconds period_;
  Seconds peak_;
};

}  // namespace

void register_diurnal(Registry<ArrivalKind>& registry) {
  registry.add(
      {.name = "diurnal",
       .doc = "a Poisson process whose rate rises and falls with the time of day",
       .parameters = {rate_parameter("mean requests per second of each device, over a period"),
                      {.name = "amplitude",
                       .most = 1,
                       .doc = "amplitude of the rate, as a fraction of its mean"},
                      {.name = "period",
                       .dimension = Dimension::time,
                       .fallback = 86'400,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "time from peak to peak"},
                      {.name = "peak",
                       .dimension = Dimension::time,
                       .fallback = 0,
                       .most = 1e9,
                       .doc = "a time at which the rate is highest"}},
       .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
         return std::make_unique<Diurnal>(p.at("rate"), p.at("amplitude"), Seconds(p.at("period")),
                                          Seconds(p.at("peak")));
       },
       .rate = stated_rate});
}

}  // namespace offcut::workload
