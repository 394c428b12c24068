// Random orders, Dirichlet shares, and their apportionment to whole numbers. Gamma variates are
// computed as logarithms, since those of a small shape are below the smallest double.

#include "sim/training/drawing.h"

#include <algorithm>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace offcut::training {

std::vector<std::size_t> random_order(std::size_t count, RandomStream& stream) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = count; i > 1; --i) {
    boost::random::uniform_int_distribution<std::size_t> place(0, i - 1);
    std::swap(order[i - 1], order[place(stream)]);
  }
  return order;
}

std::vector<std::size_t> random_sample(std::size_t count, std::size_t drawn, RandomStream& stream) {
  constexpr std::size_t kFew = 64;  // Numbers that are found faster without a set.
  drawn = std::min(drawn, count);
  std::set<std::size_t> known;
  std::vector<std::size_t> sample;
  const auto is_known = [&](std::size_t number) {
    return drawn <= kFew ? std::find(sample.begin(), sample.end(), number) != sample.end()
                         : known.contains(number);
  };
  for (std::size_t last = count - drawn; last < count; ++last) {
    boost::random::uniform_int_distribution<std::size_t> below(0, last);
    const std::size_t candidate = below(stream);
    sample.push_back(is_known(candidate) ? last : candidate);
    if (drawn > kFew) {
      known.insert(sample.back());
    }
  }
  for (std::size_t i = sample.size(); i > 1; --i) {
    boost::random::uniform_int_distribution<std::size_t> place(0, i - 1);
    std::swap(sample[i - 1], sample[place(stream)]);
  }
  return sample;
}

std::vector<std::size_t> weighted_sample(const std::vector<double>& weights, std::size_t drawn,
                                         RandomStream& stream) {
  std::vector<std::pair<double, std::size_t>> times;  // Exponential with the rate of the weight.
  boost::random::uniform_01<double> uniform;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double unit = -std::log(1 - uniform(stream));
    if (weights[i] > 0) {
      times.emplace_back(unit / weights[i], i);
    }
  }
  drawn = std::min(drawn, times.size());
  std::partial_sort(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(drawn), times.end());
  std::vector<std::size_t> sample;
  for (std::size_t i = 0; i < drawn; ++i) {
    sample.push_back(times[i].second);
  }
  return sample;
}

std::vector<double> dirichlet_shares(const std::vector<double>& concentrations,
                                     RandomStream& stream) {
  // Gamma(a) is Gamma(a + 1) U^(1 / a) (Marsaglia, Tsang, ACM TOMS 26(3), 2000, section 6).
  boost::random::uniform_01<double> uniform;
  std::vector<double> shares;
  for (const double alpha : concentrations) {
    boost::random::gamma_distribution<double> gamma(alpha + 1);
    const double variate = gamma(stream);
    const double log = std::log(variate) + std::log(1 - uniform(stream)) / alpha;
    shares.push_back(alpha > 0 ? log : -std::numeric_limits<double>::infinity());
  }
  const double most = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) {
    share = std::exp(share - most);
    sum += share;
  }
  for (double& share : shares) {
    share /= sum;
  }
  return shares;
}

std::vector<std::size_t> apportioned(const std::vector<double>& shares, std::size_t total) {
  std::vector<std::size_t> counts(shares.size());
  std::vector<double> remainders(shares.size());
  std::size_t given = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double exact = shares[i] * static_cast<double>(total);
    counts[i] = std::min(static_cast<std::size_t>(exact), total - given);
    remainders[i] = exact - static_cast<double>(counts[i]);
    given += counts[i];
  }
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; given < total; ++i, ++given) {
    ++counts[order[i % order.size()]];
  }
  return counts;
}

}  // namespace offcut::training
