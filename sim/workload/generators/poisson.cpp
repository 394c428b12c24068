// `poisson` gives each device exponential gaps of mean 1 / rate. The first gap is one of them, so
// the process is stationary from the start.

#include <boost/random/exponential_distribution.hpp>

#include "sim/workload/arrivals.h"
#include "sim/workload/stated_rate.h"

namespace offcut::workload {
namespace {

class Poisson : public Arrivals {
 public:
  explicit Poisson(double rate) : rate_(rate) {}
  Seconds next(Seconds now, ArrivalSource& source) const override {
    return now + Seconds(boost::random::exponential_distribution<double>(rate_)(source.stream));
  }

 private:
  double rate_;
};

}  // namespace

void register_poisson(Registry<ArrivalKind>& registry) {
  registry.add({.name = "poisson",
                .doc = "independent requests at a mean rate",
                .parameters = {rate_parameter()},
                .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
                  return std::make_unique<Poisson>(p.at("rate"));
                },
                .rate = stated_rate});
}

}  // namespace offcut::workload
