#include "sim/engine/tiers/noise.h"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

namespace offcut::engine {

double draw(const Noise& noise, RandomStream& stream) {
  switch (noise.kind) {
    case Noise::Kind::lognormal: {
      // For mean 1 and this coefficient of variation, sigma^2 = ln(1 + cv^2), mu = -sigma^2 / 2.
      const double variance = std::log1p(noise.cv * noise.cv);
      return boost::random::lognormal_distribution<double>(-variance / 2,
                                                           std::sqrt(variance))(stream);
    }
    case Noise::Kind::exponential:
      return boost::random::exponential_distribution<double>(1)(stream);
    case Noise::Kind::empirical:
      return noise.factors[boost::random::uniform_int_distribution<std::size_t>(
          0, noise.factors.size() - 1)(stream)];
    case Noise::Kind::none:
      break;
  }
  return 1;
}

double deviation(const Noise& noise) {
  switch (noise.kind) {
    case Noise::Kind::none:
      return 0;
    case Noise::Kind::exponential:
      return 1;
    case Noise::Kind::lognormal:
      return noise.cv;
    case Noise::Kind::empirical:
      break;
  }
  double squares = 0;
  for (const double factor : noise.factors) {
    squares += factor * factor / static_cast<double>(noise.factors.size());
  }
  return std::sqrt(std::max(0.0, squares - 1));
}

}  // namespace offcut::engine
