// periodic: a request every `period` on each device, as a camera sends frames. Each device starts
// at a moment of its own, uniform over `spread`; with spread 0 all devices send at once.

#include <boost/random/uniform_01.hpp>

#include "sim/workload/arrivals.h"

namespace offcut {
namespace {

class Periodic : public Arrivals {
 public:
  Periodic(Seconds period, double spread) : period_(period), spread_(spread) {}
  Seconds first(RandomStream& stream) const override {
    return period_ * (spread_ * boost::random::uniform_01<double>()(stream));
  }
  Seconds gap(RandomStream&) const override { return period_; }

 private:
  Seconds period_;
  double spread_;
};

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
             .doc = "from one request of a device to its next"},
            {.name = "spread",
             .fallback = 1,
             .most = 1,
             .doc = "the part of a period over which the devices' first requests are spread"}},
       .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
         return std::make_unique<Periodic>(Seconds(p.at("period")), p.at("spread"));
       },
       .rate = [](const Parameters& p) { return PerSecond(1 / p.at("period")); }});
}

}  // namespace offcut
