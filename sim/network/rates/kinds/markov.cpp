// `markov` is a finite-state Markov channel (Wang and Moayeri, IEEE Transactions on Vehicular
// Technology 44, 1995): the bandwidth stays at a level for an exponential time, and goes on to the
// next lower or higher one, each with the same probability. Levels are relative: their mean over
// time is the link's bandwidth.
//
// The levels of a preset are the means of the quarters of measured bandwidths, over one second each
// and relative to the mean of their trace, and the times are those for which traces stay in these
// quarters. 3g: six HSDPA traces (Riiser et al., MMSys 2013); lte: five LTE traces (van der Hooft
// et al., IEEE Communications Letters 20, 2016); 5g: 121 mmWave traces (Narayanan et al., SIGCOMM
// 2021). wifi is assumed: levels over the factor of 18.65 that Hu et al. (DADS, INFOCOM 2019)
// report of a hotspot, and times of 2 s.

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <stdexcept>

#include "sim/network/rates/random_rates.h"

namespace offcut::network {
namespace {

struct Levels {
  std::vector<double> levels;
  std::vector<double> stays;  // Mean times, in seconds.
};

class Chain final : public RateProcess {
 public:
  explicit Chain(Levels given) : levels_(std::move(given.levels)), stays_(std::move(given.stays)) {
    double all = 0, sum = 0;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      // A level in the middle is entered twice as often as one at an end.
      shares_.push_back(stays_[i] * (i == 0 || i + 1 == levels_.size() ? 1 : 2));
      all += shares_.back();
      sum += shares_.back() * levels_[i];
    }
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      shares_[i] /= all;
      levels_[i] *= all / sum;
    }
  }

  State first(RandomStream& stream) const override {
    double left = boost::random::uniform_01<double>()(stream);
    std::size_t level = 0;
    while (level + 1 < levels_.size() && left >= shares_[level]) {
      left -= shares_[level++];
    }
    return {.phase = level};
  }
  Step next(State& state, RandomStream& stream) const override {
    const std::size_t level = state.phase;
    constexpr double kShortest = 1e-6;  // A step must not be lost to rounding.
    const double lasts = boost::random::exponential_distribution<double>(1 / stays_[level])(stream);
    const bool rises = boost::random::uniform_01<double>()(stream) < 0.5;
    state.phase = level == 0                    ? 1
                  : level + 1 == levels_.size() ? level - 1
                  : rises                       ? level + 1
                                                : level - 1;
    return {lasts + kShortest, levels_[level]};
  }
  double least() const override { return *std::min_element(levels_.begin(), levels_.end()); }
  double most() const override { return *std::max_element(levels_.begin(), levels_.end()); }

 private:
  std::vector<double> levels_, stays_;
  std::vector<double> shares_;  // Of the time, in the long run.
};

Levels preset(const std::string& name) {
  if (name == "3g") {
    return {{0.42, 0.8, 1.12, 1.66}, {6.8, 3.0, 2.8, 5.7}};
  }
  if (name == "5g") {
    return {{0.11, 0.44, 1.23, 2.21}, {4.3, 3.1, 3.5, 6.1}};
  }
  if (name == "wifi") {
    return {{1, 2.65, 7.03, 18.65}, {2, 2, 2, 2}};
  }
  return {{0.34, 0.79, 1.14, 1.73}, {5.7, 2.5, 2.3, 4.7}};
}

std::unique_ptr<const RateModel> make_markov(const Parameters& p) {
  const std::vector<double>& levels = p.list("levels");
  const std::vector<double>& stays = p.list("stays");
  const bool is_own = p.text("preset") == "own";
  if (!is_own) {
    if (!levels.empty() || !stays.empty()) {
      throw std::invalid_argument(std::string(levels.empty() ? "stays" : "levels") +
                                  ": only of the preset 'own'");
    }
    return std::make_unique<RandomRates>(std::make_shared<Chain>(preset(p.text("preset"))));
  }
  if (levels.size() < 2) {
    throw std::invalid_argument("levels: expected at least two");
  }
  if (!std::is_sorted(levels.begin(), levels.end())) {
    throw std::invalid_argument("levels: expected ascending bandwidths");
  }
  if (stays.size() != levels.size()) {
    throw std::invalid_argument("stays: expected a time for each level");
  }
  if (std::none_of(levels.begin(), levels.end(), [](double level) { return level > 0; })) {
    throw std::invalid_argument("levels: expected one above 0");
  }
  return std::make_unique<RandomRates>(std::make_shared<Chain>(Levels{levels, stays}));
}

}  // namespace

void register_markov(Registry<RateKind>& registry) {
  registry.add(
      {.name = "markov",
       .doc = "a Markov chain of levels, each of which stays for an exponential time",
       .parameters = {{.name = "preset",
                       .is_text = true,
                       .one_of = {"lte", "3g", "5g", "wifi", "own"},
                       .doc = "levels and times from measured traces, or `own`"},
                      {.name = "levels",
                       .is_list = true,
                       .most = 1e6,
                       .doc = "of `own`: bandwidths in ascending order, relative to each other"},
                      {.name = "stays",
                       .dimension = Dimension::time,
                       .is_list = true,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "of `own`: the mean time at each level"}},
       .make = make_markov});
}

}  // namespace offcut::network
