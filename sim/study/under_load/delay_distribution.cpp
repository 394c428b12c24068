// The distribution of delays whose wait has a known mean and variance.

#include "sim/study/under_load/delay_distribution.h"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace offcut::study {

double DelayDistribution::below(double delay) const {
  const double wait = delay - idle_;
  if (wait < 0) {
    return 0;
  }
  if (!(wait_ > 0) || !(variance_ > 0)) {
    return wait >= wait_ ? 1 : 0;
  }
  return boost::math::gamma_p(wait_ * wait_ / variance_, wait * wait_ / variance_);
}

double DelayDistribution::far() const {
  constexpr double kDeviations = 60;
  return mean() + kDeviations * std::sqrt(variance_);
}

}  // namespace offcut::study
