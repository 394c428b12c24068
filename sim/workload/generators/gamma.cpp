// `gamma` is a renewal process with gamma distributed gaps of mean 1 / rate and the given
// coefficient of variation: below 1 it is more regular than poisson, above 1 it comes in clusters.
// It is an equilibrium renewal process (Cox, Renewal Theory, 1962), which has run for ever when the
// simulation starts, so that devices don't start in step. The first gap is therefore a uniform part
// of a gap that is drawn in proportion to its length, and that has a gamma distribution whose shape
// is greater by 1.

#include <boost/random/gamma_distribution.hpp>
#include <boost/random/uniform_01.hpp>

#include "sim/workload/arrivals.h"
#include "sim/workload/stated_rate.h"

namespace offcut::workload {
namespace {

class Gamma : public Arrivals {
 public:
  Gamma(double rate, double cv) : shape_(1 / (cv * cv)), scale_(cv * cv / rate) {}

  Seconds next(Seconds now, ArrivalSource& source) const override {
    const bool first = source.count++ == 0;
    const double gap = boost::random::gamma_distribution<double>(first ? shape_ + 1 : shape_,
                                                                 scale_)(source.stream);
    const double part = first ? boost::random::uniform_01<double>()(source.stream) : 1;
    return now + Seconds(part * gap);
  }

 private:
  double shape_;
  double scale_;
};

}  // namespace

void register_gamma(Registry<ArrivalKind>& registry) {
  registry.add({.name = "gamma",
                .doc = "independent gaps, gamma distributed",
                .parameters = {rate_parameter(),
                               {.name = "cv",
                                .least = 0.01,
                                .most = 10,
                                .doc = "coefficient of variation of the gaps"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
                  return std::make_unique<Gamma>(p.at("rate"), p.at("cv"));
                },
                .rate = stated_rate});
}

}  // namespace offcut::workload
