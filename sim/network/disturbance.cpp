// Jitter and losses of single messages. Of n packets that are lost with the probability p, the
// rounds of retransmission are the maximum of n geometric numbers: at most k with the probability
// (1 - p^(k+1))^n. It is drawn by inversion, so that a message costs one random number.

#include "sim/network/disturbance.h"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

namespace offcut::network {
namespace {

/// Returns the probability that at most `rounds` rounds are needed.
double at_most(double rounds, double packets, double probability) {
  return std::exp(packets * std::log1p(-std::pow(probability, rounds + 1)));
}

}  // namespace

double Loss::packets(Bytes message) const {
  return std::max(std::ceil(message.si() / packet.si()), 1.0);
}

Seconds Loss::mean(Bytes message) const {
  constexpr double kEnough = 1e-12;
  double rounds = 0;
  for (double k = 0; probability > 0; ++k) {
    const double more = 1 - at_most(k, packets(message), probability);
    rounds += more;
    if (more < kEnough) {
      break;
    }
  }
  return time_out * rounds;
}

Seconds draw(const Jitter& jitter, bool upwards, RandomStream& stream) {
  if (jitter.kind == Jitter::Kind::empirical) {
    const std::vector<Seconds>& delays = upwards ? jitter.up : jitter.down;
    return delays[boost::random::uniform_int_distribution<std::size_t>(0, delays.size() - 1)(
        stream)];
  }
  const double mean = jitter.mean.si();
  if (mean <= 0) {
    return Seconds(0);
  }
  const double variance = std::log1p(jitter.cv * jitter.cv);
  const double shape = 1 / (jitter.cv * jitter.cv);
  switch (jitter.kind) {
    case Jitter::Kind::exponential:
      return Seconds(boost::random::exponential_distribution<double>(1 / mean)(stream));
    case Jitter::Kind::lognormal:
      return Seconds(mean * boost::random::lognormal_distribution<double>(
                                -variance / 2, std::sqrt(variance))(stream));
    case Jitter::Kind::gamma:
      return Seconds(boost::random::gamma_distribution<double>(shape, mean / shape)(stream));
    case Jitter::Kind::uniform:
      return Seconds(2 * mean * boost::random::uniform_01<double>()(stream));
    case Jitter::Kind::empirical:
      break;
  }
  return Seconds(0);
}

Seconds draw(const Loss& loss, Bytes message, RandomStream& stream) {
  const double uniform = boost::random::uniform_01<double>()(stream);
  const double packets = loss.packets(message);
  if (loss.probability <= 0 || uniform <= at_most(0, packets, loss.probability)) {
    return Seconds(0);
  }
  // The least k with (1 - p^(k+1))^n >= uniform.
  const double lost = -std::expm1(std::log(uniform) / packets);
  const double rounds = std::ceil(std::log(lost) / std::log(loss.probability) - 1);
  return loss.time_out * std::max(rounds, 1.0);
}

}  // namespace offcut::network
