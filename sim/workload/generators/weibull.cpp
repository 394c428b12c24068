// `weibull` is a renewal process with Weibull distributed gaps of mean 1 / rate and the given
// shape: above 1 it is more regular than poisson, below 1 it comes in clusters. Like gamma, it is
// an equilibrium renewal process (Cox, Renewal Theory, 1962): the first gap is a uniform part of a
// gap X that is drawn in proportion to its length. (X / scale)^shape then has the density y^(1 /
// shape) e^-y up to a factor, so it is gamma distributed.

#include <boost/random/gamma_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/weibull_distribution.hpp>
#include <cmath>

#include "sim/workload/arrivals.h"
#include "sim/workload/stated_rate.h"

namespace offcut::workload {
namespace {

class Weibull : public Arrivals {
 public:
  Weibull(double rate, double shape)
      : shape_(shape), scale_(1 / (rate * std::tgamma(1 + 1 / shape))) {}

  Seconds next(Seconds now, ArrivalSource& source) const override {
    const bool first = source.count++ == 0;
    return now + Seconds(first ? rest_of_gap(source.stream)
                               : boost::random::weibull_distribution<double>(
                                     shape_, scale_)(source.stream));
  }

 private:
  double rest_of_gap(RandomStream& stream) const {
    const double power = boost::random::gamma_distribution<double>(1 + 1 / shape_)(stream);
    return boost::random::uniform_01<double>()(stream) * scale_ * std::pow(power, 1 / shape_);
  }

  double shape_;
  double scale_;
};

}  // namespace

void register_weibull(Registry<ArrivalKind>& registry) {
  registry.add({.name = "weibull",
                .doc = "independent gaps, Weibull distributed",
                .parameters = {rate_parameter(),
                               {.name = "shape",
                                .least = 0.1,
                                .most = 100,
                                .doc = "shape of the distribution; with 1, gaps are exponential"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
                  return std::make_unique<Weibull>(p.at("rate"), p.at("shape"));
                },
                .rate = stated_rate});
}

}  // namespace offcut::workload
