// `periodic` gives each device a request every `period`, or `rate` times a second, as a camera
// sends frames. The devices start at independent times, uniform over `spread`; with spread 0 all of
// them send at once. With jitter, each request is late by an independent time, uniform over that
// fraction of a period: it is bounded, so that requests stay in order, and counts from a fixed
// grid, so that delays don't add up.

#include <algorithm>
#include <boost/random/uniform_01.hpp>

#include "sim/workload/arrivals.h"
#include "sim/workload/stated_rate.h"

namespace offcut::workload {
namespace {

class Periodic : public Arrivals {
 public:
  Periodic(Seconds period, double spread, double jitter)
      : period_(period), spread_(spread), jitter_(jitter) {}

  Seconds next(Seconds now, ArrivalSource& source) const override {
    source.value =  // The time on the grid.
        source.count++ == 0 ? part(spread_, source.stream).si() : source.value + period_.si();
    const Seconds late = jitter_ > 0 ? part(jitter_, source.stream) : Seconds(0);
    return std::max(now, Seconds(source.value) + late);
  }

 private:
  Seconds part(double most, RandomStream& stream) const {
    return period_ * (most * boost::random::uniform_01<double>()(stream));
  }

  Seconds period_;
  double spread_;
  double jitter_;
};

ParameterSpec rate_in_place_of_period() {
  ParameterSpec rate = rate_parameter("requests per second of each device: 1 / `period`");
  rate.instead_of = "period";
  return rate;
}

Seconds period_of(const Parameters& parameters) {
  const double rate = parameters.at("rate");
  return Seconds(rate > 0 ? 1 / rate : parameters.at("period"));
}

}  // namespace

void register_periodic(Registry<ArrivalKind>& registry) {
  registry.add(
      {.name = "periodic",
       .doc = "a request every period",
       .parameters =
           {{.name = "period",
             .dimension = Dimension::time,
             .least = 1e-9,
             .most = 1e9,
             .doc = "time from one request of a device to its next; or `rate` in its place"},
            {.name = "spread",
             .fallback = 1,
             .most = 1,
             .doc = "fraction of a period over which the devices' first requests are spread"},
            {.name = "jitter",
             .fallback = 0,
             .most = 1,
             .doc = "largest delay of a request, as a fraction of a period"},
            rate_in_place_of_period()},
       .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
         return std::make_unique<Periodic>(period_of(p), p.at("spread"), p.at("jitter"));
       },
       .rate = [](const Parameters& p) { return PerSecond(1 / period_of(p).si()); }});
}

}  // namespace offcut::workload
